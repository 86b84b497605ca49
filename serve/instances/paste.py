"""The network's small mask in a box → the photo's pixels that belong to the thing.

A mask's m x m points lie at the middles of the m x m parts of its box; between points it is
bilinear, and from the outermost ones it falls to 0 within the width of one part. A pixel belongs to
the thing where the mask, at the pixel's middle, reaches the threshold. The axes are independent: a
row of pixels has a weight for every row of points, a hat over its place, and columns likewise, so
that the mask at all pixels of the box is one product of three matrices. Only the box is looked at.

Source: Mask R-CNN (He et al., 2017); TensorPack's accurate paste pads the mask with a ring of zeros
and scales the box by (m + 2) / m, which is the same.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Worked on at once: the numbers before the threshold are four times as large.
_BAND_PIXELS = 1 << 20


@dataclass(frozen=True)
class Patch:
    """A window of a photo, and which of its pixels belong to a thing."""

    top: int
    left: int
    inside: NDArray[np.bool_]
    """(h, w), the window within the photo; nothing where the thing has no pixel."""

    @property
    def window(self) -> tuple[slice, slice]:
        """To be taken of an array of the photo's size."""
        height, width = self.inside.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def paste(
    mask: NDArray[np.float32], box: NDArray[np.float32], size: tuple[int, int], threshold: float
) -> Patch:
    """The pixels that belong to one thing.

    Args:
        mask: (m, m) 0..1.
        box: (4,) x1, y1, x2, y2 in pixels; it may reach beyond the photo, and a thin one may lie
            between the middles of all pixels.
        size: (height, width) of the photo.
        threshold: 0..1, which the mask reaches; 0 takes all of the box and half a part around.
    """
    x1, y1, x2, y2 = (float(side) for side in box)
    top, rows = _weights(y1, y2, size[0], len(mask))
    left, columns = _weights(x1, x2, size[1], len(mask))
    inside = np.empty((len(rows), len(columns)), np.bool_)
    across = mask @ columns.T  # (m, w)
    band = max(1, _BAND_PIXELS // max(1, len(columns)))
    for start in range(0, len(rows), band):
        part = slice(start, start + band)
        np.greater_equal(rows[part] @ across, np.float32(threshold), out=inside[part])
    return Patch(top, left, inside)


def _weights(low: float, high: float, count: int, points: int) -> tuple[int, NDArray[np.float32]]:
    """Along one axis of `count` pixels: the first in the box, and (n, points) weights of n."""
    if not -math.inf < low < high < math.inf:  # also for what is no number
        return 0, np.empty((0, points), np.float32)
    step = (high - low) / points
    first = max(0, math.ceil(low - step / 2 - 0.5))
    end = min(count, math.floor(high + step / 2 - 0.5) + 1)
    middles = np.arange(first, max(first, end)) + 0.5
    places = (middles - low) / step - 0.5
    hats = 1 - np.abs(places[:, None] - np.arange(points))
    return first, np.maximum(hats, 0).astype(np.float32)
