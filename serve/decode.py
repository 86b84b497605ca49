"""Photo bytes → image, in two steps, so that size is judged before memory is spent.

`open_photo` reads the header alone; `Photo.image` decodes. Pillow does the decoding but is shown no
more of a file than makes pixels: its plugins are called by name (`Image.open` would also warn of
bombs and of odd MPO files), animations and further pages are cut off, and the one thing wanted of
EXIF, the orientation, is read here, because Pillow warns of every dent in it.

What becomes of samples: alpha is dropped and the colour under it kept as stored, as the older
server's decoder did; gray, palettes, CMYK (inverted in JPEG, as Adobe has it), YCbCr and LAB become
RGB; 16-bit gray is scaled to 8 with rounding, 16-bit colour gives its upper byte; ICC profiles are
not applied. Of animations, of pages and of MPO (a phone's JPEG with more pictures behind it) the
first picture counts.

Knows nothing of HTTP, options or networks.
"""

from __future__ import annotations

import io
import re
import struct
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFile, TiffTags
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from serve.errors import EmptyBody, ImageTooLarge, ServeError, UndecodableImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_MAGIC = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF....WEBP",
    "BMP": rb"BM",
    "TIFF": rb"II\*\0|MM\0\*",
}
FORMATS = tuple(_MAGIC)  # MPO counts as the JPEG that it begins with

_BAND_PIXELS = 1 << 16  # converted at a time: stays in the cache
_WHITE_16 = 0xFFFF
_REFUSED_MODES = {
    "F": "its samples are 32-bit floats, and none of them is white",
    "La": "its gray is premultiplied with alpha",
}

# EXIF orientation → the steps in which stored rows and columns run through the upright photo; from
# 5 on rows and columns change places first (CIPA DC-008, tag 274).
_STEPS = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1)}
_STEPS |= {5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (1, -1)}
_FIRST_TURNED = 5
_EXIF = b"Exif\0\0"

_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}

# A scan of 48 megapixels can cost its sender 73 bytes and the server 17 ms; photos have 1 to 20.
_MAX_SCANS = 100
# Markers that head a segment, and the end: neither stuffing (00) nor restarts (d0 to d7), nor those
# below c0, which libjpeg passes over where it looks for a lost restart.
_JPEG_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_EOI, _SOS = b"\xd9", b"\xda"

_TIFF_UNIT_BYTES = {1: 1, 3: 2, 4: 4, 5: 8, 7: 1}  # BYTE, SHORT, LONG, RATIONAL, UNDEFINED
_TIFF_BLOBS = {1, 7}  # read as one string of bytes, whatever their count
_TIFF_HEADER_BYTES, _TIFF_INLINE_BYTES = 8, 4
_MAX_TIFF_VALUES = 1 << 16  # Pillow makes objects of each
_MAX_TILE_PIXELS = 1 << 24  # libtiff unpacks one whole, however small the photo
_BITS, _PHOTOMETRIC, _ORIENTATION, _TILE_WIDTH, _TILE_HEIGHT, _LONG = 258, 262, 274, 322, 323, 4
# The tags that make pixels: size, samples, packing, where strips and tiles lie, YCbCr.
_TIFF_TAGS = {256, 257, _BITS, 259, _PHOTOMETRIC, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320}
_TIFF_TAGS |= {_TILE_WIDTH, _TILE_HEIGHT, 324, 325, 338, 339, 347, 529, 530, 531, 532}


@dataclass(frozen=True)
class Photo:
    """A photo whose header is read and judged, and whose pixels are still bytes.

    `height` and `width` are as stored; `orientation` is EXIF's, 1 to 8 (1 where there is none).
    """

    format: str
    height: int
    width: int
    orientation: int
    _body: bytes = field(repr=False)

    def size(self, upright: bool) -> tuple[int, int]:
        """Return (height, width), of the upright photo or as stored."""
        turned = upright and self.orientation >= _FIRST_TURNED
        return (self.width, self.height) if turned else (self.height, self.width)

    def image(self, upright: bool) -> NDArray[np.uint8]:
        """Decode the photo, once a call; the caller alone keeps the pixels.

        Beside the answer, Pillow's frame lives until the return: 4 bytes a pixel, of WebP 16.

        Args:
            upright: Turn and flip the photo as EXIF's orientation says.

        Returns:
            (H,W,3) uint8, RGB, a new C-contiguous array; (H,W) is `size(upright)`.

        Raises:
            UndecodableImage: The pixels are damaged, cut short, or integers past 16 bits.
        """
        image = np.empty((*self.size(upright), 3), np.uint8)
        with _refusing("its pixels are damaged or cut short"):
            stored, _ = _open(self.format, self._body)
            _decode(stored, _as_stored(image, self.orientation) if upright else image)
        return image


