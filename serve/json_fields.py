"""What requests in JSON have in common: bytes → fields, each judged, and the photo.

Fields of names that nobody knows are passed over, and null is the same as nothing. Pure; whether an
object may be read or written is decided elsewhere.
"""

import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from serve.errors import BadJson, BadOption
from serve.options import Options
from serve.s3_uri import ALLOWED_URI, S3Uri

MAX_VALUES = 10_000  # of many small ones each takes some thirty times its text in memory
MAX_CHARACTERS = 8_000  # of any text but the photo's: about what a header may have
_PHOTO_URI = "ImageS3Uri"
_IN_PARTS = frozenset({"class", "color"})
_DATA_URI = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)


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
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What the Lambda's own fields say, by the names of `serve.options.Options`."""
    img_id: str | None = None
    """What the photo is called, to be said in the answer."""

    def over(self, options: Options) -> Options:
        """The options with the Lambda's fields over them."""
        return replace(options, **self.fields)


@dataclass(frozen=True)
class JsonKind:
    """How a field is read; `parse` raises ValueError on anything else."""

    allowed: str
    parse: Callable[[Any], Any]


def object_in(body: bytes, photo: str) -> dict[str, Any]:
    """Fields that are neither null nor, where there may be none, empty.

    Beside a photo, under the name `photo`, ImageS3Uri counts for nothing.

    Raises:
        BadJson: the body is no JSON object, or one of too many values.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise BadJson(reason=f"it has more than {MAX_VALUES} values")
    try:
        found = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as err:
        raise BadJson(reason="it is no JSON") from err
    if not isinstance(found, dict):
        raise BadJson(reason="it is no object")
    passed_over = {name for name in COMMON if found.get(name) == ""}
    if found.get(photo) not in (None, ""):
        passed_over.add(_PHOTO_URI)
    return {
        name: value
        for name, value in found.items()
        if value is not None and name not in passed_over
    }


def read_fields(given: Mapping[str, Any], kinds: Mapping[str, JsonKind]) -> dict[str, Any]:
    """By name, what the fields say that are of these kinds.

    Raises:
        BadOption: a value cannot be used.
    """
    return {name: _read(name, given[name], kind) for name, kind in kinds.items() if name in given}


def photo_in(given: Mapping[str, Any], name: str, uri: S3Uri | None) -> bytes | S3Uri:
    """The photo itself, in base64 under a name, before where it is; one of them is needed.

    Raises:
        BadJson: there is neither, or what there is is no base64.
    """
    if given.get(name, "") != "":
        return _decoded(name, given[name])
    if uri is None:
        raise BadJson(reason=f"it has neither {name} nor ImageS3Uri")
    return uri


class _TooLongError(ValueError):
    """A text has more than `MAX_CHARACTERS`."""


def text(value: object) -> str:
    """A text, not too long; JSON can also say half a surrogate pair, which is none."""
    if not isinstance(value, str):
        raise ValueError
    if len(value) > MAX_CHARACTERS:
        raise _TooLongError
    value.encode()  # its error is a ValueError
    return value


def option_text(value: object) -> str:
    """A value as it would stand in a header; no number is true, and true is no number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value) if isinstance(value, str) else number_text(value)


def parts_text(name: str, value: object) -> str:
    """The same; a list is for those options alone that have parts.

    A number in a list is no number.
    """
    if isinstance(value, list) and name.lower() in _IN_PARTS:
        return ",".join(map(option_text, value))
    return option_text(value)


def number_text(value: object) -> str:
    """All its digits, without an exponent."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) == math.inf:
        raise ValueError  # 1e400 is read as infinite
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON has one kind of number
    return f"{Decimal(repr(value)):f}"


def _uri(value: object) -> S3Uri:
    return S3Uri.parse(text(value))


def _refuse_constant(_name: str) -> None:
    raise ValueError  # NaN and Infinity are Python's, not JSON's


def _decoded(name: str, value: object) -> bytes:
    """Base64, strictly; white space, and what browsers put before it, may be there."""
    try:
        joined = "".join(value.split()) if isinstance(value, str) else "no text"
        head = _DATA_URI.match(joined)
        return base64.b64decode(joined[head.end() :] if head else joined, validate=True)
    except ValueError as err:  # said without the value, which may be the photo
        raise BadJson(reason=f"{name} is no base64") from err


def _read(name: str, value: Any, kind: JsonKind) -> Any:
    try:
        return kind.parse(value)
    except ValueError as err:
        shown = value if isinstance(value, str) else json.dumps(value)
        allowed = kind.allowed
        if isinstance(err, _TooLongError):
            allowed += f"; a text has at most {MAX_CHARACTERS} characters"
        raise BadOption(option=name, value=shown[:MAX_CHARACTERS], allowed=allowed) from err


COMMON = {
    "ImageS3Uri": JsonKind(ALLOWED_URI, _uri),
    "OutputS3Uri": JsonKind(ALLOWED_URI, _uri),
    "Accept": JsonKind("a text like an Accept header", text),
}
"""Fields that any request may have."""
