"""Smooth strokes: drawn four times as large and shrunk, as Pillow's own have ragged edges.

Places are (x, y) in pixels of the canvas, a whole number being a pixel's middle.
"""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

_FINER = 4
Place = tuple[float, float]


class Pen:
    """Collects strokes of one colour within a window of the canvas."""

    def __init__(self, window: tuple[int, int, int, int]) -> None:
        """Left, top, right and bottom, the last two outside, as Pillow's crops are."""
        left, top, right, bottom = window
        self._corner = (left, top)
        self._fine = Image.new("L", ((right - left) * _FINER, (bottom - top) * _FINER))
        self._draw = ImageDraw.Draw(self._fine)

    def line(self, places: Sequence[Place], width: float) -> None:
        """Through two places or more."""
        fine = [self._at(place) for place in places]
        self._draw.line(fine, 255, round(width * _FINER), joint="curve")

    def dot(self, place: Place, radius: float) -> None:
        """A filled circle."""
        x, y = self._at(place)
        reach = radius * _FINER
        # Whole numbers: Pillow rounds halves to even, which would make a dot lopsided.
        low, high = (
            (math.ceil(at - reach) for at in (x, y)),
            (math.floor(at + reach) for at in (x, y)),
        )
        self._draw.ellipse((*low, *high), 255)

    def covered(self) -> Image.Image:
        """How much of each of the window's pixels is covered: mode L, 255 all of it."""
        return self._fine.reduce(_FINER)

    def paste(self, canvas: Image.Image, color: tuple[int, int, int]) -> None:
        """Lay the strokes over the canvas, which is changed."""
        canvas.paste(color, self._corner, self.covered())

    def _at(self, place: Place) -> Place:
        left, top = self._corner
        # A pixel is four fine ones, whose common middle is between the second and the third.
        return (place[0] - left + 0.5) * _FINER - 0.5, (place[1] - top + 0.5) * _FINER - 0.5
