"""A photo beside what was labelled, what a model says, and where the two differ.

Panels are shrunk or enlarged: photos bilinearly, ids by nearest neighbour. What lies over them is
drawn at their own size, so that outlines and hatching look the same at any photo's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from serve.labels import Labels
from serve.options import Options
from serve.render.layer import winner_layer
from serve.render.legend import Entry, as_color, legend_below
from serve.render.outline import with_outline
from serve.render.overlay import blend
from serve.render.text import cut, one_line
from serve.style import Style, style_of

IGNORED = 255
"""The label of pixels that do not count, whatever is predicted there."""
WRONG, HATCH = (214, 30, 40), (118, 122, 128)
_PAPER, _INK, _FAINT = (255, 255, 255), (32, 33, 36), (95, 99, 104)
_SMALLEST, _LARGEST = 240, 440  # pixels, of a panel's longer side
_LEAST_SIDE = 16  # pixels; a photo longer than that allows is drawn out of proportion
_MARGIN, _GAP, _HEADING, _TITLE = 20, 16, 15, 18
_LINE = 26  # pixels for a line of text above the panels
_ALPHA, _OUTLINE = 0.55, 1
_DIMMED = 0.35  # of the photo is left where wrong pixels are marked, the rest is paper
_STRIPES = 6  # pixels from one line of the hatching to the next


@dataclass(frozen=True)
class Compared:
    """One sample and a model's word on it."""

    image: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    annotation: NDArray[np.uint8]
    """(H, W) class ids, or IGNORED."""
    mask: NDArray[np.uint8]
    """(H, W) class ids."""

    @property
    def counted(self) -> NDArray[np.bool_]:
        """(H, W)."""
        return np.asarray(self.annotation != IGNORED)

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """(H, W): counted, and another class than labelled."""
        return np.asarray(self.counted & (self.annotation != self.mask))


