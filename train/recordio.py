"""RecordIO, MXNet's framing of records in a stream; knows nothing of what they hold.

    u32 LE      magic 0xced7230a
    u32 LE      part << 29 | length; part: 0 a whole record, or its 1 first, 2 middle, 3 last part
    length      the record's bytes
    0 to 3      bytes of padding to a multiple of 4, whatever they are; not counted in length

A writer cuts a record wherever the magic stands in it at a multiple of 4 (so that a reader may
start in the middle of a file) and leaves these four bytes out: they belong between any two parts.
It refuses records of 2**29 bytes or more, so no number of parts makes a longer one here.

Source: dmlc-core, include/dmlc/recordio.h and src/recordio.cc (WriteRecord, ReadRecord).
"""

import struct
from collections.abc import Iterator
from typing import Protocol

from train.errors import ClientError

MAX_RECORD_BYTES = (1 << 29) - 1
_MAGIC = bytes.fromhex("0a23d7ce")
_HEADER = struct.Struct("<4sI")
_PIECE_BYTES = 1 << 20
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)


class Stream(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """At most so many, and none at its end."""


def read_records(stream: Stream, *, source: str) -> Iterator[bytes]:
    """Each record of a stream, read to its end; one is in memory at a time.

    Args:
        stream: takes only `read`, and a read of fewer bytes than asked for is no end.
        source: names the stream in errors, where records count from 1.

    Raises:
        ClientError: it is no RecordIO or is cut short; on reaching the record, which it names.
    """
    number = 1
    while header := _read(stream, _HEADER.size):
        yield _record(stream, header, f"{source}, record {number}")
        number += 1


def _record(stream: Stream, header: bytes, where: str) -> bytes:
    flag, content = _part(stream, header, where, (_WHOLE, _FIRST))
    if flag == _WHOLE:
        return content
    record = bytearray(content)
    while flag != _LAST:
        flag, content = _part(stream, _read(stream, _HEADER.size), where, (_MIDDLE, _LAST))
        record += _MAGIC + content
        if len(record) > MAX_RECORD_BYTES:
            msg = f"{where}: its parts have more than {MAX_RECORD_BYTES} bytes"
            raise ClientError(msg)
    return bytes(record)


def _part(
    stream: Stream, header: bytes, where: str, expected: tuple[int, int]
) -> tuple[int, bytes]:
    """Return the flag and the bytes of the part that `header` begins."""
    if header[:4] != _MAGIC[: len(header)]:
        msg = f"{where}: no RecordIO, begins with {header[:4].hex(' ')}, not {_MAGIC.hex(' ')}"
        raise ClientError(msg)
    if len(header) < _HEADER.size:
        msg = f"{where}: cut short in its header"
        raise ClientError(msg)
    word: int = _HEADER.unpack(header)[1]
    flag, length = word >> 29, word & MAX_RECORD_BYTES
    if flag not in expected:
        msg = f"{where}: part flag {flag} where {expected[0]} or {expected[1]} should be"
        raise ClientError(msg)
    padded = length + -length % 4
    content = _read(stream, padded)
    if len(content) < padded:
        msg = f"{where}: cut short, {len(content)} of {padded} bytes came"
        raise ClientError(msg)
    return flag, content[:length]


def _read(stream: Stream, count: int) -> bytes:
    """So many bytes, or those before the end; memory grows with what comes, not with `count`."""
    content = bytearray()
    while len(content) < count:
        piece = stream.read(min(count - len(content), _PIECE_BYTES))
        if not piece:
            break
        content += piece
    return bytes(content)