def open_photo(body: bytes, *, max_pixels: int) -> Photo:
    """Read a photo's header and judge its size and kind; no pixel is decoded.

    Args:
        body: A whole file of one of `FORMATS`, known by its first bytes. Kept, not copied (of a
            TIFF, Pillow gets a copy).
        max_pixels: The most that height times width may be.

    Raises:
        EmptyBody: There are no bytes.
        UndecodableImage: None of `FORMATS`, a damaged header, or a kind not accepted.
        ImageTooLarge: There are more than `max_pixels`.
    """
    if not body:
        raise EmptyBody
    name = next((name for name, magic in _MAGIC.items() if re.match(magic, body, re.DOTALL)), None)
    if name is None:
        raise _undecodable(reason="it begins like none of the accepted formats")
    with _refusing("its header is damaged or cut short"):
        if name == "WEBP":  # libwebp lays out its canvas as soon as it opens
            _judge_size(*_webp_size(body), max_pixels)
        stored, exif = _open(name, body)
        _judge_size(stored.height, stored.width, max_pixels)
        _judge_kind(stored, body)
    return Photo(name, stored.height, stored.width, _orientation(exif), body)


def _undecodable(reason: str) -> UndecodableImage:
    return UndecodableImage(reason=reason, allowed=FORMATS)


@contextmanager
def _refusing(reason: str) -> Iterator[None]:
    """Make one refusal of whatever Pillow raises on hostile bytes.

    The type named is Exception because Pillow's plugins let a dozen types out (struct.error,
    zlib.error, KeyError, OverflowError, MemoryError...) and promise none.
    """
    try:
        yield
    except ServeError:
        raise
    except Exception as err:
        raise _undecodable(reason) from err


def _judge_size(height: int, width: int, max_pixels: int) -> None:
    if height * width > max_pixels:
        raise ImageTooLarge(height=height, width=width, max_pixels=max_pixels)


def _judge_kind(stored: ImageFile.ImageFile, body: bytes) -> None:
    """Refuse what Pillow would take for another picture than was meant, or decode for too long."""
    if stored.mode in _REFUSED_MODES:
        raise _undecodable(reason=_REFUSED_MODES[stored.mode])
    if isinstance(stored, TiffImageFile):
        _judge_tiff(stored)
    if isinstance(stored, BmpImageFile) and stored.tile[0].codec_name != "raw":
        # Pillow unpacks it in Python: 9 kB of it hold the interpreter for 4 s.
        raise _undecodable(reason="it is run-length encoded")
    # The two bytes come by chance in what follows a photo, such as the film of a live one.
    often = isinstance(stored, JpegImageFile) and body.count(b"\xff" + _SOS) > _MAX_SCANS
    if often and _scans(body) > _MAX_SCANS:
        raise _undecodable(reason=f"it has more than {_MAX_SCANS} scans")


def _judge_tiff(stored: TiffImageFile) -> None:
    tags = stored.tag_v2
    if tags.get(_TILE_WIDTH, 0) * tags.get(_TILE_HEIGHT, 0) > _MAX_TILE_PIXELS:
        raise _undecodable(reason=f"its tiles have more than {_MAX_TILE_PIXELS} pixels")
    if stored.mode == "I;16" and tags[_BITS][0] < _WHITE_16.bit_length():
        raise _undecodable(reason="its samples have 12 bits")
    if stored.mode == "I;16" and not tags.get(_PHOTOMETRIC):
        raise _undecodable(reason="its samples are 16-bit gray that counts down from white")


class _Jpeg(JpegImageFile):
    """Pillow's JPEG, kept from looking into EXIF for a resolution."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()


def _open(name: str, body: bytes) -> tuple[ImageFile.ImageFile, bytes]:
    """Return Pillow's view of the first picture, its header read, and the block with its EXIF.

    Two switches of Pillow belong to the process, not to a call. Both are set here each time, and
    never to another value, so threads cannot undo each other's: a photo cut short is an error
    (`import gluoncv` says otherwise), and `max_pixels` is the only limit (Pillow's would warn or
    raise besides, be it higher or lower).
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None
    match name:
        case "JPEG":
            jpeg = _Jpeg(io.BytesIO(body))
            return jpeg, jpeg.info.get("exif", b"")
        case "PNG":
            still, exif = _still_png(body)
            return PngImageFile(io.BytesIO(still)), exif
        case "WEBP":
            webp = WebPImageFile(io.BytesIO(body))
            return webp, webp.info.get("exif", b"")
        case "BMP":
            return BmpImageFile(io.BytesIO(body)), b""
        case _:
            return TiffImageFile(io.BytesIO(_first_page(body))), body


