"""All pieces together: OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1)."""

from collections.abc import Iterable

from serve.invoke import Service
from serve.openapi.answers import answer_schemas
from serve.openapi.errors import error_examples, error_schemas
from serve.openapi.headers import PARAMETERS, RESPONSE
from serve.openapi.info import info
from serve.openapi.json_request import json_request_schema
from serve.openapi.limits import limits
from serve.openapi.options import colormap_schema, options_schema
from serve.openapi.reference import Json
from serve.openapi.routes import ROUTES


def document(service: Service, paths: Iterable[str]) -> Json:
    """Describe a server.

    Args:
        service: what answers.
        paths: those it has; only they are described.

    Raises:
        KeyError: there is no description of one.
    """
    return {
        "openapi": "3.1.1",
        "info": info(service),
        "servers": [{"url": "./"}],
        "paths": {path: ROUTES[path](service) for path in paths},
        "components": {
            "schemas": {
                "JsonRequest": json_request_schema(service),
                "Options": options_schema(service),
                "Colormap": colormap_schema(),
                **answer_schemas(service),
                **error_schemas(service),
            },
            "examples": error_examples(service),
            "parameters": PARAMETERS,
            "headers": RESPONSE,
        },
        "x-limits": limits(service),
    }