def comparison_picture(sample: Compared, labels: Labels, title: str) -> NDArray[np.uint8]:
    """Draw four panels in a row, and a legend of the classes that either mask has.

    Args:
        sample: of any size of one pixel or more.
        labels: of the model.
        title: cut to one line that fits.

    Returns:
        (H, W, 3) uint8 RGB, a new array. In the last panel wrong pixels are WRONG, and only they.

    Raises:
        ValueError: the three arrays have not one height and width.
    """
    if not sample.image.shape[:2] == sample.annotation.shape == sample.mask.shape:
        shapes = f"{sample.image.shape}, {sample.annotation.shape} and {sample.mask.shape}"
        msg = f"photo, annotation and mask have the shapes {shapes}"
        raise ValueError(msg)
    row = _row(_panels(resized(sample), labels))
    below = legend_below(_entries(sample, labels), row.shape[1])
    top = _MARGIN + _LINE
    bottom = top + row.shape[0] + _GAP
    size = (row.shape[1] + 2 * _MARGIN, bottom + below.shape[0] + _MARGIN // 2)
    canvas = Image.new("RGB", size, _PAPER)
    _draw_title(canvas, title, _figure(sample))
    for part, y in ((row, top), (below, bottom)):
        if part.size:
            canvas.paste(Image.fromarray(part), (_MARGIN, y))
    return np.array(canvas)


def panel_size(height: int, width: int) -> tuple[int, int]:
    """Height and width of a panel: the photo's, a whole multiple of them, or less.

    >>> panel_size(300, 400), panel_size(17, 17), panel_size(1000, 2000), panel_size(1, 4000)
    ((300, 400), (255, 255), (220, 440), (16, 440))
    """
    longest = max(height, width)
    if longest < _SMALLEST:
        times = -(-_SMALLEST // longest)
        height, width = times * height, times * width
    elif longest > _LARGEST:
        height, width = (round(side * _LARGEST / longest) for side in (height, width))
    return max(height, _LEAST_SIDE), max(width, _LEAST_SIDE)


def resized(sample: Compared) -> Compared:
    """The sample at its panels' size."""
    height, width = panel_size(*sample.mask.shape)
    nearest, bilinear = Image.Resampling.NEAREST, Image.Resampling.BILINEAR
    image, annotation, mask = (
        np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((width, height), method))
        for pixels, method in (
            (sample.image, bilinear),
            (sample.annotation, nearest),
            (sample.mask, nearest),
        )
    )
    return Compared(image, annotation, mask)


def _panels(sample: Compared, labels: Labels) -> tuple[tuple[str, NDArray[np.uint8]], ...]:
    """Headings and pictures."""
    style = style_of(Options(outline=_OUTLINE), labels, alpha=_ALPHA)
    annotated = _overlaid(sample.image, sample.annotation, style)
    return (
        ("Photo", sample.image),
        ("Annotation", _hatched(annotated, ~sample.counted)),
        ("Model", _overlaid(sample.image, sample.mask, style)),
        ("Wrong, in red", _difference(sample)),
    )


def _overlaid(image: NDArray[np.uint8], mask: NDArray[np.uint8], style: Style) -> NDArray[np.uint8]:
    return blend(image, with_outline(winner_layer(mask, style), mask, style))


def _difference(sample: Compared) -> NDArray[np.uint8]:
    """Wrong pixels over the photo in pale gray; what does not count is hatched."""
    gray = np.asarray(Image.fromarray(sample.image).convert("L"), np.float64)
    dimmed = np.rint(255 + _DIMMED * (gray - 255)).astype(np.uint8)
    picture = _hatched(np.repeat(dimmed[:, :, None], 3, axis=2), ~sample.counted)
    picture[sample.wrong] = WRONG
    return picture


def _hatched(picture: NDArray[np.uint8], where: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A copy with diagonal lines."""
    height, width = where.shape
    diagonal = (np.arange(height)[:, None] + np.arange(width)) % _STRIPES
    hatched = picture.copy()
    hatched[where & (diagonal < _STRIPES // 3)] = HATCH
    return hatched


def _draw_title(canvas: Image.Image, title: str, figure: str) -> None:
    """What is too long is the title, never the figure."""
    font = ImageFont.load_default(_TITLE)
    width = canvas.width - 2 * _MARGIN - round(font.getlength(f": {figure}"))
    text = f"{cut(font, one_line(title), width)}: {figure}"
    ImageDraw.Draw(canvas).text((_MARGIN, _MARGIN - 4), text, _INK, font)


def _row(panels: tuple[tuple[str, NDArray[np.uint8]], ...]) -> NDArray[np.uint8]:
    """Panels side by side under their headings, apart at least as the headings need."""
    font = ImageFont.load_default(_HEADING)
    height, width, _ = panels[0][1].shape
    step = max(width, *(round(font.getlength(name)) for name, _ in panels)) + _GAP
    canvas = Image.new("RGB", (len(panels) * step - _GAP, height + _LINE), _PAPER)
    draw = ImageDraw.Draw(canvas)
    for index, (name, picture) in enumerate(panels):
        draw.text((index * step, 4), name, _FAINT, font)
        canvas.paste(Image.fromarray(picture), (index * step, _LINE))
    return np.asarray(canvas)


def _figure(sample: Compared) -> str:
    counted = int(np.count_nonzero(sample.counted))
    if not counted:
        return "no pixel counts"
    return f"{100 * np.count_nonzero(sample.wrong) / counted:.2f} % of the pixels wrong"


def _entries(sample: Compared, labels: Labels) -> list[Entry]:
    """The classes that are there and drawn. Red is no entry: it may be a class's colour too."""
    there = np.union1d(sample.annotation, sample.mask).tolist()
    drawn = labels.drawn(background=None)
    entries = [(labels.names[i], as_color(labels.palette[i])) for i in there if drawn[i]]
    if not sample.counted.all():
        entries.append(("hatched: not counted", HATCH))
    return entries