def _decode(stored: ImageFile.ImageFile, into: NDArray[np.uint8]) -> None:
    """Fill `into`, (H,W,3) as stored, in bands of rows, so no third full copy is ever made."""
    stored.load()
    stored.info.pop("transparency", None)  # goes with alpha; `convert` warns of some kinds
    # LAB alone goes in one piece: its `convert` builds ICC profiles each time.
    frame = stored.convert("RGB") if stored.mode == "LAB" else stored
    rows = max(1, _BAND_PIXELS // frame.width)
    for top in range(0, frame.height, rows):
        bottom = min(top + rows, frame.height)
        into[top:bottom] = _rgb(frame.crop((0, top, frame.width, bottom)))


def _rgb(band: Image.Image) -> NDArray[np.uint8]:
    """Return a copy as (H,W,3) uint8, or (H,W,1) of a gray one with 16 or 32 bits.

    >>> _rgb(Image.new("I", (1, 1), 32768))  # 32768 / 257 is 127.5019
    array([[[128]]], dtype=uint8)
    """
    if not band.mode.startswith("I"):
        return np.asarray(band if band.mode == "RGB" else band.convert("RGB"))
    gray = np.asarray(band)[..., np.newaxis]
    if gray.min() < 0 or gray.max() > _WHITE_16:
        raise _undecodable(reason="its samples are 32-bit integers, and some are not in 0 to 65535")
    return ((gray.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _as_stored(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return a view of an upright image, rows and columns as they were stored."""
    down, across = _STEPS[orientation]
    turned = image.swapaxes(0, 1) if orientation >= _FIRST_TURNED else image
    return turned[::down, ::across]


def _scans(jpeg: bytes) -> int:
    """Count the scans of a JPEG's first picture."""
    scans = at = 0
    while (marker := _JPEG_MARKER.search(jpeg, at)) and marker[1] != _EOI:
        scans += marker[1] == _SOS
        at = marker.end() + int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big")
    return scans


def _still_png(png: bytes) -> tuple[bytes, bytes]:
    """Return a PNG without its animation (itself if it has none), and its EXIF block.

    Chunks are u32 length, 4 bytes of name, as many bytes as said, u32 CRC, all big-endian; EXIF may
    stand before or after the pixels (PNG 3rd edition, 5.3 and 11.3).
    """
    pieces, exif, start, at = [], b"", 0, 8
    while at + 8 <= len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        end = at + 12 + length
        if name in _ANIMATION:
            pieces.append(png[start:at])
            start = end
        elif name == b"eXIf":
            exif = png[at + 8 : end - 4]
        at = end
    return b"".join([*pieces, png[start:]]), exif


def _webp_size(webp: bytes) -> tuple[int, int]:
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


def _first_page(tiff: bytes) -> bytes:
    """Return a copy of a TIFF whose only directory is the first, of the tags that make pixels.

    Of the others, Pillow warns of odd values and turns the photo itself. The directory fits where
    it was, as it does not grow.
    """
    order, start, entries = _directory(tiff)
    if start < _TIFF_HEADER_BYTES:
        msg = "the directory lies in the header"
        raise ValueError(msg)
    kept = [entry for entry in entries if entry[1] in _TIFF_TAGS]
    outside_bytes = 0
    for at, tag, kind, count in kept:
        size = _TIFF_UNIT_BYTES[kind] * count
        if size > _TIFF_INLINE_BYTES:
            outside_bytes += size
            (offset,) = struct.unpack_from(order + "I", tiff, at + 8)
            if max(offset + size, outside_bytes) > len(tiff):
                msg = f"the values of tag {tag} lie outside of the file"
                raise ValueError(msg)
        one = TiffTags.lookup(tag).length == 1 and kind not in _TIFF_BLOBS
        if count > (1 if one else _MAX_TIFF_VALUES):
            msg = f"tag {tag} has {count} values"
            raise ValueError(msg)
    page = io.BytesIO(tiff)
    page.seek(start)
    page.write(struct.pack(order + "H", len(kept)))
    page.writelines(tiff[at : at + 12] for at, *_ in kept)
    page.write(bytes(4))
    return page.getvalue()


def _orientation(block: bytes) -> int:
    """Return the orientation, 1 to 8, that an EXIF block (a TIFF) has; 1 if none, or damaged."""
    block = block.removeprefix(_EXIF).removeprefix(_EXIF)  # some writers say it twice
    try:
        order, _, entries = _directory(block)
        at, kind = next((at, kind) for at, tag, kind, _ in entries if tag == _ORIENTATION)
        (value,) = struct.unpack_from(order + ("I" if kind == _LONG else "H"), block, at + 8)
    except (KeyError, StopIteration, struct.error):
        return 1
    return value if value in _STEPS else 1


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
