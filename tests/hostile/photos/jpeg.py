"""JPEGs: frames that lie, scans without end, segments of nonsense."""

import struct

import numpy as np
from PIL import Image

from tests.hostile.photos.case import (
    DAMAGED_HEADER,
    DAMAGED_PIXELS,
    answered,
    refused,
    too_large,
)
from tests.photos import noise, saved, segment

_SOF, _DHT, _SOI, _EOI, _SOS, _DQT, _DRI, _APP1, _APP2 = (
    0xC0, 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE1, 0xE2,
)  # fmt: skip
_WHOLE = saved(noise(20, 30, 3), "JPEG")
_FRAME = _WHOLE.index(bytes([0xFF, _SOF]))
_SCAN = _WHOLE.index(bytes([0xFF, _SOS]))
_TABLES = _WHOLE.index(bytes([0xFF, _DQT]))
_START, _END = _WHOLE[:2], _WHOLE[-2:]
_PROGRESSIVE = saved(np.full((999, 999), 90, np.uint8), "JPEG", progressive=True)
_LAST_SCAN = _PROGRESSIVE[_PROGRESSIVE.rindex(bytes([0xFF, _SOS])) : -2]


def _with(*segments: bytes) -> bytes:
    """The whole one with segments behind its start."""
    return _START + b"".join(segments) + _WHOLE[2:]


def _sized(height: int, width: int) -> bytes:
    """The whole one with another size in its frame."""
    return _WHOLE[: _FRAME + 5] + struct.pack(">HH", height, width) + _WHOLE[_FRAME + 9 :]


def _frame(
    height: int, width: int, marker: int = _SOF, bits: int = 8, sampling: int = 0x11
) -> bytes:
    components = b"".join(bytes([n, sampling, 0]) for n in (1, 2, 3))
    return segment(marker, struct.pack(">BHHB", bits, height, width, 3) + components)


def _reframed(*frames: bytes) -> bytes:
    """The whole one with other frames in the place of its own."""
    end = _FRAME + 2 + int.from_bytes(_WHOLE[_FRAME + 2 : _FRAME + 4], "big")
    return _WHOLE[:_FRAME] + b"".join(frames) + _WHOLE[end:]


