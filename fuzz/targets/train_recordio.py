"""train.recordio: a channel of training data."""

import io
from typing import BinaryIO, cast

from fuzz import refusal
from train.errors import ClientError
from train.recordio import read_records

_MAGIC = bytes.fromhex("0a23d7ce")


class _Slow(io.BytesIO):
    """A stream that gives less than it is asked for, as pipes do."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 3))


def check(content: bytes) -> None:
    """The same records of a file and of a pipe, no more than there is, or the same refusal."""
    assert _read(io.BytesIO(content)) == _read(_Slow(content))
    assert sum(map(len, _read(io.BytesIO(content))[0])) <= len(content)


def _read(stream: io.BytesIO) -> tuple[list[bytes], str]:
    records: list[bytes] = []
    try:
        records.extend(read_records(cast("BinaryIO", stream), source="fuzz"))
    except ClientError as error:
        refusal.check_line(error)
        return [], str(error)
    return records, ""


def seeds() -> list[bytes]:
    """Whole records, one in parts, and one with padding."""
    whole = _MAGIC + bytes([5, 0, 0, 0]) + b"abcde" + bytes(3)
    parts = b"".join(_MAGIC + bytes([4, 0, 0, part << 5]) + b"abcd" for part in (1, 2, 3))
    return [whole, whole + parts, parts + whole, _MAGIC + bytes(4)]
