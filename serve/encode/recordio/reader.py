"""One record's payload → scores: as much protobuf as that takes.

A span (start, end) is the value of a field. Protobuf merges a message field that comes twice, as if
the bytes of both were joined; so a message is a list of spans, nearly always of one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .error import RecordIOError
from .framing import read_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SHAPE_NDIM = 4

# A tag (field number << 3 | wire type) is all that protobuf tells of a field.
_VARINT, _DELIMITED, _FIXED_BYTES = 0, 2, {1: 8, 5: 4}
_TAGS = range(1 << 3, 1 << 32)
_FEATURES, _KEY, _VALUE = {0x0A}, {0x0A}, {0x12}
_FLOAT32_TENSOR, _INT32_TENSOR = 0x12, 0x3A
_TENSORS = {0x12: "float32_tensor", 0x1A: "float64_tensor", 0x3A: "int32_tensor", 0x4A: "bytes"}
# Repeated numbers come as packed runs, or one a field.
_FLOATS, _INTS, _TENSOR_SHAPE = {0x0A, 0x0D}, {0x0A, 0x08}, {0x1A, 0x18}

_Span = tuple[int, int]


def decode_tensor(payload: bytes | memoryview) -> NDArray[np.float32]:
    """The scores in one record's payload: (C,H,W) float32, read-only, a view where it can be.

    C, H and W are the feature `shape`, or without one the target tensor's own shape field. Its keys
    (of sparse tensors) are not looked at, as no client of the algorithm does.

    Raises:
        RecordIOError: no protobuf, no target or shape, a shape that is not [1, C, H, W] with each
            1 or more, or another number of floats than it says.
    """
    view = memoryview(payload).toreadonly().cast("B")
    target = _tensor(view, "target", _FLOAT32_TENSOR)
    if not target:
        raise RecordIOError(0, "no feature target")
    shape = _tensor(view, "shape", _INT32_TENSOR)
    sizes = _sizes(view, _find(view, shape, _INTS) if shape else _find(view, target, _TENSOR_SHAPE))
    at = (shape or target)[0][0]
    if len(sizes) != _SHAPE_NDIM or sizes[0] != 1 or min(sizes) < 1 or max(sizes) >> 31:
        raise RecordIOError(at, f"shape {sizes[:8]}, not [1, C, H, W] of 1 to 2**31 - 1")
    floats = _floats(view, _find(view, target, _FLOATS))
    if floats.size != math.prod(sizes):
        raise RecordIOError(at, f"shape {sizes} of {math.prod(sizes)} for {floats.size} values")
    return floats.reshape(sizes[1:])


def read_scores(stream: bytes | memoryview) -> NDArray[np.float32]:
    """`decode_tensor` of the stream's first record; what follows that record is not looked at."""
    return decode_tensor(next(read_records(stream)))


def _read_varint(payload: memoryview, start: int, end: int) -> tuple[int, int]:
    """The unsigned 64-bit number at `start`, and where it ends."""
    number = 0
    for place, group in enumerate(payload[start : min(end, start + 10)]):
        number |= (group & 0x7F) << 7 * place
        if not group & 0x80 and not number >> 64:
            return number, start + place + 1
    raise RecordIOError(start, "varint is cut short or has more than 64 bits")


def _fields(payload: memoryview, start: int, end: int) -> Iterator[tuple[int, _Span]]:
    """Tag and span of each field of the message [start, end)."""
    while start < end:
        tag, body = _read_varint(payload, start, end)
        wire = tag & 7
        if tag not in _TAGS or wire not in {_VARINT, _DELIMITED, *_FIXED_BYTES}:
            raise RecordIOError(start, f"field {tag >> 3}, wire type {wire} (3 or 4: group)")
        if wire == _DELIMITED:
            length, body = _read_varint(payload, body, end)
        elif wire == _VARINT:
            length = _read_varint(payload, body, end)[1] - body
        else:
            length = _FIXED_BYTES[wire]
        start = body + length
        if start > end:
            raise RecordIOError(body, f"field of {length} bytes where {end - body} are left")
        yield tag, (body, start)


def _find(payload: memoryview, message: list[_Span], tags: set[int]) -> list[_Span]:
    """The fields of `message` with one of `tags`, in order."""
    return [field for span in message for tag, field in _fields(payload, *span) if tag in tags]


def _tensor(payload: memoryview, name: str, kind: int) -> list[_Span]:
    """The tensor message in feature `name` (the last of that name); empty without a feature."""
    value: list[_Span] = []
    for entry in _find(payload, [(0, len(payload))], _FEATURES):
        start, end = (_find(payload, [entry], _KEY) or [(0, 0)])[-1]
        if payload[start:end] == name.encode():
            if any(tag not in _KEY | _VALUE for tag, _ in _fields(payload, *entry)):
                raise RecordIOError(entry[0], f"feature {name} with more than a key and a value")
            value = _find(payload, [entry], _VALUE)
    tensor = _find(payload, value, {kind})
    if value and (not tensor or tensor != _find(payload, value, set(_TENSORS))):
        raise RecordIOError(value[0][0], f"feature {name} must hold one {_TENSORS[kind]} alone")
    return tensor


def _sizes(payload: memoryview, spans: list[_Span]) -> list[int]:
    """Each varint in `spans`, packed or one a field, as a signed 64-bit integer."""
    sizes = []
    for start, end in spans:
        at = start
        while at < end:
            size, at = _read_varint(payload, at, end)
            sizes.append(size - (size >> 63 << 64))
    return sizes


def _floats(payload: memoryview, spans: list[_Span]) -> NDArray[np.float32]:
    """(N,) float32: a view of `payload` if all values are in one run, else a copy."""
    for start, end in spans:
        if (end - start) % 4:
            raise RecordIOError(start, f"float32 values in {end - start} bytes, no multiple of 4")
    runs = [payload[start:end] for start, end in spans]
    return np.frombuffer(runs[0] if len(runs) == 1 else b"".join(runs), "<f4")
