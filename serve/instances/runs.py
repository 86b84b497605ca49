"""The pixels of one thing as run lengths of the whole photo, made from its box alone.

    {"counts": [7, 3, 110, ...], "size": [height, width]}    row by row, left to right
    {"counts": "Q5;1...",        "size": [height, width]}    column by column: serve/render/rle.py

Runs are counted in turn, outside first, so that a photo whose first pixel is inside begins with 0.
The first kind is what the Mask R-CNN containers answered, the second what pycocotools reads; who
takes one for the other sees another mask.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from serve.instances.paste import Patch
from serve.render.rle import Rle, written

Size = tuple[int, int]


class RowRle(TypedDict):
    """Run lengths row by row."""

    counts: list[int]
    size: list[int]


def row_rle(patch: Patch, size: Size) -> RowRle:
    """A patch of a photo of (height, width) → its run lengths row by row.

    >>> row_rle(Patch(0, 1, np.array([[True], [True]])), (2, 3))
    {'counts': [1, 1, 2, 1, 1], 'size': [2, 3]}
    """
    counts = _counts(patch.inside, (patch.top, patch.left), size)
    return {"counts": counts.tolist(), "size": [*size]}


def coco_rle(patch: Patch, size: Size) -> Rle:
    """The same column by column, compressed."""
    counts = _counts(patch.inside.T, (patch.left, patch.top), size[::-1])
    return {"size": [*size], "counts": written(counts)}


def _counts(inside: NDArray[np.bool_], corner: Size, size: Size) -> NDArray[np.int64]:
    """Runs in C order of an array of `size` that is True in a window at `corner` alone."""
    edged = np.pad(inside, ((0, 0), (1, 1)))
    rows, columns = np.nonzero(edged[:, 1:] != edged[:, :-1])  # a run's start, its end, the next's
    flips = (rows + corner[0]) * size[1] + columns + corner[1]
    # A run that ends with its row and one that begins with the next are one.
    joined = np.diff(flips, prepend=-1, append=-1) == 0  # with the one before; with the one after
    flips = flips[~(joined[:-1] | joined[1:])]
    counts = np.diff(flips, prepend=0, append=size[0] * size[1])
    return counts[:-1] if len(counts) > 1 and counts[-1] == 0 else counts
