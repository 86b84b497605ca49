"""MXNet's `.params` file: names and arrays, read and written without MXNet.

The format, little-endian, no padding (source: apache/mxnet 1.x, `NDArray::Save` and `::Load`)::

    file    u64 0x112, u64 0, u64 array count, arrays, u64 name count (0 or the same), names
    name    u64 length, that many bytes of UTF-8
    array   u32 first word, which tells the version:
            0xF993FAC9  V2  i32 storage type (0 dense, 1 row_sparse, 2 csr), then as V1
            0xF993FACA  V3  as V2, written under numpy-shape semantics (MXNet 1.6 and later)
            0xF993FAC8  V1  i32 ndim, i64 size of each axis, context, dtype, values in C order
            other       the oldest form: the word is ndim and the sizes are u32, then as V1
    context i32 device type (1 CPU, 2 GPU), i32 device number
    dtype   i32: 0 f32, 1 f64, 2 f16, 3 u8, 4 i32, 5 i8, 6 i64, 7 bool, 12 bfloat16

In V3 an ndim of 0 is a scalar. Before V3 it is an array without a value, which ends right there;
MXNet 1.9 nevertheless writes scalars so in V2, and can then not load its own file.

This file owns the bytes. It refuses to know which names a network needs or what they mean.
"""

from __future__ import annotations

import math
import os
import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.cursor import Cursor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

MAX_ARRAYS: Final = 100_000  # the largest network served has under a thousand
MAX_NDIM: Final = 32  # numpy's own limit

_LIST_MAGIC: Final = 0x112
_V1, _V2, _V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
_SPARSE: Final = {-1: "undefined", 1: "row_sparse", 2: "csr"}
_BFLOAT16: Final = 12
_NAMES_OF_DTYPES: Final = ("<f4", "<f8", "<f2", "u1", "<i4", "i1", "<i8", "?")
_DTYPES: Final = {code: np.dtype(name) for code, name in enumerate(_NAMES_OF_DTYPES)}
_CODES: Final = {dtype: code for code, dtype in _DTYPES.items()}

# What people put in the place of a parameter file: (offset, bytes found there, what it is).
_LOOK_ALIKES: Final = (
    (0, b"PK", "a zip or npz archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x80", "a Python pickle"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"version https://git-lfs", "a git-lfs pointer"),
    (0, b"{", "JSON text"),
    (0, b"[", "JSON text"),
    (0, b"<", "an HTML or XML page"),
)


def read_params(path: Path) -> dict[str, NDArray[Any]]:
    """Read every array of a `.params` file, whatever its version and the device it was saved from.

    Views, not copies: the file is memory-mapped, for as long as an array lives. Only bfloat16
    (widened to float32, for numpy lacks it) and bool (a stored byte may be neither 0 nor 1) are
    copies. Float32 views are aligned, unless narrower dtypes come first. Replacing the file
    meanwhile, as `write_params` does, is safe; shortening it in place is not.

    Returns:
        Name → read-only C-order array of the stored shape and dtype, in file order. An array
        without a value is float32 of shape (0,).

    Raises:
        ArtifactError: The file cannot be opened, is something else, is damaged, or holds what
            parameters cannot be: sparse arrays, arrays without names, one name used twice.
    """
    cursor = Cursor(path)
    arrays = []
    for index in range(_read_array_count(cursor)):
        cursor.part = f"array {index}"
        arrays.append(_read_array(cursor))
    names = _read_names(cursor, len(arrays))
    cursor.part = "end"
    cursor.take(0, "the end")
    if cursor.remaining:
        cursor.refuse(f"found {cursor.remaining} bytes after the last name, expected none")
    return dict(zip(names, arrays, strict=True))


