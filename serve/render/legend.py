"""Names and colours in a strip to the right of a picture, or in rows below it."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from serve.render import colormaps
from serve.render.text import cut, one_line

Color = tuple[int, int, int]
Entry = tuple[str, Color]

_PAPER, _INK, _RIM = (255, 255, 255), (32, 33, 36), (160, 160, 160)
_MIN_TEXT, _MAX_TEXT, _SHARE = 12, 48, 28  # pixels, and of the picture's height


def as_color(rgb: NDArray[np.uint8]) -> Color:
    """(3,) → three whole numbers, as Pillow wants them."""
    red, green, blue = rgb.tolist()
    return red, green, blue


def with_legend(picture: NDArray[np.uint8], entries: Sequence[Entry]) -> NDArray[np.uint8]:
    """(H, W, 3) → (H, W + strip, 3); in as many columns as the height asks for."""
    height = picture.shape[0]
    text = _text_size(height)
    font, line, margin = ImageFont.load_default(text), round(1.6 * text), round(0.8 * text)
    rows = max(1, (height - 2 * margin) // line)
    entries = [(one_line(name), color) for name, color in entries]
    columns = [entries[start : start + rows] for start in range(0, len(entries), rows)]
    widths = [max(_width(font, name) for name, _ in column) for column in columns]
    swatch = text + margin // 2
    strip = margin + sum(swatch + width + margin for width in widths)
    canvas = _canvas(height, strip if entries else 0)
    draw = ImageDraw.Draw(canvas)
    left = margin
    for column, width in zip(columns, widths, strict=True):
        for row, (name, color) in enumerate(column):
            top = margin + row * line
            draw.rectangle((left, top, left + text, top + text), color, _RIM)
            draw.text((left + swatch, top + text / 2), name, _INK, font, anchor="lm")
        left += swatch + width + margin
    return np.hstack((picture, np.asarray(canvas)))


def legend_below(entries: Sequence[Entry], width: int, *, text: int = 15) -> NDArray[np.uint8]:
    """Names and colours in rows to go under a picture.

    Args:
        entries: names are cut where one alone is wider than the picture.
        width: of the picture, in pixels.
        text: its size in pixels.

    Returns:
        (H, width, 3), a new array; no rows for no entries.
    """
    font, line, gap, swatch = (
        ImageFont.load_default(text),
        round(1.6 * text),
        text,
        text + text // 2,
    )
    names = [cut(font, one_line(name), width - swatch) for name, _ in entries]
    places, left, top = [], 0, 0
    for name in names:
        needed = swatch + _width(font, name)
        if left and left + needed > width:
            left, top = 0, top + line
        places.append((left, top))
        left += needed + gap
    canvas = _canvas(top + line if entries else 0, width)
    draw = ImageDraw.Draw(canvas)
    for (x, y), name, (_, color) in zip(places, names, entries, strict=True):
        draw.rectangle((x, y, x + text, y + text), color, _RIM)
        draw.text((x + swatch, y + text / 2), name, _INK, font, anchor="lm")
    return np.asarray(canvas)


def with_scale(picture: NDArray[np.uint8], title: str, colormap: str) -> NDArray[np.uint8]:
    """(H, W, 3) → (H, W + strip, 3) with a colormap from 0 at the bottom to 1 at the top."""
    height, title = picture.shape[0], one_line(title)
    text = _text_size(height)
    font, margin = ImageFont.load_default(text), round(0.8 * text)
    top, bottom = margin + 2 * text, max(height - margin, margin + 2 * text + 2)
    width = max(_width(font, title), text + margin + _width(font, "1"))
    canvas = _canvas(height, width + 2 * margin)
    draw = ImageDraw.Draw(canvas)
    draw.text((margin, margin + text / 2), title, _INK, font, anchor="lm")
    colors = colormaps.colors_of(colormap, np.linspace(1, 0, bottom - top))
    bar = np.repeat(colors[:, None], text, axis=1)
    canvas.paste(Image.fromarray(bar), (margin, top))
    for label, y, anchor in (("1", top, "la"), ("0", bottom, "ld")):
        draw.text((margin + text + margin // 2, y), label, _INK, font, anchor=anchor)
    return np.hstack((picture, np.asarray(canvas)))


def _text_size(height: int) -> int:
    return min(max(height // _SHARE, _MIN_TEXT), _MAX_TEXT)


def _width(font: ImageFont.ImageFont | ImageFont.FreeTypeFont, text: str) -> int:
    return math.ceil(font.getlength(text))


def _canvas(height: int, width: int) -> Image.Image:
    return Image.new("RGB", (width, height), _PAPER)
