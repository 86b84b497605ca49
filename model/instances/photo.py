"""A photo at the size that the network sees, as the networks' own evaluation makes it.

Short side 800, long side at most 1333, bilinear without smoothing, in the fixed-point arithmetic of
OpenCV's resize for bytes, to the last bit. Sources: GluonCV 0.10.5 `data/transforms/image.py`
(resize_short_within), `presets/rcnn.py` (MaskRCNNDefaultValTransform: interp=1; the demo's
load_test takes OpenCV's area instead, in which no accuracy was published), OpenCV 4
`modules/imgproc/src/resize.cpp`.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.instances.network import Resizing

Size = tuple[int, int]
"""(height, width)."""

_ONE = 2048  # OpenCV's weights have eleven bits


def seen_size(size: Size, resizing: Resizing | None, *, max_side: int = 0) -> Size:
    """What a network sees of a photo of `size`.

    Args:
        size: of the photo.
        resizing: how the network sees photos; None at their own size.
        max_side: no side is longer; 0 for as long as that makes it.
    """
    resizing = resizing or Resizing(short=min(size), longest=max(size))
    if max_side:
        resizing = replace(resizing, longest=min(resizing.longest, max_side))
    return fitted_size(size, resizing)


def fitted_size(size: Size, resizing: Resizing) -> Size:
    """What a photo of `size` is resized to; no side gets lost."""
    shorter, longer = min(size), max(size)
    scale = resizing.short / shorter
    if _whole(scale * longer, resizing) > resizing.longest:
        scale = resizing.longest / longer
    height, width = (max(1, _whole(side * scale, resizing)) for side in size)
    return height, width


def _whole(pixels: float, resizing: Resizing) -> int:
    return int(pixels + 0.5) if resizing.half_up else round(pixels)


def resized(image: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """(H, W, 3) → (height, width, 3), the image itself where it has that size."""
    if image.shape[:2] == size:
        return image
    above, below, high, low = _neighbours(image.shape[0], size[0])
    left, right, near, far = _neighbours(image.shape[1], size[1])
    far[left == right] = 0  # at an edge, across alone: there OpenCV takes one pixel, not one twice
    near[left == right] = _ONE
    wide = (image[:, left] * near[:, None] + image[:, right] * far[:, None]) >> 4
    tall = (wide[above] * high[:, None, None] >> 16) + (wide[below] * low[:, None, None] >> 16)
    small: NDArray[np.uint8] = ((tall + 2) >> 2).astype(np.uint8)
    return small


def _neighbours(length: int, wanted: int) -> tuple[NDArray[np.int32], ...]:
    """Of each pixel wanted: the one before, the one after, and their weights."""
    positions = ((np.arange(wanted) + 0.5) * (1 / (wanted / length)) - 0.5).astype(np.float32)
    before = np.floor(positions)
    part = positions - before
    weights = (np.rint(share * _ONE).astype(np.int32) for share in (np.float32(1) - part, part))
    edges = (np.clip(before + step, 0, length - 1).astype(np.int32) for step in (0, 1))
    return (*edges, *weights)
