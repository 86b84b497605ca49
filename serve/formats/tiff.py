"""TIFF, which EXIF is too: the first directory, and what of it makes pixels."""

import io
import struct

from PIL import TiffTags
from PIL.TiffImagePlugin import TiffImageFile

from serve.formats.limit import at_most

_UNIT_BYTES = {1: 1, 3: 2, 4: 4, 5: 8, 7: 1}  # BYTE, SHORT, LONG, RATIONAL, UNDEFINED
_BLOBS = {1, 7}  # read as one string of bytes, whatever their count
_HEADER_BYTES, _INLINE_BYTES = 8, 4
_MAX_VALUES = 1 << 16  # Pillow makes objects of each
_MAX_TILE_PIXELS = 1 << 24  # libtiff unpacks one whole, however small the photo
_MAX_TIMES = 4  # the pixels unpacked to those there are; channels may lie in planes of their own
_BITS, _PHOTOMETRIC, _ORIENTATION, _TILE_WIDTH, _TILE_HEIGHT, _LONG = 258, 262, 274, 322, 323, 4
# The tags that make pixels: size, samples, packing, where strips and tiles lie, YCbCr.
_PIXEL_TAGS = {256, 257, _BITS, 259, _PHOTOMETRIC, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320}
_PIXEL_TAGS |= {_TILE_WIDTH, _TILE_HEIGHT, 324, 325, 338, 339, 347, 529, 530, 531, 532}
_EXIF = b"Exif\0\0"
_COMPRESSION, _FAX = 259, {2, 3, 4}  # libtiff logs a line for each of its damaged rows
_YCBCR, _OLD_JPEG = 6, 6
_ORIENTATIONS = 8
_DEEP_BITS = 16


def first_page(tiff: bytes) -> bytes:
    """Return a copy of a TIFF whose only directory is the first, of the tags that make pixels.

    Of the others, Pillow warns of odd values and turns the photo itself. The directory is put where
    it was, as it does not grow.
    """
    order, start, entries = _directory(tiff)
    kept = [entry for entry in entries if entry[1] in _PIXEL_TAGS]
    if start < _HEADER_BYTES:
        msg = "the directory lies in the header"
        raise ValueError(msg)
    _check_values(tiff, order, kept)
    page = io.BytesIO(tiff)
    page.seek(start)
    page.write(struct.pack(order + "H", len(kept)))
    page.writelines(tiff[at : at + 12] for at, *_ in kept)
    page.write(bytes(4))
    return page.getvalue()


def oddity(stored: TiffImageFile) -> str | None:
    """What Pillow would log a line for each row of, or decode as another picture than was meant."""
    tags = stored.tag_v2
    if tags.get(_COMPRESSION) in _FAX:
        return "it is compressed as a fax"
    if tags.get(_COMPRESSION) == _OLD_JPEG:
        return "it is compressed as JPEG was before 1995"
    if tags.get(_PHOTOMETRIC) == _YCBCR and "RGBX" in (stored.tile[0].args or ()):
        # libtiff makes RGB of it, black of what is damaged, and logs a line for each strip.
        return "its colours are YCbCr, packed other than as JPEG"
    if stored.mode == "I;16" and tags[_BITS][0] < _DEEP_BITS:
        return "its samples have 12 bits"
    if stored.mode == "I;16" and not tags.get(_PHOTOMETRIC):
        return "its samples are 16-bit gray that counts down from white"
    return None


def check_amounts(stored: TiffImageFile) -> None:
    """Refuse tiles and strips that hold far more pixels than the photo.

    They may all be the same few bytes, and of any shape: 50 kB of tiles, each a million rows high
    of which one counts, are 20 s of unpacking.

    Raises:
        LimitError: They do.
    """
    pixels = _MAX_TIMES * stored.width * stored.height
    width, height = (stored.tag_v2.get(tag, 0) for tag in (_TILE_WIDTH, _TILE_HEIGHT))
    if width and height:
        across, down = -(-stored.width // width), -(-stored.height // height)
        at_most(_MAX_TILE_PIXELS, width * height, "pixels in a tile")
        at_most(pixels + _MAX_TILE_PIXELS, across * width * down * height, "pixels in its tiles")
    # Of what is not packed, Pillow draws as many strips and tiles as are named.
    boxes = (extents for _, extents, *_ in stored.tile if extents)
    drawn = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
    at_most(pixels, drawn, "pixels in its strips")


def orientation(block: bytes) -> int:
    """Return the orientation, 1 to 8, that an EXIF block (a TIFF) has; 1 if none, or damaged."""
    block = block.removeprefix(_EXIF).removeprefix(_EXIF)  # some writers say it twice
    try:
        order, _, entries = _directory(block)
        at, kind = next((at, kind) for at, tag, kind, _ in entries if tag == _ORIENTATION)
        (value,) = struct.unpack_from(order + ("I" if kind == _LONG else "H"), block, at + 8)
    except (KeyError, StopIteration, struct.error):
        return 1
    return value if 1 <= value <= _ORIENTATIONS else 1


def _check_values(tiff: bytes, order: str, entries: list[tuple[int, int, int, int]]) -> None:
    """Raise ValueError or KeyError of what Pillow would warn of, or make too many objects of."""
    outside_bytes = 0
    for at, tag, kind, count in entries:
        size = _UNIT_BYTES[kind] * count
        if size > _INLINE_BYTES:
            outside_bytes += size
            (offset,) = struct.unpack_from(order + "I", tiff, at + 8)
            if max(offset + size, outside_bytes) > len(tiff):
                msg = f"the values of tag {tag} lie outside of the file"
                raise ValueError(msg)
        one = TiffTags.lookup(tag).length == 1 and kind not in _BLOBS
        if count > (1 if one else _MAX_VALUES):
            msg = f"tag {tag} has {count} values"
            raise ValueError(msg)


def _directory(block: bytes) -> tuple[str, int, list[tuple[int, int, int, int]]]:
    """Return a TIFF's byte order, where its first directory starts, and the entries of that.

    A TIFF is "II" or "MM", u16 42, u32 of the first directory; a directory is u16 of its entries,
    12 bytes each, u32 of the next directory; an entry is u16 tag, u16 type, u32 count, and the
    values, or u32 of where they lie if they take more than 4 bytes (TIFF 6.0, section 2).

    Returns:
        `struct`'s sign of the order; an offset; (offset, tag, type, count) of each entry.

    Raises:
        KeyError: There is no byte order.
        struct.error: The directory lies outside of the block.
    """
    order = {b"II": "<", b"MM": ">"}[block[:2]]
    (start,) = struct.unpack_from(order + "I", block, 4)
    (length,) = struct.unpack_from(order + "H", block, start)
    offsets = range(start + 2, start + 2 + 12 * length, 12)
    return order, start, [(at, *struct.unpack_from(order + "HHI4x", block, at)) for at in offsets]
