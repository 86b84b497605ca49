"""A request in JSON, as serve/json_request.py reads it and docs/lambda.md tells of it.

A field that is not described here cannot be told of, and the document cannot be made.
"""

import re
from collections.abc import Mapping
from typing import Any

from serve import media
from serve.json_fields import MAX_CHARACTERS
from serve.json_request import field_kinds
from serve.openapi import instances
from serve.openapi.described import Described, most_classes
from serve.openapi.options import class_id, flag, option_schema, set_options
from serve.openapi.reference import Json, nullable, ref
from serve.s3_uri import S3Pattern

_FRACTION = {"type": "number", "minimum": 0, "maximum": 1}
_THREE = {"type": "array", "items": _FRACTION, "minItems": 3, "maxItems": 3}
_PHOTO = {
    "type": "string",
    "contentEncoding": "base64",
    "format": "byte",
    "minLength": 1,
    "description": "The photo's bytes in standard base64; white space, and"
    " `data:image/...;base64,` before it, may be there.",
}
_COLORMAP = {"anyOf": [ref("schemas", "Colormap"), {"const": ""}]}
_DEFAULTS: Mapping[str, tuple[str, Any]] = {
    "TargetClassId": ("class", 0),
    "Alpha": ("alpha", 1),
    "Probabilistic": ("probabilistic", False),
    "MaskColor": ("color", [0, 1, 1]),
}
"""The option that a field is, and the Lambda's default."""
_OF_S3 = ("ImageS3Uri", "OutputS3Uri")
_NO_S3 = (
    " `ImageS3Uri` and `OutputS3Uri` are refused with `s3-not-allowed`: this server's SEG_S3_ALLOW"
    " lists no objects."
)


def json_request_schema(server: Described) -> Json:
    """An object with a photo in it, or, where S3 is on, with the place of one."""
    is_on = bool(server.settings.s3_allow)
    if server.task.finds_things:
        return _of_things(server, is_on=is_on)
    names = [name for name in field_kinds(1) if is_on or name not in _OF_S3]
    words = "As the rendering Lambda was asked, and more. Fields of other names are passed over;"
    words += " null is the same as nothing."
    return {
        "type": "object",
        "description": words if is_on else words + _NO_S3,
        **(_either("ImageBase64") if is_on else {"required": ["ImageBase64"]}),
        "properties": {
            "ImageBase64": nullable(_PHOTO) if is_on else _PHOTO,
            **{name: _field(name, server) for name in names},
        },
    }


def _of_things(server: Described, *, is_on: bool) -> Json:
    """The containers' request, with every option as a field."""
    schemas = _schemas(server)
    words = "As the Mask R-CNN containers were asked, and more. Fields of other names are passed"
    words += " over; null is the same as nothing."
    named = {name: nullable(schemas[name]) for name in (*_OF_S3, "Accept")[0 if is_on else 2 :]}
    return {
        "type": "object",
        "description": words if is_on else words + _NO_S3,
        "required": ["img_id"] if is_on else ["img_id", "img_data"],
        **(_either("img_data") if is_on else {}),
        "properties": {
            "img_id": instances.IMG_ID,
            "img_data": nullable(_PHOTO) if is_on else _PHOTO,
            **{name: option_schema(name, server) for name in server.task.kinds},
            **named,
        },
    }


def _either(photo: str) -> Json:
    """One of the two photos must be there."""
    return {
        "anyOf": [
            {"required": [name], "properties": {name: {"type": "string", "minLength": 1}}}
            for name in (photo, "ImageS3Uri")
        ]
    }


def _field(name: str, server: Described) -> Json:
    kind = field_kinds(most_classes(server.labels))[name]
    schema = {"description": kind.allowed, **nullable(_schemas(server)[name])}
    return schema | _default(name, set_options(server))


def _default(name: str, chosen: Mapping[str, str]) -> Json:
    """What the Lambda did, unless SEG_OPTIONS says otherwise; its values are Options' defaults."""
    option, default = _DEFAULTS.get(name, ("", None))
    return {} if default is None or option in chosen else {"default": default}


def _schemas(server: Described) -> Mapping[str, Json]:
    uri = _uri(server.settings.s3_allow)
    return {
        "ImageS3Uri": uri,
        "OutputS3Uri": uri,
        "TargetClassId": class_id(server.labels),
        "Alpha": _FRACTION,
        "Probabilistic": flag(),
        "MaskColor": _THREE,
        "MaskColorMap": _COLORMAP,
        "Accept": _accept(),
        "Options": ref("schemas", "Options"),
    }


def _accept() -> Json:
    examples = [media.PNG, f"{media.JPEG_OVERLAY};alpha=0.4;legend=1", media.JSON]
    return {
        "type": "string",
        "format": "accept",
        "maxLength": MAX_CHARACTERS,
        "examples": examples,
    }


def _uri(allowed: tuple[S3Pattern, ...]) -> Json:
    """An object that SEG_S3_ALLOW lists; empty is nothing."""
    listed = "|".join(
        re.escape(f"{pattern.bucket}/{pattern.key}") + (".*" if pattern.is_prefix else "")
        for pattern in allowed
    )
    return {"type": "string", "pattern": f"^([sS]3://({listed}))?$", "maxLength": MAX_CHARACTERS}
