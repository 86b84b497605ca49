"""JPEG: how many scans a photo has (ITU-T T.81, B.1 and B.2)."""

import re

# Markers that head a segment, and the end: neither stuffing (00) nor restarts (d0 to d7), nor those
# below c0, which libjpeg passes over where it looks for a lost restart.
_JPEG_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_EOI, _SOS = b"\xd9", b"\xda"

# A scan of 48 megapixels can cost its sender 73 bytes and the server 17 ms; photos have 1 to 20.
MAX_SCANS = 100


def has_too_many_scans(jpeg: bytes) -> bool:
    """Whether the first picture has more than `MAX_SCANS`."""
    # The two bytes come by chance in what follows a photo, such as the film of a live one.
    return jpeg.count(b"\xff" + _SOS) > MAX_SCANS and scans(jpeg) > MAX_SCANS


def scans(jpeg: bytes) -> int:
    """Count the scans of a JPEG's first picture, up to one more than there may be."""
    count = at = 0
    while count <= MAX_SCANS and (marker := _JPEG_MARKER.search(jpeg, at)) and marker[1] != _EOI:
        count += marker[1] == _SOS
        at = marker.end() + int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big")
    return count
