"""mask → where one class ends and another begins."""

import numpy as np
from numpy.typing import NDArray

from serve.render.layer import Layer
from serve.style import Style


def with_outline(layer: Layer, mask: NDArray[np.uint8], style: Style) -> Layer:
    """The layer, with the boundaries of the classes drawn opaque in their colours.

    Args:
        layer: not changed.
        mask: (H, W) ids.
        style: `outline` is how many pixels on the drawn side of a boundary are covered.
    """
    if not style.outline:
        return layer
    covered = boundary(mask, style.outline) & style.drawn[mask]
    rgb = np.where(covered[:, :, None], style.colors_in(mask)[mask], layer.rgb)
    return Layer(rgb, np.where(covered, np.uint8(255), layer.opacity))


def boundary(mask: NDArray[np.uint8], width: int) -> NDArray[np.bool_]:
    """(H, W): whether another id is within `width` pixels, diagonals included.

    >>> boundary(np.array([[1, 1, 1, 2]], np.uint8), 1).tolist()
    [[False, False, True, True]]
    """
    lowest, highest = mask, mask
    for axis in (0, 1):
        lowest = _running(np.minimum, lowest, width, axis)
        highest = _running(np.maximum, highest, width, axis)
    return np.asarray(lowest != highest)


def _running(pick: np.ufunc, values: NDArray[np.uint8], width: int, axis: int) -> NDArray[np.uint8]:
    """The smallest or largest within `width` places along an axis, on either side."""
    found = values.copy()
    length = values.shape[axis]
    for shift in range(1, min(width, length - 1) + 1):
        ahead, behind = [slice(None)] * 2, [slice(None)] * 2
        ahead[axis], behind[axis] = slice(shift, None), slice(None, length - shift)
        pick(found[tuple(behind)], values[tuple(ahead)], out=found[tuple(behind)])
        pick(found[tuple(ahead)], values[tuple(behind)], out=found[tuple(ahead)])
    return found
