"""A class's pixels as COCO's compressed run lengths: what pycocotools reads.

    {"size": [height, width], "counts": "..."}

The mask is read column by column, top to bottom. Runs are counted in turn, outside first, so a mask
that begins inside begins with a run of 0. From the fourth on, each count is written as its
difference to the one two before. A number is written in groups of five bits, lowest first, sign
extended; 32 is added to a group while more follow, 48 to make it printable.
Source: cocodataset/cocoapi, `common/maskApi.c`, rleToString.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray


class Rle(TypedDict):
    """COCO's segmentation of one object."""

    size: list[int]
    counts: str


def encode_rle(inside: NDArray[np.bool_]) -> Rle:
    """(H, W) → its compressed run lengths."""
    height, width = inside.shape
    return {"size": [height, width], "counts": written(run_lengths(inside))}


def run_lengths(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pixels outside, inside, outside, ... in column order.

    >>> run_lengths(np.array([[1, 1], [0, 1]], bool)).tolist()
    [0, 1, 1, 2]
    """
    flat = inside.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = np.concatenate(([0], changes, [flat.size]))
    lengths = np.diff(edges)
    return np.concatenate(([0], lengths)) if flat[0] else lengths


def written(counts: NDArray[np.int64]) -> str:
    """Run lengths in column order → their characters."""
    numbers = counts.copy()
    numbers[3:] -= counts[1:-2]
    groups = []
    is_open = np.ones(len(numbers), bool)
    while is_open.any():
        low = numbers & 31
        numbers = numbers >> 5  # of a negative number too: the sign stays
        is_more = ~np.where(low & 16, numbers == -1, numbers == 0)
        groups.append(np.where(is_open, low + 32 * is_more + 48, 0))
        is_open &= is_more
    characters = np.stack(groups, axis=1).astype(np.uint8).ravel()
    return bytes(characters[characters > 0]).decode("ascii")
