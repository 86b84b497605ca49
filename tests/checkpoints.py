"""Writes TensorFlow V2 checkpoints, as TensorFlow does, but for the blocks' size."""

import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.instances.table import masked_crc32c

DTYPES = {"float32": 1, "float64": 2, "int32": 3, "int64": 9, "float16": 19}
_RESTART = 3  # entries with whole keys; TensorFlow has 16


def write_checkpoint(
    folder: Path, step: int, arrays: Mapping[str, NDArray[Any]], *, shards: int = 1
) -> Path:
    """Write `model-<step>.index` and its data; returns the index."""
    index = folder / f"model-{step}.index"
    data = [b""] * shards
    rows = {b"": field(1, shards) + field(2, 0) + field(3, field(1, 1))}
    for number, (name, array) in enumerate(sorted(arrays.items())):
        shard = number % shards
        content = array.astype(array.dtype.newbyteorder("<")).tobytes()
        rows[name.encode()] = (
            field(1, DTYPES[array.dtype.name])
            + field(2, b"".join(field(2, field(1, size)) for size in array.shape))
            + field(3, shard)
            + field(4, len(data[shard]))
            + field(5, len(content))
            + varint(6 << 3 | 5)
            + struct.pack("<I", 0)
        )
        data[shard] += content
    index.write_bytes(table(rows.items()))
    for number, content in enumerate(data):
        path = folder / f"model-{step}.data-{number:05d}-of-{shards:05d}"
        path.write_bytes(content)
    return index


def table(rows: Iterable[tuple[bytes, bytes]], *, block_rows: int = 7, kind: int = 0) -> bytes:
    """A table of sorted rows."""
    ordered = sorted(rows)
    content, handles = b"", []
    for first in range(0, len(ordered), block_rows):
        part = ordered[first : first + block_rows]
        handles.append((part[-1][0], varint(len(content)) + varint(len(block(part)))))
        content += sealed(block(part), kind)
    meta = varint(len(content)) + varint(len(block([])))
    content += sealed(block([]), 0)
    index = varint(len(content)) + varint(len(block(handles)))
    content += sealed(block(handles), 0)
    return content + (meta + index).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def block(rows: list[tuple[bytes, bytes]]) -> bytes:
    """Entries and restarts."""
    content, last, restarts = b"", b"", []
    for place, (key, value) in enumerate(rows):
        shared = 0
        if place % _RESTART:
            pairs = zip(last, key, strict=False)
            shared = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(last), len(key)))
        else:
            restarts.append(len(content))
        content += varint(shared) + varint(len(key) - shared) + varint(len(value))
        content += key[shared:] + value
        last = key
    restarts = restarts or [0]
    return content + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


def sealed(content: bytes, kind: int) -> bytes:
    """With its compression and checksum."""
    typed = content + bytes([kind])
    return typed + struct.pack("<I", masked_crc32c(typed))


def field(number: int, value: int | bytes) -> bytes:
    """A protobuf field."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def small_arrays() -> dict[str, NDArray[Any]]:
    """Of every dtype that is read, and some shapes."""
    rng = np.random.default_rng(0)
    arrays = {
        f"group0/block{i}/conv1/W": rng.normal(size=(1, 2, i + 1)).astype(np.float32)
        for i in range(20)
    }
    return arrays | {
        "conv0/bn/mean/EMA": rng.normal(size=5),
        "fpn/b": rng.normal(size=3).astype(np.float16),
        "rpn/empty/W": np.empty((0, 4), np.float32),
        "global_step": np.array(9000, np.int64),
        "rpn/steps/W": np.arange(6, dtype=np.int32).reshape(2, 3),
    }
