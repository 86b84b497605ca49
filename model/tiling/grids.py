"""Where a tensor's cells lie over the photo, and how many there are, for any size of photo.

All of a network's windows (convolutions, poolings) are square and the same along both axes, so one
axis is enough: the windows on the way from the photo to a tensor say everything. Along an axis of L
pixels a tensor has `count(L)` cells; where a tile begins at a multiple of the stride, its cells are
those of the whole photo from `first(begin)` on, since every window then stands where it stands in
the whole. Pure arithmetic: nothing is run.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Window:
    """One step along an axis: each cell is made of `span` cells, `stride` apart."""

    span: int
    stride: int
    padding: int
    """Cells added, before and after together."""


@dataclass(frozen=True)
class Grid:
    """One axis of a tensor."""

    windows: tuple[Window, ...] = ()
    """From the photo, or from what was pooled of it, to the tensor."""
    cells: int = 0
    """What was pooled has so many, whatever the photo; 0 where nothing was."""

    @property
    def stride(self) -> int:
        """Pixels from one cell to the next."""
        return math.prod(window.stride for window in self.windows)

    def then(self, window: Window) -> "Grid":
        """The grid of what a window makes of this tensor."""
        return Grid((*self.windows, window), self.cells)

    def count(self, pixels: int) -> int:
        """Cells along an axis of the photo, or of a tile of it."""
        length = self.cells or pixels
        for window in self.windows:
            length = (length + window.padding - window.span) // window.stride + 1
        return length

    def first(self, begin: int) -> int:
        """The first cell of a tile that begins at this pixel, a multiple of the stride."""
        return 0 if self.cells else begin // self.stride

    def to_json(self) -> dict[str, Any]:
        """As plain lists."""
        windows = [[window.span, window.stride, window.padding] for window in self.windows]
        return {"windows": windows, "cells": self.cells}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Grid":
        """What `to_json` made."""
        windows: Sequence[Sequence[int]] = values["windows"]
        return cls(tuple(Window(*numbers) for numbers in windows), values["cells"])
