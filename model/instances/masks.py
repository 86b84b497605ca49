"""Masks of boxes that were cut at the photo's edges.

A mask's values stand at the middles of a box's m by m parts. Where the box is cut they are read
anew, linearly, at the middles of the rest's parts: whoever stretches the mask over what is left of
the box sees what he would have seen of the whole.
"""

import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import Floats
from model.upsampling import interpolation


def cut(masks: Floats, boxes: Floats, within: Floats) -> Floats:
    """(N, m, m) masks of the boxes `within`, new where one was cut.

    Args:
        masks: (N, m, m) of `boxes`.
        boxes: (N, 4) x1, y1, x2, y2.
        within: (N, 4) what is left of each.
    """
    changed = np.any(boxes != within, axis=1) & np.all(within[:, 2:] > within[:, :2], axis=1)
    out = masks.copy()
    for place in np.nonzero(changed)[0]:
        side = len(masks[place])
        across, down = (_reading(boxes[place], within[place], axis, side) for axis in (0, 1))
        out[place] = down @ masks[place] @ across.T
    return out


def _reading(box: Floats, rest: Floats, axis: int, side: int) -> NDArray[np.float32]:
    """(m, m): where the rest's parts lie among the box's."""
    start, end = box[axis], box[axis + 2]
    middles = (np.arange(side) + 0.5) / side
    points = rest[axis] + middles * (rest[axis + 2] - rest[axis])
    places = (points - start) / (end - start) * side - 0.5
    return interpolation(np.clip(places, 0, side - 1), slice(0, side))
