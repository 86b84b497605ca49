import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from train.order import order, sample_rng

SMALL = st.integers(0, 1000)


@settings(deadline=None)
@given(seed=SMALL, epoch=SMALL, count=st.integers(0, 50))
def test_every_sample_comes_once_in_the_same_order_each_time(
    seed: int, epoch: int, count: int
) -> None:
    once = order(seed, epoch, count)
    assert sorted(once.tolist()) == list(range(count))
    assert np.array_equal(once, order(seed, epoch, count))


def test_epochs_and_seeds_differ() -> None:
    orders = {tuple(order(seed, epoch, 20)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25


def test_the_order_is_pinned_for_a_job_that_goes_on_after_an_upgrade() -> None:
    assert order(0, 0, 8).tolist() == [5, 3, 0, 1, 2, 4, 7, 6]


def test_no_two_samples_share_their_random_numbers() -> None:
    drawn = {
        sample_rng(seed, epoch, index).random()
        for seed in range(3)
        for epoch in range(5)
        for index in range(5)
    }
    assert len(drawn) == 75
    assert sample_rng(1, 2, 3).random() == sample_rng(1, 2, 3).random()


def test_the_first_sample_has_other_random_numbers_than_the_order() -> None:
    assert sample_rng(0, 1, 0).permutation(20).tolist() != order(0, 1, 20).tolist()
