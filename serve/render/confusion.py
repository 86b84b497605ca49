"""A confusion matrix as a picture: rows labelled, columns predicted, shares of the row.

The shares are written into the cells, in per cent, up to 40 classes; beyond them colours alone
speak, by a colormap that tells small shares apart, and a scale says how.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from serve.render import colormaps
from serve.render.legend import as_color
from serve.render.text import Font, cut, one_line

_WITH_TEXT, _WITHOUT = "Blues", "magma_r"
_PAPER, _INK, _FAINT, _NEVER = (255, 255, 255), (32, 33, 36), (128, 132, 138), (226, 227, 229)
_SUBTITLE = "Rows: labelled. Columns: predicted. Per cent of the row."
_NEVER_SAID = "Gray: never labelled."
_NOTHING, _LEAST = (246, 247, 249), 0.005  # without text, cells below have no colour of their own
_DARK = 0.55  # shares from here on are dark enough for white text
_MARGIN, _TITLE, _SUBTITLE_TEXT, _LINE = 24, 22, 16, 32
_MAX_NAME = 190  # pixels; longer names are cut
_STRETCH = 1.5  # a cell may grow by this much for names to stand upright above it
_SCALE = (120, 14)  # pixels, of the scale
_SCALE_SAID = 40  # pixels, of the words at each of its ends
_CELLS = ((8, 84, 20, 1, 18), (16, 52, 17, 0, 16), (40, 38, 15, 0, 15), (254, 14, 0, 0, 12))
"""Up to how many classes: the cell, its text (0: none) and decimals, the names' text."""


@dataclass(frozen=True)
class _Plan:
    """Where everything goes, in pixels."""

    cell: int
    text: int
    decimals: int
    colormap: str
    font: Font
    names: tuple[str, ...]
    left: int
    top: int
    upright: bool
    """Whether the columns' names fit above them as they are."""

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Pillow's corners, both inside; a line of paper is left between cells."""
        x, y = self.left + column * self.cell, self.top + row * self.cell
        return x, y, x + self.cell - 2, y + self.cell - 2


def confusion_picture(
    shares: NDArray[np.float64], names: Sequence[str], title: str
) -> NDArray[np.uint8]:
    """Draw the matrix.

    Args:
        shares: (C, C) in 0..1, rows labelled; NaN in rows never labelled. C is 2 to 254.
        names: C of them.
        title: one line.

    Returns:
        (H, W, 3) uint8 RGB, a new array.
    """
    plan = _plan(names)
    side = plan.cell * len(names)
    said = _SUBTITLE + (f" {_NEVER_SAID}" if np.isnan(shares).any() else "")
    scale = 0 if plan.text else _SCALE[0] + 2 * _SCALE_SAID + _MARGIN
    heading = max(_width(_TITLE, title) + scale, _width(_SUBTITLE_TEXT, said))
    width = max(plan.left + side, _MARGIN + heading) + _MARGIN
    canvas = Image.new("RGB", (width, plan.top + side + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(canvas)
    draw.text((_MARGIN, _MARGIN), title, _INK, ImageFont.load_default(_TITLE))
    draw.text((_MARGIN, _MARGIN + _LINE), said, _FAINT, ImageFont.load_default(_SUBTITLE_TEXT))
    if scale:
        _draw_scale(canvas, plan.colormap)
    for index, name in enumerate(plan.names):
        _draw_names(canvas, plan, index, name)
        _draw_row(draw, plan, index, shares[index])
    return np.array(canvas)


def _plan(names: Sequence[str]) -> _Plan:
    cell, text, decimals, size = next(entry[1:] for entry in _CELLS if len(names) <= entry[0])
    font = ImageFont.load_default(size)
    fitting = tuple(cut(font, one_line(name), _MAX_NAME) for name in names)
    widest = int(max(font.getlength(name) for name in fitting))
    upright = widest + 12 <= _STRETCH * cell
    return _Plan(
        cell=max(cell, widest + 12) if upright else cell,
        text=text,
        decimals=decimals,
        colormap=_WITH_TEXT if text else _WITHOUT,
        font=font,
        names=fitting,
        left=_MARGIN + widest + 10,
        top=_MARGIN + 2 * _LINE + (size if upright else widest) + 14,
        upright=upright,
    )


def _width(size: int, text: str) -> int:
    return round(ImageFont.load_default(size).getlength(text))


def _draw_scale(canvas: Image.Image, colormap: str) -> None:
    """At the right of the title, from 0 to 100."""
    length, height = _SCALE
    left, middle = canvas.width - _MARGIN - _SCALE_SAID - length, _MARGIN + _TITLE // 2
    colors = colormaps.colors_of(colormap, np.linspace(0, 1, length))
    bar = np.repeat(colors[None], height, axis=0)
    canvas.paste(Image.fromarray(bar), (left, middle - height // 2))
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(_SUBTITLE_TEXT)
    draw.text((left - 8, middle), "0", _FAINT, font, anchor="rm")
    draw.text((left + length + 8, middle), "100", _FAINT, font, anchor="lm")


def _draw_names(canvas: Image.Image, plan: _Plan, index: int, name: str) -> None:
    draw = ImageDraw.Draw(canvas)
    middle = index * plan.cell + plan.cell // 2 - 1
    draw.text((plan.left - 10, plan.top + middle), name, _INK, plan.font, anchor="rm")
    if plan.upright:
        draw.text((plan.left + middle, plan.top - 8), name, _INK, plan.font, anchor="md")
        return
    length, height = int(plan.font.getlength(name)) + 2, 2 * plan.cell
    strip = Image.new("L", (length, height))
    ImageDraw.Draw(strip).text((0, height // 2), name, 255, plan.font, anchor="lm")
    turned = strip.transpose(Image.Transpose.ROTATE_90)
    place = (plan.left + middle - height // 2, plan.top - 8 - length)
    canvas.paste(_INK, place, turned)


def _draw_row(
    draw: ImageDraw.ImageDraw, plan: _Plan, row: int, shares: NDArray[np.float64]
) -> None:
    if np.isnan(shares).any():
        x, y, *_ = plan.box(row, 0)
        draw.rectangle((x, y, *plan.box(row, len(shares) - 1)[2:]), _NEVER)
        return
    font = ImageFont.load_default(plan.text) if plan.text else None
    colors = colormaps.colors_of(plan.colormap, shares)
    if not font:
        colors[shares < _LEAST] = _NOTHING
    for column, color in enumerate(colors):
        box = plan.box(row, column)
        draw.rectangle(box, as_color(color))
        text = f"{100 * shares[column]:.{plan.decimals}f}"
        if font and float(text) > 0:  # nothing is said where there is nothing
            ink = _PAPER if shares[column] >= _DARK else _INK
            middle = ((box[0] + box[2] + 1) / 2, (box[1] + box[3] + 1) / 2)
            draw.text(middle, text, ink, font, anchor="mm")
