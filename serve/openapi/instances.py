"""What is said of networks that find things one by one, where it differs from the others.

An option or a type that has no line here cannot be told of, and the document cannot be made.
"""

from collections.abc import Mapping
from typing import Any

from serve import media
from serve.instances.answers import INSTANCE_ANSWERS
from serve.instances.choice import MASK_THRESHOLD, SCORE_THRESHOLD
from serve.json_fields import MAX_CHARACTERS
from serve.openapi.described import Described
from serve.openapi.reference import Json

_OVERLAYS = (media.PNG_OVERLAY, media.JPEG_OVERLAY, media.WEBP_OVERLAY, media.JPEG, media.WEBP)
_PICTURES = (*_OVERLAYS, media.PNG_MASK)
_LOSSY = tuple(name for name in _OVERLAYS if media.registered(name) != media.PNG)
_ALL = tuple(INSTANCE_ANSWERS)
_OVERLAY = "the photo with its things laid over it: pixels, edges, boxes, names, scores"

TITLE = "Instance segmentation"
WHAT = (
    "Takes a photo, answers which things are in it, one by one: in JSON, as pictures to look at, as"
    " a mask of numbers."
)
SUMMARY = "Answer which things are in a photo, and where"

ANSWERS: Mapping[str, str] = {
    media.JSON: "boxes, categories and run lengths, one a thing, the surest first",
    media.PNG_OVERLAY: _OVERLAY,
    media.JPEG_OVERLAY: _OVERLAY,
    media.WEBP_OVERLAY: _OVERLAY,
    media.JPEG: f"another name for {media.JPEG_OVERLAY}",
    media.WEBP: f"another name for {media.WEBP_OVERLAY}",
    media.PNG_MASK: "the layer alone (RGBA)",
    media.PNG: "indexed PNG of the photo's size; a pixel is a thing's number, 0 for none",
    media.NPY: "boxes, scores and categories, or the numbers of the PNG, as a NumPy array",
}

OPTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "class": ("only these classes, by category_id or by name in any case", _ALL),
    "score_threshold": ("only things whose score is as high, or higher", _ALL),
    "mask_threshold": ("of a thing are the pixels whose probability is as high, or higher", _ALL),
    "orientation": ("whether the answer matches the photo as EXIF says to show it", _ALL),
    "scores": (
        "whether scores are told: not in JSON, but in pictures, by default",
        (media.JSON, *_PICTURES),
    ),
    "boxes": ("whole numbers without their decimals, or two decimals", (media.JSON,)),
    "ids": (
        "category_id, also in `class`: 1, 2, ... or COCO's own, where the classes are COCO's",
        (media.JSON, media.NPY),
    ),
    "regions": (
        "a thing's pixels: run lengths row by row; COCO's, compressed; polygons; or none",
        (media.JSON,),
    ),
    "labels": (
        "boxes and names; by default over the photo, and not in the layer alone",
        _PICTURES,
    ),
    "alpha": ("opacity; by default 0.5 over the photo, 1 for the layer alone", _PICTURES),
    "color": ("one colour for all that is drawn; one a thing by default", _PICTURES),
    "palette": ("colours by class; gray for image/png, else the model's", (media.PNG, *_PICTURES)),
    "outline": ("pixels of edge in full colour; as suits the photo by default", _PICTURES),
    "legend": ("names and colours on the right", _OVERLAYS),
    "quality": ("of JPEG and WebP; 90 and 85 by default", _LOSSY),
    "array": ("which array", (media.NPY,)),
}

DEFAULTS: Mapping[str, Any] = {
    "score_threshold": SCORE_THRESHOLD,
    "mask_threshold": MASK_THRESHOLD,
    "boxes": "int",
    "ids": "contiguous",
    "regions": "rows",
    "array": "boxes",
    "orientation": "shown",
    "legend": False,
}

IMG_ID: Json = {
    "description": "What the photo is called; the answer says it, as a text.",
    "anyOf": [{"type": "string", "maxLength": MAX_CHARACTERS}, {"type": "number"}],
}

_NUMBERS: Json = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
_COUNTS: Json = {
    "anyOf": [{"type": "array", "items": {"type": "integer", "minimum": 0}}, {"type": "string"}],
    "description": "Row by row, outside first; with `regions=rle` COCO's text, column by column.",
}
_SIZE: Json = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1},
    "minItems": 2,
    "maxItems": 2,
    "description": "Height, width.",
}


def annotations_schema(server: Described) -> Json:
    """The answer in JSON."""
    annotation = {
        "type": "object",
        "required": ["bbox", "category_id", "category_name"],
        "properties": {
            "bbox": {**_NUMBERS, "description": "x, y, width, height."},
            "category_id": {"type": "integer", "minimum": 1},
            "category_name": _name(server),
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "segmentation": {
                "type": "object",
                "required": ["counts", "size"],
                "properties": {"counts": _COUNTS, "size": _SIZE},
            },
            "polygons": {"type": "array", "description": "With `regions=polygons`."},
        },
    }
    return {
        "type": "object",
        "required": ["annotations"],
        "properties": {
            "img_id": {"type": "string", "description": "The request's."},
            "annotations": {"type": "array", "items": annotation},
        },
    }


def _name(server: Described) -> Json:
    labels = server.labels
    return {"enum": [*dict.fromkeys(labels.names)]} if labels else {"type": "string"}
