import numpy as np
import pytest
from numpy.typing import NDArray

from model.int8.ranges import SAMPLES, Range, range_of, sampled


def error(found: Range, samples: NDArray[np.float32]) -> float:
    """Reckoned anew: quantized to bytes, and back."""
    levels = np.clip(np.round(samples / found.step) + found.zero, 0, 255).astype(np.uint8)
    back = (levels.astype(np.float64) - found.zero) * found.step
    return float(((back - samples) ** 2).mean())


def min_max(samples: NDArray[np.float32]) -> Range:
    return Range.spanning(min(0.0, float(samples.min())), max(0.0, float(samples.max())))


def test_a_range_in_numbers() -> None:
    found = Range.spanning(-1, 4.1)
    assert found.step == pytest.approx(0.02)
    assert found.zero == 50
    values = np.array([-9, -1, -0.011, 0, 0.009, 0.049, 4.1, 9])
    rounded = [-1, -1, -0.02, 0, 0, 0.04, 4.1, 4.1]
    np.testing.assert_allclose(found.rounded(values), rounded, atol=1e-6)


def test_values_spread_evenly_keep_their_whole_range() -> None:
    samples = np.linspace(0, 7, 5000, dtype=np.float32)
    found = range_of(samples)
    assert found.zero == 0
    assert found.step == pytest.approx(7 / 255)


def test_a_few_far_off_are_cut() -> None:
    rng = np.random.default_rng(0)
    samples = rng.exponential(1, 400_000).astype(np.float32)
    found = range_of(samples)
    assert found.step * 255 < 0.9 * samples.max()
    assert error(found, samples) < 0.9 * error(min_max(samples), samples)


@pytest.mark.parametrize("seed", range(4))
def test_no_range_like_it_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = (rng.standard_t(3, 5000) + seed).astype(np.float32)
    best = error(range_of(samples), samples)
    low, high = float(samples.min()), float(samples.max())
    tried = [Range.spanning(a * low, b * high) for a in (0.2, 0.5, 1) for b in (0.2, 0.5, 1)]
    assert best <= min(error(each, samples) for each in tried) * 1.01


@pytest.mark.parametrize("values", [[5, 6, 7], [-7, -6, -5], [-3, 8], [0, 0], [1e-9]])
def test_nothing_stays_nothing(values: list[float]) -> None:
    found = range_of(np.array(values, np.float32))
    assert 0 <= found.zero <= 255
    assert found.step > 0
    assert found.rounded(np.zeros(1)).tolist() == [0]


def test_samples_are_of_the_tensor_and_no_view_of_it() -> None:
    rng = np.random.default_rng(0)
    large = np.arange(60_000, dtype=np.float32).reshape(1, 3, 100, 200)
    found = sampled(large, rng)
    assert found.shape == (SAMPLES,)
    assert set(found.tolist()) <= set(range(60_000))
    assert 28_000 < found.mean() < 32_000
    small = np.ones((1, 2, 3, 4), np.float32)
    all_of_it = sampled(small, rng)
    small[:] = 0
    assert all_of_it.tolist() == [1] * 24
