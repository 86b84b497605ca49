"""TIFFs: directories that lead astray, strips and tiles that lie, packings without end."""

import struct
import zlib

import numpy as np
from PIL import Image

from tests.hostile.photos.case import (
    DAMAGED_HEADER,
    DAMAGED_PIXELS,
    Case,
    answered,
    refused,
    too_large,
)
from tests.photos import Tags, gray_tags, noise, saved, tiff, tiled

_BYTE, _SHORT, _LONG = 1, 3, 4
_WIDTH, _HEIGHT, _BITS, _PACKING, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIPS, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANES, _COLORMAP = 273, 277, 278, 279, 284, 320
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _EXTRA, _FORMAT = 322, 323, 324, 338, 339
_LZW, _OLD_JPEG, _JPEG, _DEFLATE, _PACKBITS, _LZMA, _ZSTD = 5, 6, 7, 8, 32773, 34925, 50000
_PIXELS = noise(20, 30).tobytes()
_WHOLE = saved(noise(20, 30, 3), "TIFF")
_ENDLESS = zlib.compress(bytes(2_000_000), 9)


_GRAY = tiff(gray_tags(20, 30, 8), _PIXELS)


def _changed(changes: Tags, pixels: bytes = _PIXELS) -> bytes:
    """A gray TIFF of 20x30 with other tags besides, or in the place of its own."""
    return tiff(gray_tags(20, 30, 8) | changes, pixels)


def _packed(packing: int, pixels: bytes, changes: Tags | None = None) -> bytes:
    """A gray TIFF of 20x30 in one packed strip."""
    packed: Tags = {_PACKING: (_SHORT, (packing,)), _STRIP_BYTES: (_LONG, (len(pixels),))}
    return _changed(packed | (changes or {}), pixels)


def _sized(height: int, width: int) -> Case:
    size: Tags = {_HEIGHT: (_LONG, (height,)), _WIDTH: (_LONG, (width,))}
    return too_large(height, width, _packed(_DEFLATE, _ENDLESS, size))


def _thin(height: int, width: int) -> bytes:
    size: Tags = {_HEIGHT: (_LONG, (height,)), _WIDTH: (_LONG, (width,)), _ROWS: (_LONG, (height,))}
    return _packed(_DEFLATE, zlib.compress(bytes(height * width)), size)


def _without(tag: int) -> bytes:
    return tiff({key: value for key, value in gray_tags(20, 30, 8).items() if key != tag}, _PIXELS)


def _pages(next_at: int) -> bytes:
    """A gray TIFF that says where its second page is."""
    body = _GRAY
    end = 8 + 2 + 12 * len(gray_tags(20, 30, 8))
    return body[:end] + struct.pack("<I", next_at) + body[end + 4 :]


_YCBCR = _packed(
    _LZW,
    b"?" * 600,
    {_PHOTOMETRIC: (_SHORT, (6,)), _SAMPLES: (_SHORT, (3,)), _BITS: (_SHORT, (8, 8, 8))},
)