CASES = {
    "magic alone": refused(DAMAGED_HEADER, b"\xff\xd8\xff"),
    "start and end": refused(DAMAGED_HEADER, _START + _END),
    "cut within its header": refused(DAMAGED_HEADER, _WHOLE[: _FRAME + 4]),
    "cut within its pixels": refused(DAMAGED_PIXELS, _WHOLE[:-200]),
    "progressive and cut": refused(DAMAGED_PIXELS, _PROGRESSIVE[:-900]),
    "without a frame": refused(DAMAGED_HEADER, _reframed()),
    "without a scan": refused(DAMAGED_HEADER, _WHOLE[:_SCAN] + _END),
    "without tables": refused(DAMAGED_PIXELS, _WHOLE[:_TABLES] + _WHOLE[_FRAME:]),
    "of no height": refused(DAMAGED_HEADER, _sized(0, 30)),
    "of no width": refused(DAMAGED_HEADER, _sized(20, 0)),
    "of 65535 a side": too_large(65_535, 65_535, _sized(65_535, 65_535)),
    "one row too many": too_large(1001, 1000, _sized(1001, 1000)),
    "a side too long": too_large(1, 32_768, _sized(1, 32_768)),
    "1 high and 30000 wide": answered(saved(Image.new("L", (30_000, 1)), "JPEG")),
    "30000 high and 1 wide": answered(saved(Image.new("L", (1, 30_000)), "JPEG")),
    "more rows than it has": answered(_sized(900, 900)),
    "frame twice, the second huge": too_large(
        65_500, 65_500, _reframed(_frame(20, 30), _frame(65_500, 65_500))
    ),
    "frame twice, the first huge": refused(
        DAMAGED_PIXELS, _reframed(_frame(65_500, 65_500), _frame(20, 30))
    ),
    "frame twice, the second in its scans": refused(
        DAMAGED_PIXELS, _WHOLE[:-2] + _frame(65_500, 65_500) + _WHOLE[_SCAN:]
    ),
    "12 bits": refused(DAMAGED_HEADER, _reframed(_frame(20, 30, bits=12))),
    "lossless": refused(DAMAGED_PIXELS, _reframed(_frame(20, 30, marker=0xC3))),
    "arithmetic": answered(_reframed(_frame(20, 30, marker=0xC9))),
    "hierarchical": refused(DAMAGED_PIXELS, _reframed(_frame(20, 30, marker=0xC5))),
    "no sampling": refused(DAMAGED_PIXELS, _reframed(_frame(20, 30, sampling=0))),
    "sampling of 15": refused(DAMAGED_PIXELS, _reframed(_frame(20, 30, sampling=0xFF))),
    "a component twice": refused(
        DAMAGED_PIXELS, _reframed(_frame(20, 30).replace(b"\2\x11", b"\1\x11"))
    ),
    "255 components": refused(
        DAMAGED_HEADER, _reframed(segment(_SOF, b"\x08\0\x14\0\x1e\xff" + b"\1\x11\0" * 255))
    ),
    "frame of one byte": refused(DAMAGED_HEADER, _reframed(segment(_SOF, b"\x08"))),
    "segment of 64 kB that is not there": refused(DAMAGED_HEADER, _START + b"\xff\xdb\xff\xff"),
    "segment of no length": refused(DAMAGED_PIXELS, _START + b"\xff\xdb\0\0" + _WHOLE[2:]),
    "hundred tables": answered(_with(segment(_DQT, (b"\0" + b"\1" * 64) * 100))),
    "table of 16 bits in a number that is none": refused(
        DAMAGED_PIXELS, _with(segment(_DQT, b"\x1f" + b"\1" * 128))
    ),
    "code that does not fit its bits": refused(
        DAMAGED_PIXELS,
        _WHOLE[:_SCAN] + segment(_DHT, b"\0" + b"\xff" * 16 + b"\1" * 200) + _WHOLE[_SCAN:],
    ),
    "scan bomb": refused("it has more than 100 scans", _PROGRESSIVE[:-2] + _LAST_SCAN * 100 + _END),
    "scan bomb behind a segment that is none": refused(
        "it has more than 100 scans",
        _PROGRESSIVE[:-2] + b"\xff\x02\xff\xff" + _LAST_SCAN * 100 + _END,
    ),
    "segment bomb": answered(_with(segment(0xFE, b"") * 1500)),
    "EXIF bomb": answered(_with(segment(_APP1, b"Exif\0\0") * 500)),
    "EXIF that leads into itself": answered(
        _with(
            segment(_APP1, b"Exif\0\0II*\0\x08\0\0\0\1\0\x69\x87\4\0\1\0\0\0\x08\0\0\0" + bytes(4))
        )
    ),
    "EXIF of NaN": answered(
        _with(
            segment(
                _APP1,
                b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x1a\0\x0b\0\0\0\1\x7f\xc0\0\0" + bytes(4),
            )
        )
    ),
    "profile of nonsense": answered(_with(segment(_APP2, b"ICC_PROFILE\0\1\1" + b"?" * 999))),
    "profile in piece 3 of 0": answered(_with(segment(_APP2, b"ICC_PROFILE\0\3\0" + b"?" * 9))),
    "Photoshop block that goes back": answered(
        _with(segment(0xED, b"Photoshop 3.0\x008BIM\3\xed\0\0\xff\xff\xff\xff" + bytes(9)))
    ),
    "Adobe that says what it cannot": answered(
        _with(segment(0xEE, b"Adobe\0\x64\0\0\0\0\7")).replace(b"JFIF", b"FIFJ")
    ),
    "restarts that never come": answered(_with(segment(_DRI, b"\0\1"))),
    "started twice": answered(_START + _WHOLE),
    "ZIP behind it": answered(_WHOLE + b"PK\3\4" + bytes(26) + b"PK\5\6" + bytes(18)),
    "PHP within it": answered(_with(segment(0xFE, b"<?php system($_GET['c']); ?>"))),
    "index of pictures that are not there": answered(
        _with(segment(_APP2, b"MPF\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 60))
    ),
}
