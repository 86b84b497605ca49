"""PNG: the still picture in an animated one, and where EXIF stands."""

import struct

_MAX_CHUNKS = 20_000  # each costs some microseconds of Python here and in Pillow; photos have few
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}


def still(png: bytes) -> tuple[bytes, bytes]:
    """Return a PNG without its animation (itself if it has none), and its EXIF block.

    Chunks are u32 length, 4 bytes of name, as many bytes as said, u32 CRC, all big-endian; EXIF may
    stand before or after the pixels (PNG 3rd edition, 5.3 and 11.3).
    """
    pieces, exif, start, at, chunks = [], b"", 0, 8, 0
    while at + 8 <= len(png):
        chunks += 1
        if chunks > _MAX_CHUNKS:
            msg = f"more than {_MAX_CHUNKS} chunks"
            raise ValueError(msg)
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
