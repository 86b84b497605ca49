"""Files of the channels → image and mask.

Photos are JPEG or PNG, of any colour mode, taken as they are stored: EXIF's orientation is not
applied, as the algorithm never did and as the served model sees them. Annotations are PNG with one
channel: mode P (the indices count, not their colours), L, 1, or 16-bit gray with values up to 255.
Pillow stretches gray of 2 and 4 bits to 0..255, as it did for the algorithm: a label map's scale
(85, 17) undoes that.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from train.errors import ClientError

PHOTO_FORMATS = ("JPEG", "PNG", "MPO")  # MPO is a JPEG with more pictures behind it
ANNOTATION_FORMATS = ("PNG",)
_MOST = 255
_LABEL_MODES = ("P", "L", "1", "I", "I;16", "I;16B")


@contextmanager
def opened(path: Path, formats: tuple[str, ...]) -> Iterator[Image.Image]:
    """The picture at `path`, its header read; pixels decode on demand, and must all be there.

    For one thread of a process: it silences Python's warnings meanwhile.

    Raises:
        ClientError: the file is no such picture, or damaged; from the body of the `with` too.
    """
    # Switches of the process, always set to the same: gluoncv's import allows files cut short, and
    # a photo of more than 89 megapixels is the user's own here, no attack.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of dents in EXIF and the like
            with Image.open(path, formats=formats) as picture:
                yield picture
    except ClientError:
        raise
    except Exception as err:  # Pillow's plugins let out a dozen types and promise none
        kinds = " or ".join(name for name in formats if name != "MPO")
        msg = f"cannot be read as {kinds}: it is damaged, cut short or something else"
        raise ClientError(msg) from err


def read_image(path: Path) -> NDArray[np.uint8]:
    """Decode a photo.

    Returns:
        (H, W, 3) uint8, RGB; alpha is dropped, 16-bit gray scaled to 8. A new array.

    Raises:
        ClientError: it cannot be read; the message leaves the file's name to the caller.
    """
    with opened(path, PHOTO_FORMATS) as photo:
        if photo.mode.startswith("I"):  # Pillow would cut 16 bits off at 255
            gray = np.asarray(photo).astype(np.uint32)
            return np.repeat(((gray + 128) // 257).astype(np.uint8)[..., np.newaxis], 3, axis=2)
        return np.array(photo.convert("RGB"))


def read_mask(path: Path, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Decode an annotation.

    Args:
        path: the file.
        size: (height, width) of its photo, which it must have; judged before any pixel is decoded.

    Returns:
        (H, W) uint8, pixel values before any label map. A new array.

    Raises:
        ClientError: it cannot be read, has another size, colours instead of labels, or values
            past 255; the message leaves the file's name to the caller.
    """
    with opened(path, ANNOTATION_FORMATS) as annotation:
        if annotation.mode not in _LABEL_MODES:
            msg = f"has colours (mode {annotation.mode}) where labels should be"
            raise ClientError(msg + "; allowed: a palette or gray, without alpha")
        if size is not None:
            _judge_size((annotation.height, annotation.width), size)
        mask = np.array(annotation)
    for value in (mask.min(), mask.max()):
        if not 0 <= value <= _MOST:
            msg = f"has pixel value {value}; allowed: 0 to {_MOST}"
            raise ClientError(msg)
    return mask.astype(np.uint8)


def _judge_size(size: tuple[int, int], photo: tuple[int, int]) -> None:
    if size == photo:
        return
    found = f"{size[1]}x{size[0]}, its photo {photo[1]}x{photo[0]} pixels"
    hint = ": EXIF's turn is not applied" if size == photo[::-1] else ""
    msg = f"is {found} (width x height, as stored{hint})"
    raise ClientError(msg)
