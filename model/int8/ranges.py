"""The range of values that 256 levels of a tensor stand for.

    level = round(value / step) + zero, cut to 0..255        value ≈ (level - zero) · step

What is outside is cut off, what is inside is rounded; a narrower range does more of the first and
less of the second. Taken is the range with the least squared error over samples from photos (the
smallest and largest value, MinMax, cost 0.7 points of equal ids). 0 has a level of its own always:
a convolution's padding is exact, as is what a Relu cuts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 255
"""Steps between the lowest level and the highest."""
SAMPLES = 20_000
"""Values that a photo gives of a tensor."""
_BINS = 4096
_SHARES = np.linspace(0.1, 1, 46)
"""Of the smallest and largest value: the ranges tried."""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Range:
    """The levels of a tensor."""

    step: float
    zero: int
    """The level of 0."""

    @classmethod
    def spanning(cls, low: float, high: float) -> "Range":
        """From `low` to `high`, give or take a step; `low` <= 0 <= `high`, and they differ."""
        step = float(np.float32((high - low) / LEVELS))
        return cls(step, round(-low / step))

    def rounded(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values → those that their levels stand for."""
        levels: NDArray[Any] = np.clip(np.rint(values / self.step) + self.zero, 0, LEVELS)
        return (levels - self.zero) * self.step


def sampled(tensor: Samples, rng: np.random.Generator) -> Samples:
    """SAMPLES values of a tensor, or all where it has no more; (n,), a new array."""
    values: Samples = tensor.reshape(-1)
    places = rng.integers(0, values.size, SAMPLES) if values.size > SAMPLES else slice(None)
    return np.array(values[places])


def range_of(samples: Samples) -> Range:
    """The range with the least squared error.

    Args:
        samples: (n,), at least one.
    """
    low, high = min(0.0, float(samples.min())), max(0.0, float(samples.max()))
    if low == high:
        return Range(1.0, 0)
    values, counts = _binned(samples)
    lows, highs = (sorted({share * end for share in _SHARES}) for end in (low, high))
    ranges = [Range.spanning(start, end) for start in lows for end in highs]
    return min(ranges, key=lambda each: _error(each, values, counts))


def _error(found: Range, values: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    return float(np.dot(counts, (found.rounded(values) - values) ** 2))


def _binned(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Means of samples that are nearly equal, and how many they are: to try ranges on fewer."""
    low, high = float(samples.min()), float(samples.max())
    scaled = (samples.astype(np.float64) - low) * ((_BINS - 1) / max(high - low, 1e-30))
    places = np.rint(scaled).astype(np.int64)
    counts = np.bincount(places, minlength=_BINS)
    sums = np.bincount(places, samples, minlength=_BINS)
    found = counts > 0
    return sums[found] / counts[found], counts[found]
