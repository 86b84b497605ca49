import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from container.spread import evenly


@given(count=st.integers(0, 500), most=st.integers(1, 12))
def test_samples_are_spread_over_all(count: int, most: int) -> None:
    picked = evenly(range(count), most)
    assert len(picked) == min(count, most)
    assert picked == sorted(set(picked))
    if len(picked) > 1:
        assert (picked[0], picked[-1]) == (0, count - 1)
        gaps = np.diff(picked)
        assert gaps.max() - gaps.min() <= 1
