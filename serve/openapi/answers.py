"""Answers by media type: what each is, and the schemas of those in JSON.

A type that has no line in `_MEANINGS` cannot be told of, and the document cannot be made.
"""

from collections.abc import Mapping

from werkzeug.http import quote_header_value

from serve import media
from serve.openapi import instances
from serve.openapi.described import Described
from serve.openapi.headers import response_headers
from serve.openapi.options import options_of
from serve.openapi.reference import Json, ref
from serve.openapi.summary import summary_schema
from serve.options import fitting

_OVERLAY = "the photo with its classes laid over it"
_MEANINGS: Mapping[str, str] = {
    media.PNG: "indexed PNG of the photo's size; a pixel is a class id",
    media.RECORDIO: "one RecordIO record of class probabilities, [1, C, H, W]",
    media.PROTOBUF: "the same bytes by the name that the sample notebooks use",
    media.PNG_OVERLAY: _OVERLAY,
    media.JPEG_OVERLAY: _OVERLAY,
    media.WEBP_OVERLAY: _OVERLAY,
    media.JPEG: f"another name for {media.JPEG_OVERLAY}",
    media.WEBP: f"another name for {media.WEBP_OVERLAY}",
    media.PNG_MASK: "the layer alone, translucent (RGBA)",
    media.JSON: "classes, shares, mean scores, boxes; to a request in JSON that names no other"
    " type, `MaskBase64`",
    media.NPY: "probabilities, the top k or the mask as a NumPy array",
}

_MASK_BASE64: Json = {
    "type": "object",
    "description": "The Lambda's own answer.",
    "required": ["MaskBase64"],
    "properties": {
        "MaskBase64": {
            "type": "string",
            "contentEncoding": "base64",
            "contentMediaType": media.PNG,
            "description": "The layer alone, RGBA, of the photo's size.",
        }
    },
}
_STORED: Json = {
    "type": "object",
    "description": "What the caller gets where `OutputS3Uri` takes the answer.",
    "required": ["OutputS3Uri", "ContentType", "Bytes"],
    "properties": {
        "OutputS3Uri": {"type": "string"},
        "ContentType": {"enum": sorted({media.registered(name) for name in media.ANSWERS})},
        "Bytes": {"type": "integer", "minimum": 1},
    },
}


def answers(server: Described) -> Json:
    """The 200 to a photo: by type, and what chooses between them."""
    return {
        "description": _description(server),
        "headers": response_headers("X-Request-Id", "Server-Timing"),
        "content": {
            media_type: {"schema": _schema(media_type, server)}
            for media_type in server.task.answers
        },
    }


def answer_schemas(server: Described) -> Json:
    """Those that are JSON, by the names of components."""
    schemas = {"Summary": summary_schema(server), "MaskBase64": _MASK_BASE64}
    if server.task.finds_things:
        schemas = {"Annotations": instances.annotations_schema(server)}
    return schemas | ({"Stored": _STORED} if server.settings.s3_allow else {})


def _schema(media_type: str, server: Described) -> Json:
    if media_type == media.JSON:
        return {"oneOf": [ref("schemas", name) for name in answer_schemas(server)]}
    return {"type": "string", "format": "binary"}


def _default(server: Described) -> str:
    """What the server itself chooses where nothing is asked for, and the options in force then."""
    meant = media.choose(None, server.settings.default_accept, server.task.answers)
    options = fitting(meant.defaults, server.task.kinds)
    parts = [f"{name}={quote_header_value(value)}" for name, value in options.items()]
    return ";".join([meant.media_type, *parts])


def _description(server: Described) -> str:
    rows = ["| type | answer | options |", "| --- | --- | --- |"]
    meanings = instances.ANSWERS if server.task.finds_things else _MEANINGS
    for media_type in server.task.answers:
        named = ", ".join(f"`{name}`" for name in options_of(media_type, server.task))
        rows.append(f"| `{media_type}` | {meanings[media_type]} | {named} |")
    table = "\n".join(rows)
    return (
        "The answer, of the type that Accept prefers. Its parameters are options:"
        f" `{media.JPEG_OVERLAY};alpha=0.4;legend=1`. Absent, empty, `*/*` and `application/*` are"
        f" `{_default(server)}` on this server, `image/*` is `{media.PNG}`."
        f"\n\n{table}"
    )
