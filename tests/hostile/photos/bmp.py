"""BMPs: sizes that lie, palettes too short, packings that are none."""

import struct

from tests.hostile.photos.case import (
    DAMAGED_HEADER,
    DAMAGED_PIXELS,
    answered,
    refused,
    too_large,
)
from tests.photos import noise


def _bmp(
    height: int = 20, width: int = 30, *, bits: int = 24, packing: int = 0, colors: int = 0
) -> bytes:
    """The header of a BMP (BITMAPINFOHEADER), its pixels or palette to follow at byte 54."""
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packing, 0, 0, 0, colors, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54) + sizes


_PIXELS = noise(20, 92).tobytes()
_WHOLE = _bmp() + _PIXELS

CASES = {
    "magic alone": refused(DAMAGED_HEADER, b"BM"),
    "cut within its header": refused(DAMAGED_HEADER, _WHOLE[:40]),
    "cut within its pixels": refused(DAMAGED_PIXELS, _WHOLE[:-9]),
    "without pixels": refused(DAMAGED_PIXELS, _bmp()),
    "of no height": refused(DAMAGED_HEADER, _bmp(0) + _PIXELS),
    "of no width": refused(DAMAGED_HEADER, _bmp(20, 0) + _PIXELS),
    "of 2 billion a side": too_large(2**31 - 1, 2**31 - 1, _bmp(2**31 - 1, 2**31 - 1) + _PIXELS),
    "one row too many": too_large(1001, 1000, _bmp(1001, 1000) + _PIXELS),
    "a side too long": too_large(1, 32_768, _bmp(1, 32_768) + _PIXELS),
    "the largest, without pixels": refused(DAMAGED_PIXELS, _bmp(1000, 1000)),
    "from its top down": answered(_bmp(-20) + _PIXELS),
    "of the most negative height": too_large(2**31, 30, _bmp(-(2**31)) + _PIXELS),
    "of negative width": too_large(20, 2**32 - 30, _bmp(20, -30) + _PIXELS),
    "header of 4 GB": refused(DAMAGED_HEADER, _WHOLE[:14] + b"\xff\xff\xff\xff" + _WHOLE[18:]),
    "header of no length": refused(DAMAGED_HEADER, _WHOLE[:14] + bytes(4) + _WHOLE[18:]),
    "pixels behind its end": refused(
        DAMAGED_PIXELS, _WHOLE[:10] + b"\xff\xff\xff\x7f" + _WHOLE[14:]
    ),
    "pixels in its header": answered(_WHOLE[:10] + b"\1\0\0\0" + _WHOLE[14:]),
    "palette too short": refused(DAMAGED_PIXELS, _bmp(bits=8, colors=256) + bytes(12)),
    "palette of 4 billion": refused(
        DAMAGED_HEADER, _bmp(bits=8, colors=2**32 - 1) + bytes(1024) + _PIXELS
    ),
    "indices past its palette": answered(
        _bmp(bits=8, colors=2)[:10]
        + b"\x3e\0\0\0"
        + _bmp(bits=8, colors=2)[14:]
        + b"\1\2\3\0" * 2
        + _PIXELS
    ),
    "no bits": refused(DAMAGED_HEADER, _bmp(bits=0) + _PIXELS),
    "65535 bits": refused(DAMAGED_HEADER, _bmp(bits=65_535) + _PIXELS),
    "run-length encoded": refused(
        "it is run-length encoded", _bmp(bits=8, packing=1) + bytes(1024) + b"\xff\0" * 99
    ),
    "JPEG within": refused(DAMAGED_HEADER, _bmp(packing=4) + _PIXELS),
    "packing that is none": refused(DAMAGED_HEADER, _bmp(packing=99) + _PIXELS),
    "masks that lie over each other": refused(
        DAMAGED_HEADER, _bmp(bits=32, packing=3) + b"\xff" * 12 + _PIXELS
    ),
}
