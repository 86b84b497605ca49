"""PNG: the chunks that make pixels, and where EXIF stands."""

import struct

from serve.formats.limit import at_most

_MAX_CHUNKS = 20_000  # each costs some microseconds of Python here and in Pillow; photos have few


def still(png: bytes) -> tuple[bytes, bytes]:
    """Return a PNG's critical chunks (itself if it has no others), and its EXIF block.

    Chunks are u32 length, 4 bytes of name, as many bytes as said, u32 CRC, all big-endian; EXIF may
    stand before or after the pixels (PNG 3rd edition, 5.3 and 11.3). A name in capitals says that
    no picture is had without the chunk. The others are an animation, texts and profiles, which
    Pillow would unpack, and colours that count as transparent.

    Raises:
        LimitError: It has too many chunks.
    """
    pieces, exif, start, at, chunks = [], b"", 0, 8, 0
    while at + 8 <= len(png):
        chunks += 1
        at_most(_MAX_CHUNKS, chunks, "chunks")
        length, name = struct.unpack_from(">I4s", png, at)
        if name == b"IEND":
            break
        end = at + 12 + length
        if name[:1].islower():
            pieces.append(png[start:at])
            start = end
            exif = png[at + 8 : end - 4] if name == b"eXIf" else exif
        at = end
    return b"".join([*pieces, png[start:]]), exif
