"""Axes: which numbers stand beside a chart, and how far along it a number lies.

Steps are 1, 2 or 5 times a power of ten (Heckbert, Nice numbers for graph labels, Graphics Gems,
1990, without his rounding). Finite numbers of any size make an axis; none raises.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NICE = (1, 2, 5, 10)
_SLACK = 1e-9  # of a step: 0.3 / 0.1 is a little less than 3
LEAST, _MOST = 1e-100, 1e100  # beyond, differences and powers of ten leave what floats can hold
_MOST_DECIMALS, _MOST_PLAIN = 5, 1e6  # past them, labels are 2e-07 and 2e+06
_FEW_DECADES = 2  # up to here a logarithmic axis has 2 and 5 too


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, which differ; the logarithms of both where it is `logarithmic`."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    """(share of the axis in 0..1, label), rising."""
    logarithmic: bool = False

    def shares(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) numbers → (N,) shares of the axis: 0 is `low`, 1 `high`; NaN stays NaN."""
        along = np.log10(values) if self.logarithmic else values
        return (along - self.low) / (self.high - self.low)


def within_reach(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) → (N,) a copy, NaN where a number is infinite or too large for any axis."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(values) <= _MOST, values, np.nan)


def linear_axis(low: float, high: float, *, steps: int = 5, least_step: float = LEAST) -> Axis:
    """Around `low` and `high`, from tick to tick.

    Args:
        low: a number of at most 1e100 either side of 0, like `high`.
        high: no less than `low`; where they are equal, the axis goes from 0, or to it; from 0 to 1
            where they are 0.
        steps: how many there are at most, but for one more at either end.
        least_step: between ticks.
    """
    if low == high:
        low, high = (min(low, 0.0), max(high, 0.0)) if low else (0.0, 1.0)
    # Noise in the last digits is no span, and its ticks would all have one label.
    noise = 1e-6 * max(abs(low), abs(high))
    step = max(_nice_step(max(high - low, noise) / steps), least_step)
    first, last = math.floor(low / step + _SLACK), math.ceil(high / step - _SLACK)
    last = max(last, first + 1)
    ticks = ((count - first) / (last - first) for count in range(first, last + 1))
    labels = (_label(count * step, step) for count in range(first, last + 1))
    return Axis(first * step, last * step, tuple(zip(ticks, labels, strict=True)))


def logarithmic_axis(low: float, high: float, *, steps: int = 6) -> Axis:
    """Around `low` and `high`, both above 0: powers of ten, with 2 and 5 where they are few."""
    first, last = math.log10(low), math.log10(high)
    if last - first <= _FEW_DECADES:
        marks = [power + math.log10(nice) for power in _powers(first, last) for nice in (1, 2, 5)]
    else:
        marks = [float(power) for power in _powers(first, last)]
        marks = marks[:: max(1, round(_nice_step((len(marks) - 1) / steps)))]
        while marks[-1] < last:
            marks.append(2 * marks[-1] - marks[-2])
    return _between(marks, first, last)


def epoch_axis(first: int, last: int, *, steps: int = 12) -> Axis:
    """From the first epoch to the last; ticks are whole numbers, both ends among them."""
    if first == last:
        return Axis(first - 1, first + 1, ((0.5, str(first)),))
    step = max(1, round(_nice_step((last - first) / steps)))
    inner = range(-(-first // step) * step, last + 1, step)
    # An end is a tick unless its label would run into the neighbour's.
    far = [epoch for epoch in inner if min(epoch - first, last - epoch) > step / 2]
    ticks = sorted({first, last, *far})
    return Axis(first, last, tuple(((t - first) / (last - first), str(t)) for t in ticks))


def _nice_step(rough: float) -> float:
    """The least nice number that is no less than `rough`."""
    if rough < LEAST:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in _NICE if nice * power >= rough * (1 - _SLACK))


def _powers(first: float, last: float) -> range:
    return range(math.floor(first + _SLACK), math.ceil(last - _SLACK) + 1)


def _between(marks: list[float], first: float, last: float) -> Axis:
    """The axis from the last mark up to `first` to the first one from `last` on."""
    low = max(mark for mark in marks if mark <= first + _SLACK)
    high = min(mark for mark in marks if mark >= last - _SLACK and mark > low)
    ticks = (((m - low) / (high - low), f"{10**m:.4g}") for m in marks if low <= m <= high)
    return Axis(low, high, tuple(ticks), logarithmic=True)


def _label(value: float, step: float) -> str:
    """With as many decimals as the step has."""
    decimals = max(0, -math.floor(math.log10(step) + _SLACK))
    if decimals > _MOST_DECIMALS or abs(value) >= _MOST_PLAIN:
        return f"{value:.8g}"
    return f"{value:.{decimals}f}"
