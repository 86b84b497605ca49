"""TensorFlow's V2 checkpoint: names and arrays, read without TensorFlow.

    model-9000.index                 a table (model/instances/table.py): name → where its array lies
    model-9000.data-00000-of-00001   the arrays' bytes, little-endian, C order

    value of ""    BundleHeaderProto: 1 number of shards, 2 byte order (0 little)
    of a name      BundleEntryProto: 1 dtype, 2 shape (2: dimension (1: size)), 3 shard, 4 offset,
                   5 size, 7 slices, of an array kept in parts

Sources: tensorflow `core/util/tensor_bundle/tensor_bundle.cc`, `core/protobuf/tensor_bundle.proto`.
Arrays' own checksums are not looked at.
"""

import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.instances.table import FOOTER_BYTES, read_table
from model.wire import fields

MAX_INDEX_BYTES = 16 << 20
_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}
_MAX_NDIM = 32
_NAME = re.compile(r"model-(\d+)\.index")


@dataclass(frozen=True)
class Entry:
    """Where an array lies."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    in_parts: bool


def newest_index(folder: Path) -> Path | None:
    """The checkpoint of the highest step, by number: model-10000 comes after model-9000."""
    found = [(int(match[1]), path) for path in folder.iterdir() if (match := _step(path))]
    return max(found)[1] if found else None


def data_files(index: Path) -> tuple[Path, ...]:
    """The files that hold its arrays.

    Raises:
        ArtifactError: one is missing, or the index cannot be read.
    """
    shards, _ = read_index(index)
    return tuple(_shard(index, number, shards) for number in range(shards))


def read_checkpoint(index: Path, wanted: Callable[[str], bool]) -> dict[str, NDArray[Any]]:
    """Read-only views of the arrays that are wanted by their name; the files are mapped.

    Raises:
        ArtifactError: a file is missing or damaged, or holds an array in a way that is not read.
    """
    shards, entries = read_index(index)
    maps: dict[int, NDArray[np.uint8]] = {}
    arrays = {}
    for name, entry in entries.items():
        if not wanted(name):
            continue
        if entry.shard >= shards:
            _refuse(index, f"{name[:80]!r} lies in shard {entry.shard} of {shards}")
        if entry.shard not in maps:
            maps[entry.shard] = _mapped(_shard(index, entry.shard, shards))
        arrays[name] = _array(index, name, entry, maps[entry.shard])
    return arrays


def read_index(path: Path) -> tuple[int, dict[str, Entry]]:
    """How many data files there are, and what lies in them.

    Raises:
        ArtifactError: it is no such index, or damaged.
    """
    try:
        with path.open("rb") as file:
            table = file.read(MAX_INDEX_BYTES + 1)
    except OSError as err:
        _refuse(path, f"the file cannot be read: {err.strerror}")
    if not FOOTER_BYTES <= len(table) <= MAX_INDEX_BYTES:
        _refuse(
            path, f"it has {len(table)} bytes; an index has {FOOTER_BYTES} to {MAX_INDEX_BYTES}"
        )
    try:
        values = dict(read_table(table))
        header = dict(fields(values.pop(b"", b"")))
        entries = {name.decode(): _entry(value) for name, value in values.items()}
    except (ValueError, IndexError, struct.error, OverflowError) as err:
        _refuse(path, f"it is no TensorFlow checkpoint's index, or damaged: {err}")
    if header.get(2, 0) != 0:
        _refuse(path, "its numbers are big-endian")
    shards = header.get(1, 0)
    if not isinstance(shards, int) or not 0 < shards <= len(entries) + 1:
        _refuse(path, f"it says that there are {shards!r} data files")
    return shards, entries


def _step(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name) if path.is_file() else None


def _shard(index: Path, number: int, shards: int) -> Path:
    path = index.with_name(f"{index.stem}.data-{number:05d}-of-{shards:05d}")
    if not path.is_file():
        _refuse(index, f"{path.name} is missing beside it")
    return path


def _mapped(path: Path) -> NDArray[np.uint8]:
    if not path.stat().st_size:
        return np.empty(0, np.uint8)
    return np.memmap(path, np.uint8, "r")


def _array(index: Path, name: str, entry: Entry, shard: NDArray[np.uint8]) -> NDArray[Any]:
    shown = repr(name[:80])
    if entry.dtype not in _DTYPES or entry.in_parts:
        how = "in parts" if entry.in_parts else f"as dtype {entry.dtype}"
        _refuse(index, f"{shown} is stored {how}, which is not read")
    dtype = np.dtype(_DTYPES[entry.dtype])
    if entry.size != math.prod(entry.shape) * dtype.itemsize:
        _refuse(index, f"{shown} of shape {entry.shape} and {dtype} cannot have {entry.size} bytes")
    if entry.offset + entry.size > len(shard):
        end = entry.offset + entry.size
        _refuse(index, f"{shown} ends at byte {end} of a data file that has {len(shard)}")
    values: NDArray[Any] = (
        np.frombuffer(shard, dtype, count=math.prod(entry.shape), offset=entry.offset)
        if entry.size
        else np.empty(0, dtype)
    )
    return values.reshape(entry.shape)


def _entry(value: bytes) -> Entry:
    numbers: dict[int, int] = {}
    shape: list[int] = []
    in_parts = False
    for field, content in fields(value):
        if field == 7:  # noqa: PLR2004
            in_parts = True
        elif isinstance(content, int):
            numbers[field] = content
        elif field == 2:  # noqa: PLR2004
            shape = _shape(content)
    return Entry(
        dtype=numbers.get(1, 0),
        shape=tuple(shape),
        shard=numbers.get(3, 0),
        offset=numbers.get(4, 0),
        size=numbers.get(5, 0),
        in_parts=in_parts,
    )


def _shape(message: bytes) -> list[int]:
    sizes = []
    for field, dimension in fields(message):
        if field == 2 and isinstance(dimension, bytes):  # noqa: PLR2004
            size = dict(fields(dimension)).get(1, 0)
            sizes.append(size if isinstance(size, int) else -1)
    if len(sizes) > _MAX_NDIM or any(not 0 <= size < 1 << 40 for size in sizes):
        msg = f"an array has shape {sizes[:_MAX_NDIM]}"
        raise ValueError(msg)
    return sizes


def _refuse(path: Path, reason: str) -> NoReturn:
    msg = f"{path.name}: {reason}"
    raise ArtifactError(msg)
