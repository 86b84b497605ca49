"""image → the network's input, as GluonCV's segmentation preset does it.

Scaled to 0..1, minus the ImageNet mean, divided by its standard deviation, channels first. The
photo keeps its size unless it is too small for the network, or larger than SEG_INFER_MAX_SIDE
allows. Source: gluoncv `data/transforms/presets/segmentation.py`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)


def normalize(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB → (1, 3, H, W) float32, C order, a new array."""
    height, width, channels = image.shape
    out = np.empty((1, channels, height, width), np.float32)
    for channel, (mean, std) in enumerate(zip(MEAN_RGB, STD_RGB, strict=True)):
        plane = out[0, channel]
        np.divide(image[:, :, channel], np.float32(255), out=plane)
        plane -= np.float32(mean)
        plane /= np.float32(std)
    return out


def pad_to(image: NDArray[np.uint8], min_side: int) -> NDArray[np.uint8]:
    """Repeat the last row and column until both sides have `min_side` pixels.

    Returns the image itself when it is large enough. The photo stays at the top left, so cropping
    the answer to the photo's height and width undoes it.
    """
    height, width, _ = image.shape
    rows, columns = max(0, min_side - height), max(0, min_side - width)
    if not rows and not columns:
        return image
    return np.pad(image, ((0, rows), (0, columns), (0, 0)), mode="edge")


@dataclass(frozen=True)
class Fitted:
    """A photo as the network is to see it, and how its answer lies over the photo."""

    image: NDArray[np.uint8]
    """(h, w, 3) RGB: the photo, padded, reduced or itself."""
    grid: tuple[int, int]
    """(height, width) of the photo padded, before it was reduced: what the answer spans."""
    size: tuple[int, int]
    """The photo's own, at the grid's top left."""


def fit(image: NDArray[np.uint8], *, min_side: int, max_side: int = 0) -> Fitted:
    """Pad a photo that is too small for the network; reduce one larger than is wanted.

    Args:
        image: (H, W, 3) RGB; not changed.
        min_side: no side of what the network sees is shorter.
        max_side: nor longer, unless `min_side` is; 0 for as long as it is.
    """
    padded = pad_to(image, min_side)
    height, width, _ = padded.shape
    scale = max_side / max(height, width) if max_side else 1.0
    reduced = padded
    if scale < 1:
        rows, columns = (max(min_side, round(side * scale)) for side in (height, width))
        # Pillow's filter widens with the reduction: no pixel is skipped.
        photo = Image.fromarray(np.ascontiguousarray(padded))
        reduced = np.asarray(photo.resize((columns, rows), Image.Resampling.BILINEAR))
    return Fitted(reduced, (height, width), (image.shape[0], image.shape[1]))
