"""Protocol Buffers' wire format, as much as reading a message's fields takes.

    message  fields: varint tag, number << 3 | kind; then the value
    kind     0 varint, 1 eight bytes, 2 varint length and so many bytes, 5 four bytes
    varint   seven bits a byte, the lowest first, the top bit set on all but the last

Source: protobuf.dev, Encoding. Damage is a ValueError or, where a message just ends, an IndexError.
"""

from collections.abc import Iterator

_LENGTH_OF = {1: 8, 5: 4}
_VARINT, _BYTES = 0, 2
_MORE = 0x80


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an integer for a varint, else its bytes."""
    place = 0
    while place < len(message):
        tag, place = varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = varint(message, place)
            yield tag >> 3, value
            continue
        size = _LENGTH_OF.get(kind)
        if kind == _BYTES:
            size, place = varint(message, place)
        if size is None or place + size > len(message):
            msg = f"a field of kind {kind} cannot be read"
            raise ValueError(msg)
        yield tag >> 3, message[place : place + size]
        place += size


def varint(data: bytes, place: int) -> tuple[int, int]:
    """The number at `place`, and the place after it."""
    value = 0
    for shift in range(0, 64, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value, place
    msg = "a number has more than 64 bits"
    raise ValueError(msg)
