"""WebPs: canvases that lie, animations without end, chunks of nonsense."""

import struct

import numpy as np

from tests.hostile.photos.case import (
    DAMAGED_HEADER,
    DAMAGED_PIXELS,
    answered,
    refused,
    too_large,
)
from tests.photos import canvas, frame, noise, riff_chunk, saved, webp

_ANIMATED, _HAS_EXIF, _HAS_ALPHA, _HAS_PROFILE = 2, 8, 16, 32
_LOSSLESS = saved(noise(20, 30, 3), "WEBP", lossless=True)
_LOSSY = saved(noise(20, 30, 3), "WEBP")
_STILL = _LOSSLESS[12:]
_SMALL = saved(np.full((20, 30, 3), 90, np.uint8), "WEBP", lossless=True)[12:]
_WHITE = saved(np.full((999, 999, 3), 255, np.uint8), "WEBP", lossless=True)[12:]
_ANIMATION = riff_chunk(b"ANIM", bytes(6))


def _lossless_head(height: int, width: int) -> bytes:
    return riff_chunk(b"VP8L", struct.pack("<BI", 0x2F, width - 1 | height - 1 << 14) + bytes(9))


CASES = {
    "magic alone": refused(DAMAGED_HEADER, b"RIFF\xff\xff\xff\xffWEBP"),
    "lossless and cut within its header": refused(DAMAGED_HEADER, _LOSSLESS[:22]),
    "lossless and cut within its pixels": refused(DAMAGED_HEADER, _LOSSLESS[:-200]),
    "lossy and cut within its pixels": refused(DAMAGED_HEADER, _LOSSY[:-100]),
    "of 16 million a side": too_large(1 << 24, 1 << 24, webp(canvas(1 << 24, 1 << 24), _STILL)),
    "lossless, of 16384 a side": too_large(16_384, 16_384, webp(_lossless_head(16_384, 16_384))),
    "lossy, of 16383 a side": too_large(
        16_383, 16_383, _LOSSY[:26] + b"\xff\x3f\xff\x3f" + _LOSSY[30:]
    ),
    "lossy, of no size": refused(DAMAGED_HEADER, _LOSSY[:26] + bytes(4) + _LOSSY[30:]),
    "lossy, of another size than it has": refused(
        DAMAGED_PIXELS, _LOSSY[:26] + b"\xe7\3\xe7\3" + _LOSSY[30:]
    ),
    "canvas smaller than its picture": refused(DAMAGED_HEADER, webp(canvas(2, 2), _STILL)),
    "canvas larger than its picture": refused(DAMAGED_HEADER, webp(canvas(999, 999), _STILL)),
    "canvas alone": refused(DAMAGED_HEADER, webp(canvas(20, 30))),
    "canvas twice": refused(DAMAGED_HEADER, webp(canvas(20, 30), canvas(9, 9), _STILL)),
    "picture twice": refused(DAMAGED_HEADER, webp(canvas(20, 30), _STILL, _STILL)),
    "alpha alone": refused(
        DAMAGED_HEADER, webp(canvas(20, 30, _HAS_ALPHA), riff_chunk(b"ALPH", b"\0" * 600))
    ),
    "alpha of nonsense": refused(
        DAMAGED_PIXELS,
        webp(canvas(20, 30, _HAS_ALPHA), riff_chunk(b"ALPH", b"\1nonsense"), _LOSSY[12:]),
    ),
    "lossless of nonsense": refused(
        DAMAGED_PIXELS, webp(riff_chunk(b"VP8L", b"\x2f" + _LOSSLESS[21:25] + b"\x5a" * 99))
    ),
    "RIFF that says nothing": refused(DAMAGED_HEADER, b"RIFF\0\0\0\0WEBP" + _STILL),
    "RIFF of 4 GB": refused(DAMAGED_HEADER, b"RIFF\xff\xff\xff\xffWEBP" + _STILL),
    "first chunk of another kind": refused(DAMAGED_HEADER, webp(riff_chunk(b"JUNK", b"?"), _STILL)),
    "chunk of 4 GB": answered(webp(canvas(20, 30), _STILL) + b"EXIF\xff\xff\xff\xff"),
    "900 chunks of nothing": answered(webp(canvas(20, 30), _SMALL, riff_chunk(b"JUNK", b"") * 900)),
    "animation of 200 frames": answered(
        webp(canvas(20, 30, _ANIMATED), _ANIMATION, frame(20, 30, _SMALL) * 200)
    ),
    "animation of the largest frames": answered(
        webp(canvas(999, 999, _ANIMATED), _ANIMATION, frame(999, 999, _WHITE) * 9)
    ),
    "animation without frames": refused(
        DAMAGED_HEADER, webp(canvas(20, 30, _ANIMATED), _ANIMATION)
    ),
    "animation whose frame is larger than its canvas": refused(
        DAMAGED_HEADER, webp(canvas(9, 9, _ANIMATED), _ANIMATION, frame(20, 30, _STILL))
    ),
    "animation whose frame says another size": answered(
        webp(canvas(20, 30, _ANIMATED), _ANIMATION, frame(9, 9, _STILL))
    ),
    "animation within an animation": answered(
        webp(canvas(20, 30, _ANIMATED), _ANIMATION, frame(20, 30, frame(20, 30, _STILL))),
    ),
    "EXIF of nonsense": answered(
        webp(canvas(20, 30, _HAS_EXIF), _STILL, riff_chunk(b"EXIF", b"\xff" * 99))
    ),
    "profile of nonsense": answered(
        webp(canvas(20, 30, _HAS_PROFILE), riff_chunk(b"ICCP", b"\xff" * 99), _STILL)
    ),
}
