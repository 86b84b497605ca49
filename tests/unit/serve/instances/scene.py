"""Literal formulas that pasting and run lengths are judged by, and things to try them on."""

import numpy as np
from numpy.typing import NDArray

from model.instances.instances import Instances

SIZE = (60, 90)


def literal_paste(
    mask: NDArray[np.float32], box: tuple[float, float, float, float], size: tuple[int, int]
) -> NDArray[np.float64]:
    """Pixel by pixel: the mask padded by one, its box scaled by (m + 2) / m, bilinear between."""
    padded = np.pad(mask.astype(np.float64), 1)
    side = len(padded)
    scale = side / (side - 2)
    x_middle, y_middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    width, height = (box[2] - box[0]) * scale, (box[3] - box[1]) * scale
    values = np.zeros(size)
    for row in range(size[0]):
        for column in range(size[1]):
            # In points of the padded mask, the first of which lies at 0.
            y = (row + 0.5 - (y_middle - height / 2)) / height * side - 0.5
            x = (column + 0.5 - (x_middle - width / 2)) / width * side - 0.5
            if 0 <= y < side - 1 and 0 <= x < side - 1:
                top, left = int(y), int(x)
                down, right = y - top, x - left
                upper = padded[top, left] * (1 - right) + padded[top, left + 1] * right
                lower = padded[top + 1, left] * (1 - right) + padded[top + 1, left + 1] * right
                values[row, column] = upper * (1 - down) + lower * down
    return values


def literal_counts(inside: NDArray[np.bool_]) -> list[int]:
    """Of a mask, row by row, zeros first."""
    counts, last = [0], False
    for value in inside.ravel().tolist():
        if value != last:
            counts.append(0)
            last = value
        counts[-1] += 1
    return counts


def full(
    top: int, left: int, inside: NDArray[np.bool_], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """A patch as a mask of the whole photo."""
    mask = np.zeros(size, bool)
    mask[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return mask


def smooth_mask(rng: np.random.Generator, side: int = 28) -> NDArray[np.float32]:
    """Waves, as networks make them: 0..1 without steps."""
    y, x = np.mgrid[:side, :side] / side
    waves = sum(
        rng.normal() * np.sin(6.3 * (a * x + b * y) + rng.uniform(0, 6.3))
        for a, b in rng.uniform(-1.5, 1.5, (4, 2))
    )
    mask: NDArray[np.float32] = (1 / (1 + np.exp(-3 * waves - 1))).astype(np.float32)
    return mask


def things(seed: int = 5, count: int = 6, size: tuple[int, int] = SIZE) -> Instances:
    """Of classes 0, 15, 16, in boxes anywhere."""
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.uniform(0, 1, (count, 2, 2)), axis=1) * [size[1], size[0]]
    boxes = corners.reshape(count, 4).astype(np.float32)
    return Instances(
        boxes=boxes,
        classes=rng.choice([0, 15, 16], count),
        scores=np.sort(rng.uniform(0.3, 1, count))[::-1].astype(np.float32),
        masks=np.stack([smooth_mask(rng) for _ in range(count)]),
        mask_boxes=boxes,
    )
