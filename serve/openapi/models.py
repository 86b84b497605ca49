"""The JSON of the API for several models, as serve/models_api.py reads and writes it."""

from serve.load_request import ALLOWED_URL, MAX_NAME_CHARACTERS
from serve.models_api import PAGE_MODELS
from serve.openapi.reference import Json, ref

# Between slashes: it begins with no dot, with one and no second, or with two and more after them.
_NO_DOT, _ANY = "[!-\\-0-~]", "[!-.0-~]"
_PART = rf"({_NO_DOT}{_ANY}*|\.{_NO_DOT}{_ANY}*|\.\.{_ANY}+)"

_NAME: Json = {
    "type": "string",
    "description": "Printable ASCII without a space. Slashes are allowed, but no empty part, `.` or"
    " `..` between them.",
    "pattern": f"^{_PART}(/{_PART})*$",
    "maxLength": MAX_NAME_CHARACTERS,
    "examples": ["cats", "pets/cats.tar.gz"],
}
_LOAD_REQUEST: Json = {
    "type": "object",
    "description": "Which model to load, and from where. Other fields are passed over.",
    "required": ["model_name", "url"],
    "properties": {
        "model_name": ref("schemas", "ModelName"),
        "url": {"type": "string", "format": "model-folder", "description": ALLOWED_URL},
    },
}
_LOADED: Json = {
    "type": "object",
    "required": ["modelName", "modelUrl"],
    "properties": {
        "modelName": ref("schemas", "ModelName"),
        "modelUrl": {"type": "string", "description": "As it was written when it was loaded."},
    },
}
TOKEN: Json = {"type": "string", "pattern": "^([0-7][0-9a-f])*$"}
"""Of a page of models; one that an answer gave."""


def model_schemas() -> Json:
    """By the names of components."""
    return {
        "ModelName": _NAME,
        "LoadRequest": _LOAD_REQUEST,
        "LoadedModel": _LOADED,
        "LoadedModels": _page(),
    }


def _page() -> Json:
    return {
        "type": "object",
        "required": ["models"],
        "properties": {
            "models": {
                "type": "array",
                "items": ref("schemas", "LoadedModel"),
                "maxItems": PAGE_MODELS,
                "description": "By name.",
            },
            "nextPageToken": TOKEN | {"description": "Where there are more."},
        },
    }
