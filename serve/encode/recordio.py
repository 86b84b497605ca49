"""Class scores as one RecordIO-protobuf record: the format, a writer and a reader.

Imports the standard library and numpy alone, nothing of this project, so that a client can take
this ONE FILE along and read answers with numpy::

    from recordio import read_scores
    answer = runtime.invoke_endpoint(..., Accept="application/x-recordio-protobuf")
    mask = read_scores(answer["Body"].read()).argmax(axis=0)  # (H,W) class ids

RecordIO (dmlc-core ``recordio.h``): u32 little-endian magic 0xced7230a; u32 of flag << 29 | length;
the payload; zeros to a multiple of 4, not counted in length. Flag 0 is a whole record. 1, 2 and 3
are first, middle and last part of one that its writer cut wherever the magic stood in it at a
multiple of 4; the reader puts those four bytes back. Many clients know flag 0 alone and go by
length, so an answer is never cut.

The payload is a protobuf ``aialgs.data.Record`` (``tests/record.proto``), here with two features::

    0a L  0a 06 "target"  12 L  12 L  0a L  C*H*W float32, little-endian, row-major
    0a L  0a 05 "shape"   12 L  3a L  0a L  varints 1 C H W
    entry key             value tensor values, packed    (L: how many bytes follow, a varint)

Knows nothing of HTTP, classes or softmax: any float32 bits pass unchanged, NaN included.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MAX_RECORD_BYTES = 2**29 - 1  # the length shares its word with the flag
_MAGIC = b"\x0a\x23\xd7\xce"
_HEADER = struct.Struct("<4sI")  # magic, flag << 29 | length
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
_SCORES_NDIM, _SHAPE_NDIM = 3, 4
_MOST_OVERHEAD_BYTES = 32 + 15 + 20  # before the floats; shape's entry; its four varints

# A tag (field number << 3 | wire type) is all that protobuf tells of a field.
_VARINT, _DELIMITED, _FIXED_BYTES = 0, 2, {1: 8, 5: 4}
_TAGS = range(1 << 3, 1 << 32)
_FEATURES, _KEY, _VALUE = {0x0A}, {0x0A}, {0x12}
_FLOAT32_TENSOR, _INT32_TENSOR = 0x12, 0x3A
_TENSORS = {0x12: "float32_tensor", 0x1A: "float64_tensor", 0x3A: "int32_tensor", 0x4A: "bytes"}
# Repeated numbers come as packed runs, or one a field.
_FLOATS, _INTS, _TENSOR_SHAPE = {0x0A, 0x0D}, {0x0A, 0x08}, {0x1A, 0x18}


class RecordIOError(ValueError):
    """No RecordIO stream, or no scores in it. Its args: byte offset, what is wrong, within what.

    The offset counts from the start of the "stream" or of the "record" (one record's payload).
    """

    def __init__(self, offset: int, what: str, within: str = "record") -> None:
        super().__init__(offset, what, within)

    def __str__(self) -> str:
        return f"byte {self.args[0]} of the {self.args[2]}: {self.args[1]}"


# ------------------------------------------------------------------------------ writer


def _varint(number: int) -> bytes:
    """`number` >= 0 in groups of seven bits, lowest first; a top bit says that more follow."""
    groups = bytearray()
    while number >> 7:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _entry_head(name: bytes, tensor: bytes, values_bytes: int) -> bytes:
    """All of a features entry that stands before its values, built from the inside out."""
    # "target" has 12 bytes and four lengths before its floats: they start at a multiple of 4,
    # unless the lengths straddle a step of the varint (124 bytes of values: 124, 126, then 128 in
    # two bytes). Padding would not be protobuf's bytes; np.frombuffer takes floats anywhere.
    head = b""
    for before in (b"\x0a", tensor, b"\x0a" + _varint(len(name)) + name + b"\x12", b"\x0a"):
        head = before + _varint(len(head) + values_bytes) + head
    return head


def _layout(classes: int, height: int, width: int) -> tuple[bytes, bytes, int]:
    """The payload before its floats, after them, and the bytes of all three together."""
    if min(classes, height, width) < 1:
        msg = f"scores need a size of 1 or more on each axis, not {(classes, height, width)}"
        raise ValueError(msg)
    float_bytes = 4 * classes * height * width
    sizes = b"".join(map(_varint, (1, classes, height, width)))
    before = _entry_head(b"target", b"\x12", float_bytes)
    after = _entry_head(b"shape", b"\x3a", len(sizes)) + sizes
    return before, after, len(before) + float_bytes + len(after)


def record_bytes(classes: int, height: int, width: int) -> int:
    """Exact size in bytes of the answer, not built, fit or not; ValueError for a size below 1."""
    payload_bytes = _layout(classes, height, width)[2]
    return _HEADER.size + payload_bytes + -payload_bytes % 4


def fits(classes: int, height: int, width: int) -> bool:
    """Whether such scores go into one record; ValueError for a size below 1."""
    return _layout(classes, height, width)[2] <= MAX_RECORD_BYTES


def max_pixels(classes: int) -> int:
    """A height * width that fits whatever its factors; at most 17 below the largest that does."""
    return (MAX_RECORD_BYTES - _MOST_OVERHEAD_BYTES) // (4 * classes)


def encode_scores(scores: NDArray[np.float32]) -> bytes:
    """One whole RecordIO record of `scores`; the layout is at the top of this file.

    Args:
        scores: (C,H,W) float32 of any byte order and strides, no axis empty. Copied once, into
            the answer (and once before that unless little-endian and C-contiguous).

    Raises:
        ValueError: wrong ndim or dtype, an empty axis, or a payload over MAX_RECORD_BYTES.
    """
    if scores.ndim != _SCORES_NDIM or scores.dtype.newbyteorder("=") != np.float32:
        msg = f"scores must be (C,H,W) float32, not {scores.shape} {scores.dtype}"
        raise ValueError(msg)
    before, after, payload_bytes = _layout(*scores.shape)
    if payload_bytes > MAX_RECORD_BYTES:
        msg = f"scores {scores.shape} need {payload_bytes} bytes, a record has {MAX_RECORD_BYTES}"
        raise ValueError(msg)
    header = _HEADER.pack(_MAGIC, _WHOLE << 29 | payload_bytes)
    floats = np.ascontiguousarray(scores, "<f4")
    return b"".join((header, before, floats.data, after, bytes(-payload_bytes % 4)))


# ------------------------------------------------------------------------------ reader: RecordIO


def _read_part(stream: memoryview, start: int) -> tuple[int, memoryview, int]:
    """Flag and payload (a view) of the part at `start`, and where the next one starts."""
    body = start + _HEADER.size
    if body > len(stream):
        raise RecordIOError(start, "header of 8 bytes cut short", "stream")
    magic, word = _HEADER.unpack_from(stream, start)
    if magic != _MAGIC:
        raise RecordIOError(start, f"magic is {magic.hex(' ')}, not {_MAGIC.hex(' ')}", "stream")
    end = body + (word & MAX_RECORD_BYTES)
    if end > len(stream):
        raise RecordIOError(body, f"payload of {end - body} bytes cut short", "stream")
    padded = end + -(end - body) % 4
    if padded > len(stream):
        raise RecordIOError(end, f"padding of {padded - end} bytes cut short", "stream")
    return word >> 29, stream[body:end], padded


def read_records(stream: bytes | memoryview) -> Iterator[memoryview]:
    """Each record's payload, read-only: a view of `stream`, or a copy if it came in parts.

    Raises:
        RecordIOError: on reaching it: an empty stream, a bad magic, a part flag out of order, or
            a cut header, payload, padding (only its length counts) or multi-part record.
    """
    view = memoryview(stream).toreadonly().cast("B")
    if not view:
        raise RecordIOError(0, "empty", "stream")
    start = 0
    parts: list[memoryview] = []
    while start < len(view):
        flag, part, end = _read_part(view, start)
        expected = (_MIDDLE, _LAST) if parts else (_WHOLE, _FIRST)
        if flag not in expected:
            raise RecordIOError(start, f"part flag {flag}, expected one of {expected}", "stream")
        start = end
        parts.append(part)
        if flag in {_WHOLE, _LAST}:
            yield part if flag == _WHOLE else memoryview(_MAGIC.join(parts))
            parts.clear()
    if parts:
        raise RecordIOError(start, "ends before the last part of a record", "stream")


# ------------------------------------------------------------------------------ reader: protobuf
# A span (start, end) is the value of a field. Protobuf merges a message field that comes twice, as
# if the bytes of both were joined; so a message is a list of spans, nearly always of one.
_Span = tuple[int, int]


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


def read_all_scores(stream: bytes | memoryview) -> Iterator[NDArray[np.float32]]:
    """`decode_tensor` of each record in turn; an error comes when its record does."""
    return map(decode_tensor, read_records(stream))
