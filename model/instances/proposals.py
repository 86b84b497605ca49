"""What anchors say → regions worth a look.

Anchors are, of every cell of a map, boxes of one area (without a pyramid of five) in three shapes.
GluonCV's follow the first R-CNN code, for which a box ends with its last pixel: cell 0 of a map is
the box 0, 0, stride - 1, stride - 1, whose sides in a new shape are rounded and then multiplied.
TensorPack's lie around the corner of their cell, unrounded. Sources: GluonCV 0.10.5
`model_zoo/rcnn/rpn`; tensorpack `examples/FasterRCNN/modeling/model_rpn.py`, `model_fpn.py`.
"""

import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import Floats, clipped, decoded, falling, suppressed
from model.instances.network import Network, Rules

Size = tuple[int, int]
"""(height, width)."""

_RATIOS = (0.5, 1.0, 2.0)
"""Height to width."""
_SIDES = (32, 64, 128, 256, 512)
"""Pixels, of the levels 2 to 6."""


def regions_of(scores: Floats, deltas: Floats, sizes: tuple[Size, ...], network: Network) -> Floats:
    """(N, 4) regions, the surest first, at most `proposals`; pixels of what the body saw.

    Args:
        scores: (A,) logits.
        deltas: (A, 4).
        sizes: of the photo as the body saw it, then of each map that has anchors.
        network: whose.
    """
    photo, *maps = sizes
    centred = network.rules.centred
    levels = [
        anchors_of(size, place, pyramid=network.pyramid, centred=centred)
        for place, size in enumerate(maps)
    ]
    if not network.rules.per_level:
        levels = [np.concatenate(levels)]
    ends = np.cumsum([len(anchors) for anchors in levels])
    said = zip(np.split(scores, ends[:-1]), np.split(deltas, ends[:-1]), levels, strict=True)
    found = [_of_level(own, moves, anchors, photo, network.rules) for own, moves, anchors in said]
    boxes, sure = (np.concatenate(parts) for parts in zip(*found, strict=True))
    regions: Floats = boxes[falling(sure, network.rules.proposals)]
    return regions


def _of_level(
    scores: Floats, deltas: Floats, anchors: Floats, photo: Size, rules: Rules
) -> tuple[Floats, Floats]:
    """Boxes and how sure they are, falling."""
    sure = sigmoid(scores)  # before they are ordered: where logits differ these may not
    best = falling(sure, rules.proposals_before)
    best = best[sure[best] > 0]
    boxes = clipped(decoded(deltas[best], anchors[best], limit=rules.proposal_limit), *photo)
    large = np.all(boxes[:, 2:] - boxes[:, :2] > rules.least_side, axis=1)
    best, boxes = best[large], boxes[large]
    kept = suppressed(boxes, overlap=rules.proposal_overlap, most=rules.proposals)
    return boxes[kept], sure[best[kept]]


def sigmoid(logits: Floats) -> Floats:
    """0..1, float32."""
    with np.errstate(over="ignore"):
        return np.float32(1) / (np.float32(1) + np.exp(-logits))


def anchors_of(size: Size, place: int, *, pyramid: bool, centred: bool) -> Floats:
    """(h w kinds, 4) of one map, by rows, columns, kinds.

    Not kept: for a large photo they are 150 MB, and made in a hundredth of the body's time.

    Args:
        size: of the map.
        place: of the map among those with anchors.
        pyramid: whether there are several.
        centred: see `model.instances.network.Rules`.
    """
    stride = 4 * 2**place if pyramid else 16
    sides = _SIDES[place : place + 1] if pyramid else _SIDES
    kinds = _centred(sides) if centred else _counted(stride, sides)
    y, x = (np.arange(0, length * stride, stride) for length in size)
    offsets = np.stack(np.meshgrid(x, y), axis=2)
    boxes = np.tile(offsets, 2)[:, :, None] + kinds
    return boxes.reshape(-1, 4).astype(np.float32)


def _centred(sides: tuple[int, ...]) -> NDArray[np.float64]:
    """(kinds, 4) around 0, 0, size by size, in each shape by shape."""
    kinds = []
    for side in sides:
        for ratio in _RATIOS:
            width = side / np.sqrt(ratio)
            kinds.append(np.array([-width, -ratio * width, width, ratio * width]) / 2)
    return np.array(kinds)


def _counted(stride: int, sides: tuple[int, ...]) -> NDArray[np.float64]:
    """(kinds, 4) around the first cell, shape by shape, in each by size."""
    kinds = []
    for ratio in _RATIOS:
        width = np.round(np.sqrt(stride**2 / ratio))
        height = np.round(width * ratio)
        for side in sides:
            halves = (np.array([width, height]) * (side / stride) - 1) / 2
            middle = (stride - 1) / 2
            kinds.append([*(middle - halves), *(middle + halves)])
    return np.array(kinds)
