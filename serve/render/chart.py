"""Lines over epochs in a frame: one chart of a picture. Knows nothing of what the numbers are."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from serve.render.axis import Axis
from serve.render.legend import Color
from serve.render.pen import Pen, Place

PAPER, INK, FAINT = (255, 255, 255), (32, 33, 36), (95, 99, 104)
_GRID, _FRAME, _MARKED = (232, 234, 237), (189, 193, 198), (154, 160, 166)
_HEADING, _TEXT = 18, 14
_NAMES, _SAMPLE = 26, 26  # pixels between names above a chart; of a line beside its name
_INSET = 14  # pixels between the frame's sides and the first and last epoch
_MARGIN = 8  # pixels that strokes may stand out of the frame
_WIDTH, _THIN = 2.5, 1.5  # pixels, of lines
_DOT, _MARK, _RIM = 3.0, 4.5, 1.5  # pixels, radii and what the rim adds
_FEW, _MANY = 40, 300  # numbers: up to here every one has a dot; from here on lines are thin
_AWAY = 12  # pixels between a mark and its label


@dataclass(frozen=True)
class Line:
    """Numbers by epoch."""

    name: str
    color: Color
    epochs: NDArray[np.float64]
    """(N,), rising."""
    values: NDArray[np.float64]
    """(N,); the line is broken at NaN."""


@dataclass(frozen=True)
class Chart:
    """What is drawn where."""

    heading: str
    box: tuple[int, int, int, int]
    """Left, top, right and bottom of the frame, in pixels."""
    across: Axis
    up: Axis
    lines: tuple[Line, ...]

    def x_of(self, epochs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) epochs → (N,) pixels from the left."""
        left, _, right, _ = self.box
        return left + _INSET + self.across.shares(epochs) * (right - left - 2 * _INSET)

    def y_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) numbers → (N,) pixels from the top; NaN stays NaN."""
        _, top, _, bottom = self.box
        return bottom - self.up.shares(values) * (bottom - top)

    def places(self, line: Line) -> list[Place]:
        """Where a line's numbers are; y is NaN where there is none."""
        pairs = zip(self.x_of(line.epochs), self.y_of(line.values), strict=True)
        return [(float(x), float(y)) for x, y in pairs]

    def pen(self) -> Pen:
        """One for this chart."""
        left, top, right, bottom = self.box
        return Pen((left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN))


def draw_chart(canvas: Image.Image, chart: Chart) -> None:
    """Heading, names, the axes' numbers and the lines; changes `canvas`."""
    draw = ImageDraw.Draw(canvas)
    left, top, right, bottom = chart.box
    draw.text((left, top - 14), chart.heading, INK, ImageFont.load_default(_HEADING), anchor="ls")
    _draw_up(draw, chart)
    _draw_across(draw, chart)
    _draw_names(draw, chart)
    for line in reversed(chart.lines):  # the first one is uppermost
        _inked(chart, line).paste(canvas, line.color)
    if all(np.isnan(line.values).all() for line in chart.lines):
        middle = ((left + right) / 2, (top + bottom) / 2)
        draw.text(middle, "nothing yet", FAINT, ImageFont.load_default(_TEXT), anchor="mm")


def draw_upright(canvas: Image.Image, chart: Chart, epoch: float) -> None:
    """A dotted line at an epoch; changes `canvas`."""
    _, top, _, bottom = chart.box
    x = round(chart.x_of(np.array([epoch])).item())
    draw = ImageDraw.Draw(canvas)
    for y in range(bottom - 3, top, -6):
        draw.line((x, y - 2, x, y), _MARKED)


def draw_mark(canvas: Image.Image, chart: Chart, place: Place, label: str, color: Color) -> None:
    """A dot with a rim, and words beside it where least is in their way; changes `canvas`."""
    for radius, ink in ((_MARK + _RIM, PAPER), (_MARK, color)):
        pen = chart.pen()
        pen.dot(place, radius)
        pen.paste(canvas, ink)
    font = ImageFont.load_default(_TEXT)
    size = (round(font.getlength(label)), _TEXT + 2)
    left, top = _roomiest(chart, place, size)
    draw = ImageDraw.Draw(canvas)
    spot = (left, top + size[1] / 2)
    draw.text(spot, label, INK, font, anchor="lm", stroke_width=2, stroke_fill=PAPER)


