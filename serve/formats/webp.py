"""WebP: the canvas's size, which libwebp lays out as soon as it opens a file, and its chunks."""

from serve.formats.limit import at_most

_MAX_CHUNKS = 20_000  # libwebp keeps some 50 bytes of each, 100 of each frame of an animation


def size(webp: bytes) -> tuple[int, int]:
    """Return (height, width) of a WebP's canvas, by its first chunk (RFC 9649, 2.5 to 2.7)."""
    bits = int.from_bytes(webp[20:30], "little")
    match webp[12:16]:
        case b"VP8X":
            return (bits >> 56) + 1, (bits >> 32 & 0xFFFFFF) + 1
        case b"VP8L":
            return (bits >> 22 & 0x3FFF) + 1, (bits >> 8 & 0x3FFF) + 1
        case b"VP8 ":
            return bits >> 64 & 0x3FFF, bits >> 48 & 0x3FFF
    return 0, 0


def check_chunks(webp: bytes) -> None:
    """Refuse a file of too many chunks: 4 bytes of name, u32 length, content, padding to even.

    Raises:
        LimitError: It has more than 20,000.
    """
    count, at = 0, 12
    while at + 8 <= len(webp):
        count += 1
        at_most(_MAX_CHUNKS, count, "chunks")
        length = int.from_bytes(webp[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
