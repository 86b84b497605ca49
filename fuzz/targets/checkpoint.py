"""model.instances.checkpoint: the index of a TensorFlow checkpoint.

Checksums stop most changes at once, so the bytes are also taken for a block that has the right one.
"""

import os
import struct
from pathlib import Path

from fuzz import refusal
from model.errors import ArtifactError
from model.instances.checkpoint import read_index
from model.instances.table import masked_crc32c

_MAGIC = 0xDB4775248B80FB57


def check(content: bytes) -> None:
    """Entries of a plausible shape, or a refusal."""
    for table in (content, _around(content)):
        file = os.memfd_create("fuzz")
        try:
            os.write(file, table)
            shards, entries = read_index(Path(f"/proc/self/fd/{file}"))
            assert 0 < shards <= len(entries) + 1
            assert all(min(entry.shape, default=0) >= 0 for entry in entries.values())
        except ArtifactError as error:
            refusal.check_line(error)
        finally:
            os.close(file)


def seeds() -> list[bytes]:
    """Blocks: of a header alone, of one array, of two whose names share their beginning."""
    header = _row(0, b"", bytes([8, 1, 26, 2, 8, 1]))
    scalar = _row(0, b"conv0/W", bytes([8, 1, 18, 0, 40, 4]))
    shape = bytes([18, 8, 18, 2, 8, 2, 18, 2, 8, 3])
    matrix = _row(6, b"b", bytes([8, 1]) + shape + bytes([24, 0, 32, 4, 40, 24]))
    return [
        rows + struct.pack("<2I", 0, 1)
        for rows in (header, header + scalar, header + scalar + matrix)
    ]


def _row(shared: int, rest: bytes, value: bytes) -> bytes:
    return bytes([shared, len(rest), len(value)]) + rest + value


def _around(block: bytes) -> bytes:
    """A table of this block alone."""
    size = _varint(len(block))
    index = _row(0, b"z", b"\0" + size) + struct.pack("<2I", 0, 1)
    start = _varint(len(block) + 5)
    footer = (b"\0\0" + start + _varint(len(index))).ljust(40, b"\0") + struct.pack("<Q", _MAGIC)
    return _sealed(block) + _sealed(index) + footer


def _sealed(block: bytes) -> bytes:
    plain = block + b"\0"
    return plain + struct.pack("<I", masked_crc32c(plain))


def _varint(number: int) -> bytes:
    out = b""
    while number >= 1 << 7:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])
