"""LevelDB's table, in which TensorFlow keeps a checkpoint's index: keys and values, in order.

    table   blocks, then the footer: the last 48 bytes
    footer  handle of a block not needed, handle of the index block, zeros up to byte 40,
            u64 0xdb4775248b80fb57
    handle  varint offset, varint size
    block   `size` bytes, u8 compression (0: none), u32 CRC-32C of all before it, masked
            the bytes: entries, u32 offsets of restarts, u32 their count
    entry   varint shared, varint rest, varint value; the key is so many bytes of the one before and
            `rest` new ones; the value. Those of the index block are handles of the data blocks

Source: LevelDB `doc/table_format.md`, `util/crc32c.h`. Damage is a ValueError or an IndexError.
"""

import struct
from collections.abc import Iterator

from model.wire import varint

FOOTER_BYTES = 48
_MAGIC, _MAGIC_AT = 0xDB4775248B80FB57, 40
_TRAILER = 5  # compression and checksum
_POLYNOMIAL = 0x82F63B78  # of CRC-32C, reversed


def read_table(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every key and its value, in order."""
    footer = table[-FOOTER_BYTES:]
    if len(footer) < FOOTER_BYTES or struct.unpack_from("<Q", footer, _MAGIC_AT) != (_MAGIC,):
        msg = "its last bytes are not a table's"
        raise ValueError(msg)
    _, place = _handle(footer, 0)
    index, _ = _handle(footer, place)
    for _, handle in _entries(_block(table, index)):
        own, _ = _handle(handle, 0)
        yield from _entries(_block(table, own))


def masked_crc32c(data: bytes) -> int:
    """CRC-32C, turned and shifted so that a checksum of checksums is none of theirs."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _block(table: bytes, handle: tuple[int, int]) -> bytes:
    start, size = handle
    end = start + size
    if end + _TRAILER > len(table) - FOOTER_BYTES:
        msg = f"a block ends at byte {end}, beyond the file"
        raise ValueError(msg)
    if table[end]:
        msg = f"a block is compressed (kind {table[end]}); TensorFlow writes them plain"
        raise ValueError(msg)
    (checksum,) = struct.unpack_from("<I", table, end + 1)
    if checksum != masked_crc32c(table[start : end + 1]):
        msg = f"the block at byte {start} has another checksum than it says"
        raise ValueError(msg)
    return table[start:end]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(block) < 4:  # noqa: PLR2004  # the count of restarts
        msg = "a block is too short"
        raise ValueError(msg)
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        msg = f"a block of {len(block)} bytes has {restarts} restarts"
        raise ValueError(msg)
    place, key = 0, b""
    while place < end:
        shared, place = varint(block, place)
        rest, place = varint(block, place)
        size, place = varint(block, place)
        if shared > len(key) or place + rest + size > end:
            msg = "an entry reaches beyond its block"
            raise ValueError(msg)
        key = key[:shared] + block[place : place + rest]
        place += rest
        yield key, block[place : place + size]
        place += size


def _handle(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    offset, place = varint(data, place)
    size, place = varint(data, place)
    return (offset, size), place


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _crc_table()
