"""JPEG: what of its header makes pixels, where EXIF stands, and how many scans there are.

A JPEG is SOI, segments, scans with segments between, and EOI; a segment is ff, a marker, u16 of its
length, big-endian and these two bytes counted, and its content (ITU-T T.81, B.1 and B.2). Readers
pass over what else stands between segments.
"""

import re
from collections.abc import Iterator

from serve.formats.limit import at_most

# Markers that head a segment, and the end: neither stuffing (00) nor restarts (d0 to d7), nor those
# below c0, which libjpeg passes over where it looks for a lost restart.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_EOI, _SOS, _APP0, _APP1, _APP14 = b"\xd9", b"\xda", b"\xe0", b"\xe1", b"\xee"
_COLOURS = {_APP0: b"JFIF", _APP14: b"Adobe"}  # libjpeg takes from them what its channels are
_EXIF = b"Exif\0\0"

# A scan of 48 megapixels can cost its sender 73 bytes and the server 17 ms; photos have 1 to 20.
MAX_SCANS = 100
# Each costs a microsecond of Python; as many full ones are 1.3 GB.
_MAX_SEGMENTS = 20_000
# Pillow unpacks them in Python; photos have one or two thousand.
_MAX_TABLE_BYTES = 1 << 16


def still(jpeg: bytes) -> tuple[bytes, bytes]:
    """Return a copy of a JPEG without what makes no pixels in its header, and its EXIF block.

    Pillow would read all that stands there, in Python, and join the EXIF blocks one by one.

    Raises:
        LimitError: It has too many segments or too large tables.
        ValueError: No scan begins.
    """
    pieces, exif, table_bytes = [memoryview(jpeg)[:2]], b"", 0
    for marker, start, end in _segments(jpeg):
        if marker == _SOS:
            return b"".join([*pieces, memoryview(jpeg)[start:]]), exif
        if _makes_pixels(marker, jpeg[start + 4 : start + 9]):
            pieces.append(memoryview(jpeg)[start:end])
            table_bytes += len(pieces[-1])
            at_most(_MAX_TABLE_BYTES, table_bytes, "bytes of tables before its first scan")
        elif marker == _APP1 and not exif and jpeg.startswith(_EXIF, start + 4):
            exif = jpeg[start + 4 : end]
    msg = "no scan begins"
    raise ValueError(msg)


def check_scans(jpeg: bytes) -> None:
    """Refuse a first picture of too many scans.

    Raises:
        LimitError: It has more than `MAX_SCANS`, or too many segments.
    """
    # The two bytes come by chance in what follows a photo, such as the film of a live one.
    if jpeg.count(b"\xff" + _SOS) > MAX_SCANS:
        at_most(MAX_SCANS, sum(marker == _SOS for marker, *_ in _segments(jpeg)), "scans")


def _segments(jpeg: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Marker, start and end of each segment of the first picture."""
    count, at = 0, 2
    while (found := _MARKER.search(jpeg, at)) and found[1] != _EOI:
        count += 1
        at_most(_MAX_SEGMENTS, count, "segments")
        at = found.end() + max(2, int.from_bytes(jpeg[found.end() : found.end() + 2], "big"))
        yield found[1], found.start(), at


def _makes_pixels(marker: bytes, content: bytes) -> bool:
    """What comes before the applications' segments does, and of those what names the channels."""
    return marker < _APP0 or content.startswith(_COLOURS.get(marker, b"\0" * 9))