def _draw_up(draw: ImageDraw.ImageDraw, chart: Chart) -> None:
    left, top, right, bottom = chart.box
    font = ImageFont.load_default(_TEXT)
    for share, label in chart.up.ticks:
        y = round(bottom - share * (bottom - top))
        draw.line((left, y, right, y), _FRAME if y == bottom else _GRID)
        draw.text((left - 8, y), label, FAINT, font, anchor="rm")


def _draw_across(draw: ImageDraw.ImageDraw, chart: Chart) -> None:
    left, _, right, bottom = chart.box
    font = ImageFont.load_default(_TEXT)
    draw.text((left - 8, bottom + 8), "epoch", FAINT, font, anchor="ra")
    for share, label in chart.across.ticks:
        x = round(left + _INSET + share * (right - left - 2 * _INSET))
        draw.line((x, bottom, x, bottom + 4), _FRAME)
        draw.text((x, bottom + 8), label, FAINT, font, anchor="ma")


def _draw_names(draw: ImageDraw.ImageDraw, chart: Chart) -> None:
    """At the right above the frame; where there is one line alone, the heading says it."""
    if len(chart.lines) == 1:
        return
    _, top, x, _ = chart.box
    font = ImageFont.load_default(_TEXT)
    for line in reversed(chart.lines):
        x -= round(font.getlength(line.name))
        draw.text((x, top - 14), line.name, INK, font, anchor="ls")
        draw.line((x - 8 - _SAMPLE, top - 19, x - 8, top - 19), line.color, 3)
        x -= 8 + _SAMPLE + _NAMES


def _inked(chart: Chart, line: Line) -> Pen:
    """A line's strokes; a number that stands alone is a dot."""
    places, pen = chart.places(line), chart.pen()
    width = _WIDTH if len(places) < _MANY else _THIN
    for run in _runs(places):
        if len(run) > 1:
            pen.line(run, width)
        for place in run if len(places) <= _FEW or len(run) == 1 else ():
            pen.dot(place, _DOT)
    return pen


def _runs(places: list[Place]) -> Iterator[list[Place]]:
    """What lies between gaps."""
    run: list[Place] = []
    for place in places:
        if np.isnan(place[1]):
            if run:
                yield run
            run = []
        else:
            run.append(place)
    if run:
        yield run


def _roomiest(chart: Chart, place: Place, size: tuple[int, int]) -> tuple[int, int]:
    """Left and top of a label in the frame, off the lines and the upright where possible."""
    left, top, right, bottom = chart.box
    mark = chart.pen()
    mark.dot(place, _MARK + _RIM)
    mark.line([(place[0], top), (place[0], bottom)], 1)
    pens = [mark, *(_inked(chart, line) for line in chart.lines)]
    covered = np.sum([np.asarray(pen.covered(), np.int64) for pen in pens], axis=0)

    def in_the_way(spot: tuple[int, int]) -> int:
        x, y = spot[0] - left + _MARGIN, spot[1] - top + _MARGIN
        return int(covered[y - 3 : y + size[1] + 3, x - 3 : x + size[0] + 3].sum())

    spots = []
    for x, y in _around(place, size):
        clear = round(min(max(x, left + 6), right - 6 - size[0]))
        spots.append((clear, round(min(max(y, top + 4), bottom - 4 - size[1]))))
    return min(spots, key=in_the_way)


def _around(place: Place, size: tuple[int, int]) -> Iterator[Place]:
    """Above and below a place, off its upright where possible, and level with it; near to far."""
    (x, y), (width, height) = place, size
    for away in (_AWAY, 2 * _AWAY, 4 * _AWAY):
        for beside in (x + _AWAY, x - width - _AWAY, x - width / 2):
            yield beside, y - away - height
            yield beside, y + away
        yield x + away, y - height / 2
        yield x - away - width, y - height / 2
