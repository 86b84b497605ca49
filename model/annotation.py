"""An annotation: a PNG whose pixels are class ids, 255 for those that do not count.

    a palette of 1, 2, 4 or 8 bits: the pixel is the palette's index, the colours mean nothing
    8-bit gray: the pixel is the gray

Gray of fewer bits is refused: readers disagree whether it is to be stretched to 0..255. In two
steps, as serve/decode.py: `open_annotation` reads the header, `Annotation.labels` the pixels. EXIF
is not looked at; labels lie as they are stored.
"""

import io
import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngImageFile

from model.errors import DataError
from model.metrics import IGNORED

_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_HEADER = struct.Struct(">IIBB")  # PNG specification (W3C), 11.2.2
_KINDS = {0: "gray", 2: "RGB", 3: "palette", 4: "gray with alpha", 6: "RGB with alpha"}
_GRAY, _PALETTE, _BITS = 0, 3, 8


@dataclass(frozen=True)
class Annotation:
    """An annotation whose header is read, and whose pixels are still bytes."""

    name: str
    """For errors."""
    height: int
    width: int
    _body: bytes = field(repr=False)

    def labels(self, classes: int) -> NDArray[np.uint8]:
        """Decode, and check every label.

        Returns:
            (H, W) uint8, ids below `classes` or IGNORED; a new array.

        Raises:
            DataError: the pixels are damaged, or one is neither.
        """
        # Both are the process's, and other libraries set them (serve/decode.py says who).
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        Image.MAX_IMAGE_PIXELS = None
        try:
            labels = np.array(PngImageFile(io.BytesIO(self._body)))
        except (
            Exception
        ) as err:  # Pillow lets a dozen types out on damaged bytes, and promises none
            msg = f"{self.name} cannot be decoded: its pixels are damaged or cut short"
            raise DataError(msg) from err
        self._check(labels, classes)
        return labels

    def _check(self, labels: NDArray[np.uint8], classes: int) -> None:
        odd = (labels >= classes) & (labels != IGNORED)
        if odd.any():
            row, column = np.unravel_index(odd.argmax(), odd.shape)
            msg = (
                f"{self.name} has the label {labels[row, column]} (column {column}, row {row}); "
                f"allowed: 0 to {classes - 1}, and {IGNORED} for pixels that do not count"
            )
            raise DataError(msg)


def open_annotation(body: bytes, name: str) -> Annotation:
    """Read the header.

    Args:
        body: the whole file; kept, not copied.
        name: what errors call it.

    Raises:
        DataError: it is no PNG, or one whose pixels are no ids.
    """
    if not body.startswith(_START) or len(body) < len(_START) + _HEADER.size:
        msg = f"{name} is no PNG; an annotation is a PNG whose pixels are class ids"
        raise DataError(msg)
    width, height, bits, kind = _HEADER.unpack_from(body, len(_START))
    if kind != _PALETTE and (kind, bits) != (_GRAY, _BITS):
        found = f"{bits}-bit {_KINDS.get(kind, 'of an unknown kind')}"
        msg = f"{name} is {found}; an annotation has a palette, or is 8-bit gray"
        raise DataError(msg)
    return Annotation(name, height, width, body)
