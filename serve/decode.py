"""Photo bytes → image, in two steps, so that size is judged before memory is spent.

`open_photo` reads the header alone; `Photo.image` decodes. Pillow does the decoding but is shown no
more of a file than makes pixels: its plugins are called by name (`Image.open` would also warn of
bombs and of odd MPO files), animations, further pages, texts and profiles are cut off, and the one
thing wanted of EXIF, the orientation, is read here, because Pillow warns of every dent in it.

What becomes of samples: alpha is dropped and the colour under it kept as stored; gray, palettes,
CMYK (inverted in JPEG, as Adobe has it), YCbCr and LAB become RGB; 16-bit gray is scaled to 8 with
rounding, 16-bit colour gives its upper byte; ICC profiles are not applied. Of animations, of pages
and of MPO (a phone's JPEG with more pictures behind it) the first picture counts.

Knows nothing of HTTP, options or networks.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from serve.errors import EmptyBody, ImageTooLarge, ServeError, UndecodableImage
from serve.formats import jpeg, png, tiff, webp
from serve.formats.limit import LimitError

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

MAX_SIDE = 32_767  # MXNet's resize counts rows and columns in 16 bits, and wraps without a word

_BAND_PIXELS = 1 << 16  # converted at a time: stays in the cache
_WHITE_16 = 0xFFFF
_REFUSED_MODES = {
    "F": "32-bit float samples have no fixed white; send 8 or 16 bits",
    "La": "its gray is premultiplied with alpha",
}

# EXIF orientation → the steps in which stored rows and columns run through the upright photo; from
# 5 on rows and columns change places first (CIPA DC-008, tag 274).
_STEPS = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1)}
_STEPS |= {5: (1, 1), 6: (-1, 1), 7: (-1, -1), 8: (1, -1)}
_FIRST_TURNED = 5


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
        body: A whole file of one of `FORMATS`, known by its first bytes. Kept, not copied (Pillow
            gets a copy, save of a BMP or a WebP).
        max_pixels: The most that height times width may be.

    Raises:
        EmptyBody: There are no bytes.
        UndecodableImage: None of `FORMATS`, a damaged header, or a kind not accepted.
        ImageTooLarge: There are more than `max_pixels`, or more than MAX_SIDE along a side.
    """
    if not body:
        raise EmptyBody
    name = next((name for name, magic in _MAGIC.items() if re.match(magic, body, re.DOTALL)), None)
    if name is None:
        raise _undecodable(reason="it begins like none of the accepted formats")
    with _refusing("its header is damaged or cut short"):
        if name == "WEBP":  # libwebp lays out its canvas as soon as it opens
            _judge_size(*webp.size(body), max_pixels)
            webp.check_chunks(body)
        stored, exif = _open(name, body)
        _judge_size(stored.height, stored.width, max_pixels)
        _judge_kind(stored, body)
    return Photo(name, stored.height, stored.width, tiff.orientation(exif), body)


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
    except LimitError as err:
        raise _undecodable(str(err)) from err
    except Exception as err:
        raise _undecodable(reason) from err


def _judge_size(height: int, width: int, max_pixels: int) -> None:
    if height * width > max_pixels or max(height, width) > MAX_SIDE:
        raise ImageTooLarge(height=height, width=width, max_pixels=max_pixels, max_side=MAX_SIDE)


def _judge_kind(stored: ImageFile.ImageFile, body: bytes) -> None:
    """Refuse what Pillow would take for another picture than was meant, or decode for too long."""
    if stored.mode in _REFUSED_MODES:
        raise _undecodable(reason=_REFUSED_MODES[stored.mode])
    if isinstance(stored, TiffImageFile):
        tiff.check_amounts(stored)
        if oddity := tiff.oddity(stored):
            raise _undecodable(reason=oddity)
    if isinstance(stored, BmpImageFile) and stored.tile[0].codec_name != "raw":
        # Pillow unpacks it in Python: 9 kB of it hold the interpreter for 4 s.
        raise _undecodable(reason="it is run-length encoded")
    if isinstance(stored, JpegImageFile):
        jpeg.check_scans(body)


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
            still, exif = jpeg.still(body)
            return JpegImageFile(io.BytesIO(still)), exif
        case "PNG":
            still, exif = png.still(body)
            return PngImageFile(io.BytesIO(still)), exif
        case "WEBP":
            picture = WebPImageFile(io.BytesIO(body))
            return picture, picture.info.get("exif", b"")
        case "BMP":
            return BmpImageFile(io.BytesIO(body)), b""
        case _:
            return TiffImageFile(io.BytesIO(tiff.first_page(body))), body


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
