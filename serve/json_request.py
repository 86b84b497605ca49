"""A request in JSON, as apps wrote it for the Lambda: bytes → what is wanted, each field judged.

    {"ImageBase64": "..." | "ImageS3Uri": "s3://bucket/key",
     "TargetClassId": 14, "Alpha": 0.8, "Probabilistic": false,
     "MaskColor": [0, 1, 1], "MaskColorMap": "jet|dynamic|0|20",
     "Accept": "image/png-overlay", "Options": {"legend": true}, "OutputS3Uri": "s3://bucket/key"}

The last line is ours, the others are the Lambda's. Fields of other names are passed over, as the
Lambda did, and null is the same as nothing. docs/lambda.md is the page for callers.
"""

import re
from collections.abc import Mapping
from functools import partial

from serve.json_fields import (
    COMMON,
    JsonKind,
    JsonRequest,
    number_text,
    object_in,
    option_text,
    parts_text,
    photo_in,
    read_fields,
    text,
)
from serve.options import KINDS, Color, Colormap

_OPTION_OF = {
    "TargetClassId": "class_",
    "Alpha": "alpha",
    "Probabilistic": "probabilistic",
    "MaskColor": "color",
    "MaskColorMap": "colormap",
}
"""The Lambda's fields, and what `Options` calls them."""


def parse_json(body: bytes, *, classes: int) -> JsonRequest:
    """Read a request.

    Args:
        body: JSON in UTF-8 (UTF-16 and 32 are understood).
        classes: how many the model has.

    Raises:
        BadJson: no JSON object, or no photo in it.
        BadOption: a field's value cannot be used.
    """
    given = object_in(body, "ImageBase64")
    read = read_fields(given, field_kinds(classes))
    return JsonRequest(
        image=photo_in(given, "ImageBase64", read.get("ImageS3Uri")),
        output=read.get("OutputS3Uri"),
        accept=read.get("Accept"),
        options=read.get("Options", {}),
        fields={option: read[name] for name, option in _OPTION_OF.items() if name in read},
    )


def field_kinds(classes: int) -> Mapping[str, JsonKind]:
    """By name, every field but ImageBase64."""
    return {
        **COMMON,
        "TargetClassId": JsonKind(f"whole number, 0 to {classes - 1}", partial(_class_id, classes)),
        "Alpha": JsonKind("a number from 0 to 1", _fraction),
        "Probabilistic": JsonKind("true or false", _flag),
        "MaskColor": JsonKind("three numbers from 0 to 1: [red, green, blue]", _color),
        "MaskColorMap": JsonKind(KINDS["colormap"].allowed, _colormap),
        "Options": JsonKind("an object of texts, numbers, true or false, by option", _options),
    }


def _class_id(classes: int, value: object) -> tuple[str]:
    """A whole number, or its digits: "14" was a mask of nothing in the Lambda."""
    digits = value if isinstance(value, str) else number_text(value)
    if not re.fullmatch("[0-9]{1,9}", digits) or int(digits) >= classes:
        raise ValueError
    return (str(int(digits)),)


def _fraction(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _flag(value: object) -> bool:
    """True, false, or a word for them: "false" was true in the Lambda."""
    return bool(KINDS["probabilistic"].parse(option_text(value).strip()))


def _color(value: object) -> Color:
    """Fractions → bytes, without their decimals."""
    if not isinstance(value, list):
        raise ValueError  # one answer to all that is no colour
    red, green, blue = (int(255 * _fraction(part)) for part in value)
    return red, green, blue


def _colormap(value: object) -> Colormap | None:
    """Empty for none, whatever SEG_OPTIONS says."""
    given = text(value).strip()
    colormap: Colormap | None = KINDS["colormap"].parse(given) if given else None
    return colormap


def _options(value: object) -> Mapping[str, str]:
    """By name; a list is its parts with commas between, null is nothing."""
    if not isinstance(value, dict):
        raise ValueError  # as above
    return {name: parts_text(name, part) for name, part in value.items() if part is not None}
