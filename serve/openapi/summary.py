"""The answer `application/json`, as serve/answers/summary.py writes it."""

from model.engines.engine import PRECISIONS
from serve.labels import Labels
from serve.openapi.described import Described, most_classes
from serve.openapi.reference import Json

_COUNT = {"type": "integer", "minimum": 0}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SIDE = {"type": "integer", "minimum": 1}
_POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


def summary_schema(server: Described) -> Json:
    """Classes found, the largest first; with `class`, those asked for, found or not."""
    properties = {
        "height": _SIDE,
        "width": _SIDE,
        "classes": {"type": "array", "items": _class(server)},
        "engine": {"type": "string", "description": f"{', '.join(PRECISIONS)}."},
        "precision": {"type": "string", "description": "What the network ran in."},
        "timing_ms": {
            "type": "object",
            "description": "Milliseconds by stage.",
            "additionalProperties": {"type": "number", "minimum": 0},
        },
    }
    return {"type": "object", "required": [*properties], "properties": properties}


def _class(server: Described) -> Json:
    always = {
        "id": {"type": "integer", "minimum": 0, "maximum": most_classes(server.labels) - 1},
        "name": _name(server.labels),
        "pixels": _COUNT,
        "share": _SHARE | {"description": "Of the photo's pixels."},
        "mean_score": {
            "anyOf": [_SHARE, {"type": "null"}],
            "description": "Mean probability where the class wins; null where it does nowhere.",
        },
        "box": {
            "anyOf": [
                {"type": "array", "items": _COUNT, "minItems": 4, "maxItems": 4},
                {"type": "null"},
            ],
            "description": "x, y, width, height.",
        },
    }
    asked_for = {"rle": _RLE, "polygons": _POLYGONS}
    return {"type": "object", "required": [*always], "properties": always | asked_for}


def _name(labels: Labels | None) -> Json:
    return {"type": "string"} if labels is None else {"enum": [*dict.fromkeys(labels.names)]}


_RLE: Json = {
    "type": "object",
    "description": "With `regions=rle`: COCO's compressed run lengths, column by column.",
    "required": ["size", "counts"],
    "properties": {
        "size": {"type": "array", "items": _SIDE, "minItems": 2, "maxItems": 2},
        "counts": {"type": "string"},
    },
}
_POLYGONS: Json = {
    "type": "array",
    "description": "With `regions=polygons`: one a connected part, each a list of rings of [x, y]"
    " in pixels, its outline first, then its holes.",
    "items": {"type": "array", "items": {"type": "array", "items": _POINT}},
}