CASES = {
    "magic alone": refused(DAMAGED_HEADER, b"II*\0"),
    "cut within its directory": refused(DAMAGED_HEADER, _GRAY[:60]),
    "cut within its pixels": refused(DAMAGED_PIXELS, _GRAY[:-9]),
    "in colour and cut": refused(DAMAGED_PIXELS, _WHOLE[:-9]),
    "directory behind its end": refused(DAMAGED_HEADER, b"II*\0\xff\xff\xff\xff" + _GRAY[8:]),
    "directory in its header": refused(DAMAGED_HEADER, b"II*\0\0\0\0\0" + _GRAY[8:]),
    "directory of 65535": refused(DAMAGED_HEADER, _GRAY[:8] + b"\xff\xff" + _GRAY[10:]),
    "directory of none": refused(DAMAGED_HEADER, _GRAY[:8] + bytes(2) + _GRAY[10:]),
    "page that is its own next": answered(_pages(8)),
    "next page behind its end": answered(_pages(2**32 - 1)),
    "hundred pages": answered(
        saved(
            Image.new("1", (8, 8)),
            "TIFF",
            save_all=True,
            append_images=[Image.new("1", (8, 8))] * 99,
        )
    ),
    "directories within directories": answered(
        _changed({330: (_LONG, (8,) * 100), 34665: (_LONG, (8,)), 34853: (_LONG, (8,))})
    ),
    "of 4 billion a side": _sized(2**32 - 1, 2**32 - 1),
    "deflate bomb of 30000 a side": _sized(30_000, 30_000),
    "one row too many": _sized(1001, 1000),
    "a side too long": _sized(1, 32_768),
    "1 high and 30000 wide": answered(_thin(1, 30_000)),
    "30000 high and 1 wide": answered(_thin(30_000, 1)),
    "of no height": refused(DAMAGED_HEADER, _changed({_HEIGHT: (_LONG, (0,))})),
    "of no width": refused(DAMAGED_HEADER, _changed({_WIDTH: (_LONG, (0,))})),
    "without a height": refused(DAMAGED_HEADER, _without(_HEIGHT)),
    "without strips": refused(DAMAGED_HEADER, _without(_STRIPS)),
    "width twice": refused(DAMAGED_HEADER, _changed({_WIDTH: (_SHORT, (30, 30_000))})),
    "width in bytes": refused(DAMAGED_HEADER, _changed({_WIDTH: (_BYTE, (30,))})),
    "strip behind its end": refused(DAMAGED_PIXELS, _changed({_STRIPS: (_LONG, (2**32 - 1,))})),
    "strip in its header": answered(_changed({_STRIPS: (_LONG, (0,))})),
    "no rows a strip": refused(DAMAGED_PIXELS, _changed({_ROWS: (_LONG, (0,))})),
    "4 billion rows a strip": answered(_changed({_ROWS: (_LONG, (2**32 - 1,))})),
    "3000 strips over each other": refused(
        "it has more than 2400 pixels in its strips",
        _changed({_ROWS: (_LONG, (19,)), _STRIPS: (_BYTE, (200,) * 3000)}, bytes(3000)),
    ),
    "deflate without end": answered(_packed(_DEFLATE, _ENDLESS)),
    "deflate without end in a strip of 4 billion rows": refused(
        DAMAGED_PIXELS, _packed(_DEFLATE, _ENDLESS, {_ROWS: (_LONG, (2**32 - 2,))})
    ),
    "deflate that ends early": refused(DAMAGED_PIXELS, _packed(_DEFLATE, zlib.compress(b"few"))),
    "deflate of nonsense": refused(DAMAGED_PIXELS, _packed(_DEFLATE, b"?" * 600)),
    "LZW of nonsense": refused(DAMAGED_PIXELS, _packed(_LZW, b"?" * 600)),
    "PackBits of nonsense": refused(DAMAGED_PIXELS, _packed(_PACKBITS, b"\x80" * 600)),
    "LZMA of nonsense": refused(DAMAGED_PIXELS, _packed(_LZMA, b"?" * 600)),
    "zstd of nonsense": refused(DAMAGED_PIXELS, _packed(_ZSTD, b"?" * 600)),
    "JPEG of nonsense": refused(DAMAGED_PIXELS, _packed(_JPEG, b"?" * 600)),
    "JPEG of another size": refused(
        DAMAGED_PIXELS,
        _packed(_JPEG, saved(Image.new("L", (9000, 9000)), "JPEG", quality=1)[:9000]),
    ),
    "JPEG of the old kind": refused(
        "it is compressed as JPEG was before 1995", _packed(_OLD_JPEG, b"?" * 600)
    ),
    "YCbCr of nonsense": refused("its colours are YCbCr, packed other than as JPEG", _YCBCR),
    "fax": refused("it is compressed as a fax", _packed(4, b"?" * 600)),
    "packing that is none": refused(DAMAGED_HEADER, _packed(999, b"?" * 600)),
    "tile bomb, wide": refused(
        "it has more than 16777216 pixels in a tile", tiled((20, 30), (65_520, 65_520), _ENDLESS)
    ),
    "tile bomb, 60 tiles a million rows high": refused(
        "it has more than 16838656 pixels in its tiles", tiled((16, 960), (1 << 20, 16), _ENDLESS)
    ),
    "tiles of no width": answered(
        _changed({_TILE_WIDTH: (_LONG, (0,)), _TILE_HEIGHT: (_LONG, (16,))})
    ),
    "tiles that are not there": refused(
        DAMAGED_PIXELS, tiled((20, 30), (16, 16), zlib.compress(bytes(256)))[:1020]
    ),
    "tiles of a size that is no multiple of 16": answered(
        tiled((20, 30), (7, 5), zlib.compress(bytes(35)))
    ),
    "floats, NaN": refused(
        "32-bit float samples have no fixed white; send 8 or 16 bits",
        saved(np.full((20, 30), np.nan, np.float32), "TIFF"),
    ),
    "floats of 64 bits": refused(
        DAMAGED_HEADER, _changed({_BITS: (_SHORT, (64,)), _FORMAT: (_SHORT, (3,))}, bytes(4800))
    ),
    "integers of 32 bits, negative": refused(
        "its samples are 32-bit integers, and some are not in 0 to 65535",
        saved(np.full((20, 30), -5, np.int32), "TIFF"),
    ),
    "12 bits": refused("its samples have 12 bits", _changed({_BITS: (_SHORT, (12,))}, bytes(900))),
    "3 bits": refused(DAMAGED_HEADER, _changed({_BITS: (_SHORT, (3,))})),
    "16 bits that count down from white": refused(
        "its samples are 16-bit gray that counts down from white",
        _changed({_BITS: (_SHORT, (16,)), _PHOTOMETRIC: (_SHORT, (0,))}, bytes(1200)),
    ),
    "65535 samples a pixel": refused(DAMAGED_HEADER, _changed({_SAMPLES: (_SHORT, (65_535,))})),
    "no samples": refused(DAMAGED_HEADER, _changed({_SAMPLES: (_SHORT, (0,))})),
    "bits of 900 samples": answered(_changed({_BITS: (_SHORT, (8,) * 400)})),
    "bits behind its end": refused(
        DAMAGED_HEADER, _changed({_BITS: (_SHORT, (8,) * 400)})[:1000].ljust(120)[:120]
    ),
    "extra samples that are none": refused(DAMAGED_HEADER, _changed({_EXTRA: (_SHORT, (2,) * 9)})),
    "planes that are not there": refused(
        DAMAGED_HEADER,
        _changed({_PLANES: (_SHORT, (2,)), _STRIPS: (_LONG, (1000,) * 9)}),
    ),
    "palette too short": answered(
        _changed({_PHOTOMETRIC: (_SHORT, (3,)), _COLORMAP: (_SHORT, (7,) * 5)}),
    ),
    "no palette": refused(DAMAGED_HEADER, _changed({_PHOTOMETRIC: (_SHORT, (3,))})),
    "colours that are none": refused(DAMAGED_HEADER, _changed({_PHOTOMETRIC: (_SHORT, (999,))})),
    "BigTIFF": refused(
        "it begins like none of the accepted formats", b"II+\0\x08\0\0\0" + bytes(600)
    ),
    "offset of a tag it has 4 billion of": refused(
        DAMAGED_HEADER,
        _changed({_BITS: (_SHORT, (8,) * 3)}).replace(
            struct.pack("<HHI", _BITS, _SHORT, 3), struct.pack("<HHI", _BITS, _SHORT, 2**32 - 1)
        ),
    ),
    "text of 4 GB": answered(
        _changed({305: (_BYTE, tuple(b"a program"))}).replace(
            struct.pack("<HHI", 305, _BYTE, 9), struct.pack("<HHI", 305, _BYTE, 2**32 - 1)
        )
    ),
}