def write_params(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as `mx.nd.save` does, byte for byte: V2, CPU 0, C order, the mapping's order.

    Arrays may have any layout and byte order. The file appears whole or not at all: it is written
    beside `path` under another name, then takes its place.

    Raises:
        ValueError: No arrays, or a dtype, shape or name the format lacks; no file is touched.
        OSError: The file system refused.
    """
    if not arrays:
        reason = f"{path.name}: found no arrays to write, expected at least one"
        raise ValueError(reason)
    heads = [_head(name, array) for name, array in arrays.items()]
    names = [struct.pack("<Q", len(name.encode())) + name.encode() for name in arrays]
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(struct.pack("<3Q", _LIST_MAGIC, 0, len(heads)))
            for head, array in zip(heads, arrays.values(), strict=True):
                file.write(head)
                file.write(array.astype(array.dtype.newbyteorder("<"), "C", copy=False).data)
            file.write(struct.pack("<Q", len(names)) + b"".join(names))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read_array_count(cursor: Cursor) -> int:
    head = cursor.buffer[:512]
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")  # a text may begin with a byte order mark
    if head[:2] != b"\x12\x01":
        for offset, signature, kind in _LOOK_ALIKES:
            if (text if offset == 0 else head).startswith(signature, offset):
                cursor.refuse(f"this is {kind}, not an MXNet parameter file")
    magic, reserved = cursor.integers("2Q", "the magic number")
    if (magic, reserved) != (_LIST_MAGIC, 0):
        cursor.refuse(f"found magic number {magic:#x}, {reserved:#x}, expected 0x112, 0x0")
    (count,) = cursor.integers("Q", "the array count")
    most = min(MAX_ARRAYS, cursor.remaining // 12)  # a first word and a name's length for each
    if not 0 < count <= most:
        cursor.refuse(f"found {count} arrays, expected 1 to {most} in a file of this length")
    return count


def _read_array(cursor: Cursor) -> NDArray[Any]:
    (word,) = cursor.integers("I", "the first word")
    if word in {_V2, _V3}:
        (storage,) = cursor.integers("i", "the storage type")
        if storage != 0:
            kind = _SPARSE.get(storage, "unknown")
            cursor.refuse(f"found storage type {storage} ({kind}), expected 0 (dense)")
    shape = _read_shape(cursor, word)
    if not shape and word != _V3:
        return np.frombuffer(b"", "<f4")
    cursor.take(8, "the context")  # where the array once lived; here it lives on the host
    (code,) = cursor.integers("i", "the dtype")
    if code not in _DTYPES and code != _BFLOAT16:
        cursor.refuse(f"found dtype code {code}, expected 0 to 7 or 12")
    return _read_values(cursor, shape, code)


def _read_shape(cursor: Cursor, word: int) -> tuple[int, ...]:
    is_oldest = word not in {_V1, _V2, _V3}
    if is_oldest and word > MAX_NDIM:
        cursor.refuse(f"found first word {word:#x}, expected a known version or an ndim")
    # Signed: MXNet's name for a shape that was never inferred is an ndim of -1.
    (ndim,) = (word,) if is_oldest else cursor.integers("i", "ndim")
    if not 0 <= ndim <= MAX_NDIM:
        cursor.refuse(f"found ndim {ndim}, expected 0 to {MAX_NDIM}")
    shape = cursor.integers(f"{ndim}{'I' if is_oldest else 'q'}", "the shape")
    if min(shape, default=0) < 0:
        cursor.refuse(f"found shape {shape}, expected no negative size")
    return shape


def _read_values(cursor: Cursor, shape: tuple[int, ...], code: int) -> NDArray[Any]:
    dtype = _DTYPES.get(code, np.dtype("<u2"))
    itemsize = 4 if code == _BFLOAT16 else dtype.itemsize  # of the array, widened
    # Numpy counts bytes in an int64, zero sizes left out; Python's integers cannot overflow.
    if math.prod(size or 1 for size in shape) * itemsize >= 2**63:
        cursor.refuse(f"found shape {shape} of {dtype}, expected under 2**63 bytes")
    count = math.prod(shape)
    start = cursor.take(count * dtype.itemsize, f"{dtype} data of shape {shape}")
    values: NDArray[Any] = np.ndarray((count,), dtype, cursor.buffer, start)
    if code == _BFLOAT16:  # the upper half of a float32
        values = (values.astype("<u4") << 16).view("<f4")
    elif dtype == np.bool_:
        values = values.view(np.uint8) != 0
    values.flags.writeable = False
    return values.reshape(shape)


def _read_names(cursor: Cursor, array_count: int) -> dict[str, int]:
    cursor.part = "names"
    (count,) = cursor.integers("Q", "the name count")
    if count != array_count:
        cursor.refuse(f"found {count} names for {array_count} arrays, expected one for each")
    names: dict[str, int] = {}
    for index in range(count):
        cursor.part = f"name {index}"
        (length,) = cursor.integers("Q", "the length")
        start = cursor.take(length, "the text")
        try:
            name = cursor.buffer[start : start + length].decode()
        except UnicodeDecodeError as err:
            cursor.refuse(f"found byte {err.object[err.start]:#04x}, expected UTF-8", err)
        if names.setdefault(name, index) != index:
            cursor.refuse(f"found {name[:80]!r}, expected no name twice (name {names[name]})")
    return names


def _head(name: str, array: NDArray[Any]) -> bytes:
    code = _CODES.get(array.dtype.newbyteorder("<"))
    if code is None or array.ndim == 0 or "\0" in name:  # MXNet ends a name at its first NUL
        reason = (
            f"{name!r}: found {array.dtype} of shape {array.shape}, expected a name without NUL,"
            f" at least one axis and one of {', '.join(str(dtype) for dtype in _CODES)}"
        )
        raise ValueError(reason)
    shape = struct.pack(f"<i{array.ndim}q", array.ndim, *array.shape)
    return struct.pack("<Ii", _V2, 0) + shape + struct.pack("<3i", 1, 0, code)
