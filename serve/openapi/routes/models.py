"""POST and GET /models."""

from serve import errors
from serve.openapi.described import Described
from serve.openapi.errors import Errors, refusals
from serve.openapi.headers import response_headers
from serve.openapi.models import TOKEN
from serve.openapi.reference import Json, ref

_OF_LOADING: Errors = (
    errors.BadModelRequest,
    errors.BadModel,
    errors.ReadTimeout,
    errors.ModelExists,
    errors.BodyTooLarge,
    errors.LoadFailed,
    errors.ModelNotReady,
    errors.Overloaded,
    errors.OutOfMemory,
)
_PAGE = {
    "name": "next_page_token",
    "in": "query",
    "description": "The `nextPageToken` of the page before; none, or an empty one, for the first.",
    "schema": TOKEN,
}


def models(server: Described) -> Json:
    """One more, and those that there are."""
    return {"post": _load(server), "get": _list(server)}


def _load(server: Described) -> Json:
    return {
        "operationId": "loadModel",
        "tags": ["Models"],
        "summary": "Load the artifact in a folder; answered once it is loaded and warm",
        "requestBody": {
            "required": True,
            "description": "Read as JSON, whatever its type is called.",
            "content": {"application/json": {"schema": ref("schemas", "LoadRequest")}},
        },
        "responses": {
            "200": {
                "description": "It can be asked now.",
                "headers": response_headers("X-Request-Id", "Server-Timing"),
                "content": {"application/json": {"schema": ref("schemas", "LoadedModel")}},
            },
            **refusals(server, *_OF_LOADING),
        },
    }


def _list(server: Described) -> Json:
    return {
        "operationId": "listModels",
        "tags": ["Models"],
        "summary": "List the models that are loaded",
        "parameters": [_PAGE],
        "responses": {
            "200": {
                "description": "A page of them.",
                "headers": response_headers("X-Request-Id"),
                "content": {"application/json": {"schema": ref("schemas", "LoadedModels")}},
            },
            **refusals(server, errors.BadModelRequest),
        },
    }
