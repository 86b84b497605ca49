"""PNG: the still picture in an animated one, and where EXIF stands."""

import struct

_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}


def still(png: bytes) -> tuple[bytes, bytes]:
    """Return a PNG without its animation (itself if it has none), and its EXIF block.

    Chunks are u32 length, 4 bytes of name, as many bytes as said, u32 CRC, all big-endian; EXIF may
    stand before or after the pixels (PNG 3rd edition, 5.3 and 11.3).
    """
    pieces, exif, start, at = [], b"", 0, 8
    while at + 8 <= len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        if name == b"IEND":
            break
        end = at + 12 + length
        if name in _ANIMATION:
            pieces.append(png[start:at])
            start = end
        elif name == b"eXIf":
            exif = png[at + 8 : end - 4]
        at = end
    return b"".join([*pieces, png[start:]]), exif
