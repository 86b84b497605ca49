"""A request in JSON, as apps wrote it for the Lambda: bytes → what is wanted, each field judged.

    {"ImageBase64": "..." | "ImageS3Uri": "s3://bucket/key",
     "TargetClassId": 14, "Alpha": 0.8, "Probabilistic": false,
     "MaskColor": [0, 1, 1], "MaskColorMap": "jet|dynamic|0|20",
     "Accept": "image/png-overlay", "Options": {"legend": true}, "OutputS3Uri": "s3://bucket/key"}

The last line is ours, the others are the Lambda's. Fields of other names are passed over, as the
Lambda did, and null is the same as nothing. Pure; whether an object may be read or written is
decided elsewhere. docs/lambda.md is the page for callers.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from serve.errors import BadJson, BadOption
from serve.options import KINDS, Color, Colormap, Options
from serve.s3_uri import ALLOWED_URI, S3Uri

MAX_VALUES = 10_000  # of many small ones each takes some thirty times its text in memory
MAX_CHARACTERS = 8_000  # of any text but the photo's: about what a header may have
_IN_PARTS = frozenset({"class", "color"})
_DATA_URI = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)

_OPTION_OF = {
    "TargetClassId": "class_",
    "Alpha": "alpha",
    "Probabilistic": "probabilistic",
    "MaskColor": "color",
    "MaskColorMap": "colormap",
}
"""The Lambda's fields, and what `Options` calls them."""


@dataclass(frozen=True)
class JsonRequest:
    """What a request in JSON wants."""

    image: bytes | S3Uri
    """The photo, or where it is; not looked at yet."""
    output: S3Uri | None
    """Where the answer is to be put."""
    accept: str | None
    """In the form of an Accept header."""
    options: Mapping[str, str]
    """`Options`, as parse_options reads them."""
    fields: Mapping[str, Any]
    """What the Lambda's own fields say, by the names of `serve.options.Options`."""

    def over(self, options: Options) -> Options:
        """The options with the Lambda's fields over them."""
        return replace(options, **self.fields)


@dataclass(frozen=True)
class _Kind:
    """How a field is read; `parse` raises ValueError on anything else."""

    allowed: str
    parse: Callable[[Any], Any]


def parse_json(body: bytes, *, classes: int) -> JsonRequest:
    """Read a request.

    Args:
        body: JSON in UTF-8 (UTF-16 and 32 are understood).
        classes: how many the model has.

    Raises:
        BadJson: no JSON object, or no photo in it.
        BadOption: a field's value cannot be used.
    """
    given = _object_in(body)
    kinds = field_kinds(classes)
    read = {name: _read(name, given[name], kind) for name, kind in kinds.items() if name in given}
    return JsonRequest(
        image=_image(given, read),
        output=read.get("OutputS3Uri"),
        accept=read.get("Accept"),
        options=read.get("Options", {}),
        fields={option: read[name] for name, option in _OPTION_OF.items() if name in read},
    )


def field_kinds(classes: int) -> Mapping[str, _Kind]:
    """By name, every field but ImageBase64."""
    return {
        "ImageS3Uri": _Kind(ALLOWED_URI, _uri),
        "OutputS3Uri": _Kind(ALLOWED_URI, _uri),
        "TargetClassId": _Kind(f"whole number, 0 to {classes - 1}", partial(_class_id, classes)),
        "Alpha": _Kind("a number from 0 to 1", _fraction),
        "Probabilistic": _Kind("true or false", _flag),
        "MaskColor": _Kind("three numbers from 0 to 1: [red, green, blue]", _color),
        "MaskColorMap": _Kind(KINDS["colormap"].allowed, _colormap),
        "Accept": _Kind("a text like an Accept header", _text),
        "Options": _Kind("an object of texts, numbers, true or false, by option", _options),
    }


def _object_in(body: bytes) -> dict[str, Any]:
    """Fields that are neither null nor an empty URI."""
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise BadJson(reason=f"it has more than {MAX_VALUES} values")
    try:
        found = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as err:
        raise BadJson(reason="it is no JSON") from err
    if not isinstance(found, dict):
        raise BadJson(reason="it is no object")
    empty = {name for name in ("ImageS3Uri", "OutputS3Uri", "Accept") if found.get(name) == ""}
    return {name: value for name, value in found.items() if value is not None and name not in empty}


def _refuse_constant(_name: str) -> None:
    raise ValueError  # NaN and Infinity are Python's, not JSON's


def _image(given: Mapping[str, Any], read: Mapping[str, Any]) -> bytes | S3Uri:
    """The photo itself where both are given, as in the Lambda."""
    if given.get("ImageBase64", "") != "":
        return _decoded(given["ImageBase64"])
    if "ImageS3Uri" not in read:
        raise BadJson(reason="it has neither ImageBase64 nor ImageS3Uri")
    uri: S3Uri = read["ImageS3Uri"]
    return uri


def _decoded(text: object) -> bytes:
    """Base64, strictly; white space, and what browsers put before it, may be there."""
    try:
        joined = "".join(text.split()) if isinstance(text, str) else "no text"
        head = _DATA_URI.match(joined)
        return base64.b64decode(joined[head.end() :] if head else joined, validate=True)
    except ValueError as err:  # said without the value, which may be the photo
        raise BadJson(reason="ImageBase64 is no base64") from err


def _read(name: str, value: Any, kind: _Kind) -> Any:
    try:
        return kind.parse(value)
    except ValueError as err:
        shown = value if isinstance(value, str) else json.dumps(value)
        raise BadOption(option=name, value=shown[:MAX_CHARACTERS], allowed=kind.allowed) from err


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        raise ValueError
    return value


def _uri(value: object) -> S3Uri:
    return S3Uri.parse(_text(value))


def _class_id(classes: int, value: object) -> tuple[str]:
    """A whole number, or its digits: "14" was a mask of nothing in the Lambda."""
    digits = value if isinstance(value, str) else _number_text(value)
    if not re.fullmatch("[0-9]{1,9}", digits) or int(digits) >= classes:
        raise ValueError
    return (str(int(digits)),)


def _fraction(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _flag(value: object) -> bool:
    """True, false, or a word for them: "false" was true in the Lambda."""
    return bool(KINDS["probabilistic"].parse(_option_text(value).strip()))


def _color(value: object) -> Color:
    """Fractions → bytes, without their decimals."""
    if not isinstance(value, list):
        raise ValueError  # one answer to all that is no colour
    red, green, blue = (int(255 * _fraction(part)) for part in value)
    return red, green, blue


def _colormap(value: object) -> Colormap | None:
    """Empty for none, whatever SEG_OPTIONS says."""
    text = _text(value).strip()
    colormap: Colormap | None = KINDS["colormap"].parse(text) if text else None
    return colormap


def _options(value: object) -> Mapping[str, str]:
    """By name; a list is its parts with commas between, null is nothing."""
    if not isinstance(value, dict):
        raise ValueError  # as above
    given = {name: part for name, part in value.items() if part is not None}
    return {name: _parts_text(name, part) for name, part in given.items()}


def _parts_text(name: str, value: object) -> str:
    """A list is for those options alone that have parts: a number in a list is no number."""
    if isinstance(value, list) and name.lower() in _IN_PARTS:
        return ",".join(map(_option_text, value))
    return _option_text(value)


def _option_text(value: object) -> str:
    """As it would stand in a header; no number is true, and true is no number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else _number_text(value)


def _number_text(value: object) -> str:
    """All its digits, without an exponent."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON has one kind of number
    return f"{Decimal(repr(value)):f}"
