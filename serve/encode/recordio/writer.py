"""Scores → one whole record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .framing import MAX_RECORD_BYTES, frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NDIM = 3
_MOST_OVERHEAD_BYTES = 32 + 15 + 20  # before the floats; shape's entry; its four varints


def max_pixels(classes: int) -> int:
    """A height * width that fits whatever its factors; at most 17 below the largest that does."""
    return (MAX_RECORD_BYTES - _MOST_OVERHEAD_BYTES) // (4 * classes)


def encode_scores(scores: NDArray[np.float32]) -> bytes:
    """One whole RecordIO record of `scores`; the layout is at the top of __init__.py.

    Args:
        scores: (C,H,W) float32 of any byte order and strides, no axis empty. Copied once, into
            the answer (and once before that unless little-endian and C-contiguous).

    Raises:
        ValueError: wrong ndim or dtype, an empty axis, or a payload over MAX_RECORD_BYTES.
    """
    if scores.ndim != _NDIM or scores.dtype.newbyteorder("=") != np.float32:
        msg = f"scores must be (C,H,W) float32, not {scores.shape} {scores.dtype}"
        raise ValueError(msg)
    before, after, payload_bytes = layout(*scores.shape)
    if payload_bytes > MAX_RECORD_BYTES:
        msg = f"scores {scores.shape} need {payload_bytes} bytes, a record has {MAX_RECORD_BYTES}"
        raise ValueError(msg)
    header, padding = frame(payload_bytes)
    floats = np.ascontiguousarray(scores, "<f4")
    return b"".join((header, before, floats.data, after, padding))


def layout(classes: int, height: int, width: int) -> tuple[bytes, bytes, int]:
    """The payload before its floats, after them, and the bytes of all three together."""
    if min(classes, height, width) < 1:
        msg = f"scores need a size of 1 or more on each axis, not {(classes, height, width)}"
        raise ValueError(msg)
    float_bytes = 4 * classes * height * width
    sizes = b"".join(map(_varint, (1, classes, height, width)))
    before = _entry_head(b"target", b"\x12", float_bytes)
    after = _entry_head(b"shape", b"\x3a", len(sizes)) + sizes
    return before, after, len(before) + float_bytes + len(after)


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
