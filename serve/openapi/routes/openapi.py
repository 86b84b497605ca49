"""GET /openapi.json."""

from serve.openapi.described import Described
from serve.openapi.errors import refusals
from serve.openapi.headers import response_headers
from serve.openapi.reference import Json


def openapi(server: Described) -> Json:
    """The document itself."""
    schema = {
        "type": "object",
        "required": ["openapi", "info", "paths"],
        "properties": {"openapi": {"type": "string", "pattern": r"^3\.1\."}},
    }
    return {
        "get": {
            "operationId": "openapi",
            "tags": ["Server"],
            "summary": "This document",
            "responses": {
                "200": {
                    "description": "OpenAPI 3.1.",
                    "headers": response_headers("X-Request-Id"),
                    "content": {"application/json": {"schema": schema}},
                },
                **refusals(server),
            },
        }
    }
