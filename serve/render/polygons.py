"""A class's pixels as polygons, by contourpy.

Corners are cut across the edges between pixels, half a pixel at most from where they are: a pixel
alone is a diamond, and two that touch at a corner are two parts.
"""

import contourpy
import numpy as np
from numpy.typing import NDArray

from serve.errors import OutlinesTooLong

MAX_POINTS = 500_000
"""Of one class: some 8 MB of JSON, written in a third of a second."""

Ring = list[list[float]]
"""[x, y] pairs in pixels, first equal to last; a pixel's middle is at .5."""


def polygons_of(inside: NDArray[np.bool_]) -> list[list[Ring]]:
    """(H, W) → one polygon a connected part, each a list of rings: its outline, then its holes.

    Raises:
        OutlinesTooLong: they have more than MAX_POINTS.
    """
    padded = np.pad(inside.astype(np.float32), 1)
    generator = contourpy.contour_generator(z=padded, fill_type=contourpy.FillType.OuterOffset)
    points: list[NDArray[np.float64]]
    points, offsets = generator.filled(0.5, 2)  # type: ignore[misc, assignment]  # as OuterOffset has it
    count = sum(len(polygon) for polygon in points)
    if count > MAX_POINTS:
        raise OutlinesTooLong(points=count, max_points=MAX_POINTS)
    return [
        [
            (ring - 0.5).round(1).tolist()  # one pixel of padding, half to the middle
            for ring in np.split(polygon, starts[1:-1].astype(np.int64))
        ]
        for polygon, starts in zip(points, offsets, strict=True)
    ]
