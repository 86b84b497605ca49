"""RecordIO: records in a stream, each behind a header; knows nothing of what they hold."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from .error import RecordIOError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RECORD_BYTES = 2**29 - 1  # the length shares its word with the flag
_MAGIC = b"\x0a\x23\xd7\xce"
_HEADER = struct.Struct("<4sI")  # magic, flag << 29 | length
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)


def frame(payload_bytes: int) -> tuple[bytes, bytes]:
    """What stands before a whole record's payload, of at most MAX_RECORD_BYTES, and after it."""
    return _HEADER.pack(_MAGIC, _WHOLE << 29 | payload_bytes), bytes(-payload_bytes % 4)


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
