"""WebP: the canvas's size, which libwebp lays out as soon as it opens a file."""


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
