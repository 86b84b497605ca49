"""Bodies that are taken: a photo by any of its names, or a request in JSON."""

import base64

import numpy as np

from serve import media
from serve.decode import FORMATS
from serve.encode.png import encode_png
from serve.openapi.described import Described
from serve.openapi.reference import Json, ref

_TINY = base64.b64encode(encode_png(np.full((2, 2, 3), 127, np.uint8))).decode()
"""A photo that is short enough to be read."""

# To OpenAPI this is a form with fields, and clients made from the document would send one.
_FORM = "application/x-www-form-urlencoded"


def request_body(server: Described) -> Json:
    """A POST's; the bytes decide what a photo is, not its label."""
    size = {"type": "string", "format": "binary", "maxLength": server.settings.max_body_bytes}
    names = (*media.PHOTOS, *sorted(media.ALSO_PHOTOS - {_FORM}))
    in_json = {"schema": ref("schemas", "JsonRequest"), "examples": _examples(server)}
    return {
        "required": True,
        "description": f"One photo: {', '.join(FORMATS)}. The bytes decide which; no Content-Type"
        f" at all will do, and so will curl's `{_FORM}`. Or JSON that has the photo, or says where"
        " it is.",
        "content": {**{name: {"schema": size} for name in names}, media.JSON: in_json},
    }


def _examples(server: Described) -> Json:
    if server.task.finds_things:
        value = {"img_id": "photo.png", "img_data": _TINY, "score_threshold": 0.8}
        return {"containers": {"summary": "As the containers were asked", "value": value}}
    return {
        "lambda": {
            "summary": "As the rendering Lambda was asked",
            "value": {"ImageBase64": _TINY, "TargetClassId": 0, "Alpha": 0.8},
        },
        "summary": {
            "summary": "Which classes there are, and where",
            "value": {"ImageBase64": _TINY, "Accept": media.JSON, "Options": {"regions": "rle"}},
        },
    }
