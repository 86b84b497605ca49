"""Boxes: x1, y1, x2, y2 in pixels, (N, 4) float32. Coding, clipping, overlap, suppression.

Sources: GluonCV 0.10.5 `nn/coder.py`, MXNet 1.9.1 `src/operator/contrib/bounding_box.cc`
(box_decode, box_nms). Arithmetic stays in float32, as theirs does.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def decoded(deltas: Floats, boxes: Floats, *, limit: float) -> Floats:
    """Boxes moved by dx, dy in sides of their own, and grown by e to the dw, dh.

    Args:
        deltas: (N, 4) dx, dy, dw, dh.
        boxes: (N, 4) where they start.
        limit: dw and dh are no more.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    middles = boxes[:, :2] + sides * np.float32(0.5) + deltas[:, :2] * sides
    halves = np.exp(np.minimum(deltas[:, 2:], np.float32(limit))) * sides * np.float32(0.5)
    return np.concatenate([middles - halves, middles + halves], axis=1)


def clipped(boxes: Floats, height: float, width: float) -> Floats:
    """Boxes cut at a photo's edges; one beside it keeps no area."""
    return np.clip(boxes, np.float32(0), np.array([width, height] * 2, np.float32))


def suppressed(boxes: Floats, *, overlap: float, most: int) -> NDArray[np.int64]:
    """Places of the boxes that stay: each drops those after it that it overlaps more.

    Args:
        boxes: (N, 4), the surest first.
        overlap: intersection over union, 0..1.
        most: so many stay at most.
    """
    x1, y1, x2, y2 = np.ascontiguousarray(boxes.T)
    areas = (x2 - x1) * (y2 - y1)
    stays = np.ones(len(boxes), bool)
    kept: list[int] = []
    for place in range(len(boxes)):
        if not stays[place]:
            continue
        kept.append(place)
        if len(kept) == most:
            break
        after = slice(place + 1, None)
        across = np.minimum(x2[place], x2[after]) - np.maximum(x1[place], x1[after])
        down = np.minimum(y2[place], y2[after]) - np.maximum(y1[place], y1[after])
        both = np.maximum(across, 0) * np.maximum(down, 0)
        with np.errstate(invalid="ignore"):  # two boxes without area do not overlap
            stays[after] &= ~(both / (areas[place] + areas[after] - both) > overlap)
    return np.array(kept, np.int64)


def falling(scores: Floats, most: int) -> NDArray[np.int64]:
    """Places of the highest scores, falling; of equal ones the first comes first."""
    if most < len(scores):
        least = np.partition(scores, len(scores) - most)[len(scores) - most]
        (places,) = np.nonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    order: NDArray[np.int64] = places[np.argsort(-scores[places], kind="stable")[:most]]
    return order
