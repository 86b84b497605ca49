"""All pieces together: OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1)."""

from collections.abc import Iterable

from serve.openapi.answers import answer_schemas
from serve.openapi.described import Described, has_many
from serve.openapi.errors import error_examples, error_schemas
from serve.openapi.headers import PARAMETERS, RESPONSE
from serve.openapi.info import info
from serve.openapi.json_request import json_request_schema
from serve.openapi.limits import limits
from serve.openapi.models import model_schemas
from serve.openapi.options import colormap_schema, options_schema
from serve.openapi.reference import Json
from serve.openapi.routes import routes_of


def document(server: Described, paths: Iterable[str]) -> Json:
    """Describe a server.

    Args:
        server: what answers.
        paths: those it has; only they are described.

    Raises:
        KeyError: there is no description of one.
    """
    told = routes_of(server)
    return {
        "openapi": "3.1.1",
        "info": info(server),
        "servers": [{"url": "./"}],
        "paths": {path: told[path](server) for path in paths},
        "components": {
            "schemas": {
                "JsonRequest": json_request_schema(server),
                "Options": options_schema(server),
                "Colormap": colormap_schema(),
                **answer_schemas(server),
                **(model_schemas() if has_many(server) else {}),
                **error_schemas(server),
            },
            "examples": error_examples(server),
            "parameters": PARAMETERS,
            "headers": RESPONSE,
        },
        "x-limits": limits(server),
    }
