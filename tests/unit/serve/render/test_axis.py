import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.render.axis import Axis, epoch_axis, linear_axis, logarithmic_axis, within_reach

REACHED = st.floats(-1e100, 1e100)


def labels(axis: Axis) -> list[str]:
    return [label for _, label in axis.ticks]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"),
        (0, 2.4, "0.0 0.5 1.0 1.5 2.0 2.5"),
        (0, 0.3, "0.0 0.1 0.2 0.3"),
        (0, 0.0012, "0.0000 0.0005 0.0010 0.0015"),
        (0.71, 0.93, "0.70 0.75 0.80 0.85 0.90 0.95"),
        (-3, 40, "-10 0 10 20 30 40"),
        (0, 870, "0 200 400 600 800 1000"),
        (0, 4e6, "0 1e+06 2e+06 3e+06 4e+06"),
        (7, 7, "0 2 4 6 8"),
        (-7, -7, "-8 -6 -4 -2 0"),
        (0, 0, "0.0 0.2 0.4 0.6 0.8 1.0"),
    ],
)
def test_steps_are_one_two_or_five(low: float, high: float, said: str) -> None:
    plain = [label.replace("000000", "e+06") for label in labels(linear_axis(low, high))]
    assert plain == said.split()


def test_noise_makes_no_hills_where_that_is_asked_for() -> None:
    assert labels(linear_axis(0.751, 0.752, least_step=0.02)) == ["0.74", "0.76"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.001, 1000, "0.001 0.01 0.1 1 10 100 1000"),
        (0.03, 3.5, "0.01 0.1 1 10"),
        (0.3, 4, "0.2 0.5 1 2 5"),
        (1e-9, 1000, "1e-09 1e-07 1e-05 0.001 0.1 10 1000"),
        (5, 5, "5 10"),
    ],
)
def test_powers_of_ten(low: float, high: float, said: str) -> None:
    assert labels(logarithmic_axis(low, high)) == said.split()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (1, 1, "1"),
        (1, 2, "1 2"),
        (1, 12, "1 2 3 4 5 6 7 8 9 10 11 12"),
        (1, 60, "1 5 10 15 20 25 30 35 40 45 50 55 60"),
        (1, 64, "1 10 20 30 40 50 64"),
        (1, 1000, "1 100 200 300 400 500 600 700 800 900 1000"),
        (41, 63, "41 44 46 48 50 52 54 56 58 60 63"),
    ],
)
def test_epochs_are_whole_and_both_ends_are_named(first: int, last: int, said: str) -> None:
    assert labels(epoch_axis(first, last)) == said.split()


@given(first=REACHED, second=REACHED)
def test_any_numbers_lie_within_their_axis(first: float, second: float) -> None:
    low, high = sorted((first, second))
    axis = linear_axis(low, high)
    shares = axis.shares(np.array([low, high]))
    assert -1e-6 <= shares[0] <= shares[1] <= 1 + 1e-6
    assert 2 <= len(axis.ticks) <= 8
    assert len(set(labels(axis))) == len(axis.ticks)


@given(low=st.floats(1e-100, 1e100), times=st.floats(1, 1e50))
def test_so_they_do_within_a_logarithmic_one(low: float, times: float) -> None:
    high = min(low * times, 1e100)
    axis = logarithmic_axis(low, high)
    shares = axis.shares(np.array([low, high]))
    assert -1e-6 <= shares[0] <= shares[1] <= 1 + 1e-6
    assert 2 <= len(axis.ticks) <= 9
    assert len(set(labels(axis))) == len(axis.ticks)


@given(first=st.integers(-(10**6), 10**6), more=st.integers(0, 10**6))
def test_ticks_of_epochs_rise_from_end_to_end(first: int, more: int) -> None:
    axis = epoch_axis(first, first + more)
    shares = [share for share, _ in axis.ticks]
    assert shares == sorted(set(shares))
    assert (shares[0], shares[-1]) == ((0, 1) if more else (0.5, 0.5))
    assert len(shares) <= 14


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e101, -1e300])
def test_what_no_axis_can_hold_becomes_a_gap(odd: float) -> None:
    figures = np.array([1, odd])
    assert np.isnan(within_reach(figures)).tolist() == [False, True]
    np.testing.assert_array_equal(figures, [1, odd])
