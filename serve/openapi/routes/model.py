"""GET and DELETE /models/{name}, and POST /models/{name}/invoke."""

from serve import errors
from serve.openapi.answers import answers
from serve.openapi.described import Described
from serve.openapi.errors import Errors, of_photos, refusals
from serve.openapi.headers import parameters, response_headers
from serve.openapi.photos import request_body
from serve.openapi.reference import Json, ref

_NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Of a model that is loaded. Its slashes may stand as they are, or as %2F.",
    "schema": ref("schemas", "ModelName"),
}
_OF_NAMES: Errors = (errors.NotFound, errors.ModelNotFound)
"""A name that none can have is no path."""


def model(server: Described) -> Json:
    """Which it is, and the end of it."""
    return {"get": _get(server), "delete": _unload(server)}


def invoke_model(server: Described) -> Json:
    """A photo in, the model's answer out."""
    kinds = (*of_photos(server), *_OF_NAMES, errors.OutOfMemory)
    return {
        "post": {
            "operationId": "invokeModel",
            "tags": ["Models"],
            "summary": "Answer which pixel of a photo is of which of the model's classes",
            "parameters": [_NAME, *parameters()],
            "requestBody": request_body(server),
            "responses": {"200": answers(server), **refusals(server, *kinds)},
        }
    }


def _get(server: Described) -> Json:
    return {
        "operationId": "getModel",
        "tags": ["Models"],
        "summary": "Where a model was loaded from",
        "parameters": [_NAME],
        "responses": {
            "200": {
                "description": "It is loaded.",
                "headers": response_headers("X-Request-Id"),
                "content": {"application/json": {"schema": ref("schemas", "LoadedModel")}},
            },
            **refusals(server, *_OF_NAMES),
        },
    }


def _unload(server: Described) -> Json:
    return {
        "operationId": "unloadModel",
        "tags": ["Models"],
        "summary": "Unload a model; answered once its last answer has gone",
        "parameters": [_NAME],
        "responses": {
            "200": {
                "description": "It is gone, and its memory is free.",
                "headers": response_headers("X-Request-Id"),
            },
            **refusals(server, *_OF_NAMES, errors.ModelNotReady),
        },
    }
