"""Photo files made byte by byte, for what no library would write, and by Pillow for the rest."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tags = dict[int, tuple[int, tuple[int, ...]]]
"""A TIFF's tags: type (1 BYTE, 3 SHORT, 4 LONG) and values."""


def noise(*shape: int) -> NDArray[np.uint8]:
    """Return an image that does not compress, so that each cut of its file loses pixels."""
    return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)


def saved(image: NDArray[Any] | Image.Image, name: str, **options: Any) -> bytes:
    """Return Pillow's file of an image."""
    file = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(file, name, **options)
    return file.getvalue()


def chunk(name: bytes, payload: bytes) -> bytes:
    """Return a PNG chunk."""
    length, crc = struct.pack(">I", len(payload)), struct.pack(">I", zlib.crc32(name + payload))
    return length + name + payload + crc


def png(
    samples: NDArray[Any], color: int, *, before: bytes = b"", after: bytes = b"", width: int = 0
) -> bytes:
    """Return a PNG of (H,W*channels) samples, with chunks before and after the pixels."""
    height, columns = samples.shape
    header = struct.pack(">IIBBBBB", width or columns, height, 8 * samples.itemsize, color, 0, 0, 0)
    rows = b"".join(
        b"\0" + row.astype(samples.dtype.newbyteorder(">")).tobytes() for row in samples
    )
    chunks = chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows)) + after
    return b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IEND", b"")


def segment(marker: int, content: bytes) -> bytes:
    """Return a JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def tiff(tags: Tags, pixels: bytes, order: str = "<", at: int = 1000) -> bytes:
    """Return a TIFF with tag: (type, values) and its pixels from byte `at` on."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    entries, outside, outside_at = b"", b"", 8 + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}{' B HI'[kind]}", *values)
        entries += struct.pack(order + "HHI", tag, kind, len(values))
        entries += packed.ljust(4, b"\0")[:4] if len(packed) <= 4 else b""
        if len(packed) > 4:
            entries += struct.pack(order + "I", outside_at + len(outside))
            outside += packed
    directory = struct.pack(order + "H", len(tags)) + entries + bytes(4)
    return (head + directory + outside).ljust(at, b"\0") + pixels


def gray_tags(height: int, width: int, bits: int) -> Tags:
    """Return the tags of an unpacked gray TIFF whose 0 is black."""
    values = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 277: 1, 278: height, 273: 1000}
    return {tag: (4 if tag == 273 else 3, (value,)) for tag, value in values.items()}


def tiled(size: tuple[int, int], tile: tuple[int, int], packed: bytes) -> bytes:
    """Return a gray TIFF, (height, width), whose tiles are all the same deflated bytes."""
    (height, width), (tile_height, tile_width) = size, tile
    tiles = -(-height // tile_height) * -(-width // tile_width)
    tags = gray_tags(height, width, 8) | {259: (3, (8,))}
    del tags[273], tags[278]
    at = 1000 + 8 * tiles
    tags |= {322: (4, (tile_width,)), 323: (4, (tile_height,))}
    tags |= {324: (4, (at,) * tiles), 325: (4, (len(packed),) * tiles)}
    return tiff(tags, packed, at=at)


def riff_chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk of a WebP."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def webp(*chunks: bytes) -> bytes:
    """Return a WebP of chunks."""
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WEBP" + b"".join(chunks)


def canvas(height: int, width: int, flags: int = 0) -> bytes:
    """Return the chunk that heads a WebP of several; flags: 2 animation, 8 EXIF, 16 alpha."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff_chunk(b"VP8X", struct.pack("<I", flags) + sides)


def frame(height: int, width: int, picture: bytes) -> bytes:
    """Return the chunk of an animation's frame, in the upper left, of a still WebP's chunks."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff_chunk(b"ANMF", bytes(6) + sides + (40).to_bytes(3, "little") + b"\0" + picture)
