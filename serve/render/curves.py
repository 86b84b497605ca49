"""How a training job went: loss above, mIOU and pixel accuracy below, over the epochs.

By Pillow: matplotlib is not in the image that runs, to which it would add tens of megabytes with
what it needs. A number that is None was not measured, and the line goes on to the next one; a
number that is NaN or infinite breaks the line.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from serve.render.axis import (
    LEAST,
    Axis,
    epoch_axis,
    linear_axis,
    logarithmic_axis,
    within_reach,
)
from serve.render.chart import FAINT, INK, PAPER, Chart, Line, draw_chart, draw_mark, draw_upright
from serve.render.legend import Color
from serve.render.text import cut, one_line

_WIDTH, _HEIGHT, _MARGIN = 1000, 720, 24
_TITLE, _SUBTITLE, _LINE = 22, 16, 32  # pixels: texts, and from one to the next
_SIDES = (86, 972)  # left and right of both charts
_UPPER, _LOWER = (134, 350), (440, 672)  # their tops and bottoms
_LOSS: Color = (26, 79, 156)
_MEAN_IOU: Color = (26, 79, 156)
_ACCURACY: Color = (232, 147, 58)
_MANY_TIMES = 100  # a loss that fell by more is no line to be seen but on a logarithmic axis
_LEAST_STEP = 0.02  # of shares: less would make hills of noise


@dataclass(frozen=True)
class Point:
    """What was measured of one epoch."""

    epoch: int
    loss: float | None = None
    """Of training."""
    mean_iou: float | None = None
    """Of validation, in 0..1, like `pixel_accuracy`."""
    pixel_accuracy: float | None = None


def curves_picture(points: Sequence[Point], title: str) -> NDArray[np.uint8]:
    """Draw the curves.

    Args:
        points: in any order; of an epoch that is there twice, the last. None at all is a picture
            without lines.
        title: cut to one line that fits.

    Returns:
        (720, 1000, 3) uint8 RGB, a new array. The best epoch is the first with the highest mIOU.
    """
    rising = _rising(points)
    canvas = Image.new("RGB", (_WIDTH, _HEIGHT), PAPER)
    draw = ImageDraw.Draw(canvas)
    _draw_text(draw, _MARGIN, one_line(title), _TITLE, INK)
    _draw_text(draw, _MARGIN + _LINE, _last_said(rising), _SUBTITLE, FAINT)
    loss, validation = _charts(rising)
    best = best_of(rising)
    for chart in (loss, validation):
        if best:
            draw_upright(canvas, chart, best.epoch)
        draw_chart(canvas, chart)
    if best:
        _draw_best(canvas, validation, best)
    return np.array(canvas)


def best_of(points: Sequence[Point]) -> Point | None:
    """The first of the points with the highest mIOU; None where none was measured."""
    measured = [point for point in points if math.isfinite(_number(point.mean_iou))]
    return max(measured, key=lambda point: _number(point.mean_iou), default=None)


def _rising(points: Sequence[Point]) -> list[Point]:
    by_epoch = {point.epoch: point for point in points}
    return [by_epoch[epoch] for epoch in sorted(by_epoch)]


def _number(figure: float | None) -> float:
    return math.nan if figure is None else figure


def _draw_text(draw: ImageDraw.ImageDraw, top: int, text: str, size: int, ink: Color) -> None:
    font = ImageFont.load_default(size)
    draw.text((_MARGIN, top), cut(font, text, _WIDTH - 2 * _MARGIN), ink, font)


def _last_said(points: Sequence[Point]) -> str:
    """The last epoch's numbers."""
    if not points:
        return "No epoch yet."
    last = points[-1]
    figures = (
        ("loss {:.4g}", last.loss),
        ("mIOU {:#.4g}", last.mean_iou),
        ("pixel accuracy {:#.4g}", last.pixel_accuracy),
    )
    told = [text.format(figure) for text, figure in figures if figure is not None]
    return f"After epoch {last.epoch}: {', '.join(told) or 'nothing measured'}."


def _charts(points: Sequence[Point]) -> tuple[Chart, Chart]:
    """Loss, and validation."""
    epochs = [point.epoch for point in points] or [1]
    across = epoch_axis(epochs[0], epochs[-1])
    loss = _line("loss", _LOSS, points, lambda point: point.loss)
    shares = (
        _line("mIOU", _MEAN_IOU, points, lambda point: point.mean_iou),
        _line("pixel accuracy", _ACCURACY, points, lambda point: point.pixel_accuracy),
    )
    up = _loss_axis(loss.values)
    heading = "Training loss" + (", logarithmic" if up.logarithmic else "")
    left, right = _SIDES
    return (
        Chart(heading, (left, _UPPER[0], right, _UPPER[1]), across, up, (loss,)),
        Chart(
            "Validation", (left, _LOWER[0], right, _LOWER[1]), across, _share_axis(shares), shares
        ),
    )


def _line(
    name: str, color: Color, points: Sequence[Point], read: Callable[[Point], float | None]
) -> Line:
    measured = [(point.epoch, figure) for point in points if (figure := read(point)) is not None]
    pairs = np.array(measured, np.float64).reshape(-1, 2)
    return Line(name, color, pairs[:, 0], within_reach(pairs[:, 1]))


def _loss_axis(values: NDArray[np.float64]) -> Axis:
    """From 0, so that what looks flat is flat, unless most of it would lie on the axis."""
    there = values[~np.isnan(values)]
    if not there.size:
        return linear_axis(0, 1)
    low, high = float(there.min()), float(there.max())
    if low > LEAST and high / low > _MANY_TIMES:
        return logarithmic_axis(low, high)
    return linear_axis(min(low, 0), max(high, 0))


def _share_axis(lines: Sequence[Line]) -> Axis:
    """As much of 0 to 1 as the lines take up."""
    every = np.concatenate([line.values for line in lines])
    there = every[~np.isnan(every)]
    if not there.size:
        return linear_axis(0, 1)
    return linear_axis(float(there.min()), float(there.max()), least_step=_LEAST_STEP)


def _draw_best(canvas: Image.Image, chart: Chart, best: Point) -> None:
    line = chart.lines[0]
    place = chart.places(line)[line.epochs.tolist().index(best.epoch)]
    if not math.isnan(place[1]):  # no axis has it
        label = f"best {best.mean_iou:#.4g}, epoch {best.epoch}"
        draw_mark(canvas, chart, place, label, line.color)
