"""PNGs: chunks that lie, that are missing, that unpack without end."""

import struct
import zlib

import numpy as np

from tests.hostile.photos.case import (
    DAMAGED_HEADER,
    DAMAGED_PIXELS,
    answered,
    refused,
    too_large,
)
from tests.photos import chunk, noise, png, saved

_MAGIC = b"\x89PNG\r\n\x1a\n"
_GRAY, _RGB, _PALETTE = 0, 2, 3
_PLANE = noise(20, 30)
_WHOLE = saved(noise(20, 30, 3), "PNG")
_END = chunk(b"IEND", b"")
_ENDLESS = zlib.compress(bytes(4_000_000), 9)


def _header(
    height: int, width: int, bits: int = 8, color: int = _GRAY, interlace: int = 0
) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlace))


def _made(header: bytes, pixels: bytes, *, before: bytes = b"") -> bytes:
    return _MAGIC + header + before + chunk(b"IDAT", pixels) + _END


def _packed(height: int, row_bytes: int) -> bytes:
    return zlib.compress(bytes(height * (1 + row_bytes)), 9)


_DEEP = np.linspace(0, 65535, 600).astype(np.uint16).reshape(20, 30)
_ANIMATION = chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
_ANIMATION += chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 30, 20, 0, 0, 1, 1, 0, 0))

CASES = {
    "magic alone": refused(DAMAGED_HEADER, _MAGIC),
    "cut within its header": refused(DAMAGED_HEADER, _WHOLE[:20]),
    "cut within its pixels": refused(DAMAGED_PIXELS, _WHOLE[:-400]),
    "without pixels": refused(DAMAGED_PIXELS, _MAGIC + _header(20, 30) + _END),
    "without a header": refused(DAMAGED_HEADER, _MAGIC + chunk(b"IDAT", _packed(20, 30)) + _END),
    "of no height": refused(DAMAGED_HEADER, _made(_header(0, 30), _packed(20, 30))),
    "of no width": refused(DAMAGED_HEADER, _made(_header(20, 0), _packed(20, 30))),
    "of 4 billion a side": too_large(
        2**32 - 1, 2**32 - 1, _made(_header(2**32 - 1, 2**32 - 1), b"")
    ),
    "bomb of a million rows": too_large(
        1_000_000, 1_000_000, _made(_header(1_000_000, 1_000_000, 1), _ENDLESS)
    ),
    "one pixel too many": too_large(
        1, 1_000_001, _made(_header(1, 1_000_001), _packed(1, 1_000_001))
    ),
    "a side too long": too_large(1, 32_768, _made(_header(1, 32_768), _packed(1, 32_768))),
    "1 high and 30000 wide": answered(_made(_header(1, 30_000), _packed(1, 30_000))),
    "30000 high and 1 wide": answered(_made(_header(30_000, 1), _packed(30_000, 1))),
    "bomb behind its last row": answered(_made(_header(20, 30), _ENDLESS)),
    "fewer rows than it says": answered(_made(_header(200, 30), _packed(20, 30))),
    "pixels that are no deflate": refused(DAMAGED_PIXELS, _made(_header(20, 30), b"nonsense" * 9)),
    "filter that is none": refused(
        DAMAGED_PIXELS, _made(_header(20, 30), zlib.compress(b"\x09" * 620))
    ),
    "depth that is none": refused(DAMAGED_HEADER, _made(_header(20, 30, bits=7), _packed(20, 30))),
    "colour that is none": refused(
        DAMAGED_HEADER, _made(_header(20, 30, color=5), _packed(20, 30))
    ),
    "16-bit palette": refused(
        DAMAGED_HEADER, _made(_header(20, 30, bits=16, color=_PALETTE), _packed(20, 60))
    ),
    "no palette": answered(_made(_header(20, 30, color=_PALETTE), _packed(20, 30))),
    "palette too short": answered(
        _made(
            _header(20, 30, color=_PALETTE),
            zlib.compress(b"".join(b"\0" + row.tobytes() for row in _PLANE)),
            before=chunk(b"PLTE", b"\1\2\3"),
        )
    ),
    "palette of odd length": answered(
        _made(_header(20, 30, color=_PALETTE), _packed(20, 30), before=chunk(b"PLTE", b"\1\2")),
    ),
    "header twice, the second huge": too_large(
        60_000, 60_000, _made(_header(20, 30) + _header(60_000, 60_000), _packed(20, 30))
    ),
    "header of one byte": refused(
        DAMAGED_HEADER, _MAGIC + chunk(b"IHDR", b"\1") + chunk(b"IDAT", b"") + _END
    ),
    "checksum wrong": refused(DAMAGED_HEADER, _WHOLE[:29] + b"????" + _WHOLE[33:]),
    "chunk of 4 GB": refused(DAMAGED_PIXELS, _MAGIC + _header(20, 30) + b"\xff\xff\xff\xffIDAT"),
    "chunk with a name of bytes": refused(
        DAMAGED_HEADER, _MAGIC + _header(20, 30) + chunk(b"\0\0\0\0", b"") + _END
    ),
    "zTXt bomb": answered(
        png(_PLANE, _GRAY, before=chunk(b"zTXt", b"k\0\0" + _ENDLESS)),
    ),
    "iTXt bomb": answered(
        png(_PLANE, _GRAY, before=chunk(b"iTXt", b"k\0\1\0\0\0" + _ENDLESS)),
    ),
    "iCCP bomb": answered(png(_PLANE, _GRAY, before=chunk(b"iCCP", b"k\0\0" + _ENDLESS))),
    "hundred text bombs": answered(
        png(
            _PLANE,
            _GRAY,
            before=b"".join(
                chunk(b"zTXt", b"%d\0\0" % n + zlib.compress(bytes(100_000), 9)) for n in range(100)
            ),
        )
    ),
    "EXIF of nonsense": answered(png(_PLANE, _GRAY, before=chunk(b"eXIf", b"\xff" * 900))),
    "infinite gamma": answered(
        png(_PLANE, _GRAY, before=chunk(b"gAMA", b"\0\0\0\0") + chunk(b"cHRM", bytes(32)))
    ),
    "two billion frames": answered(png(_PLANE, _GRAY, before=_ANIMATION)),
    "16 bits": answered(png(_DEEP, _GRAY)),
    "16 bits cut to half a sample": refused(
        DAMAGED_PIXELS, _made(_header(20, 30, bits=16), zlib.compress(bytes(20 * 61 - 1)))
    ),
    "interlaced, one pass only": answered(_made(_header(200, 300, interlace=1), _packed(25, 38))),
    "HTML behind it": answered(_WHOLE + b"<html><script>alert(1)</script></html>"),
    "HTML within it": answered(
        png(_PLANE, _GRAY, before=chunk(b"tEXt", b"Comment\0<script>alert(1)</script>"))
    ),
}
