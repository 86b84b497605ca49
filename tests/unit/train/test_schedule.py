import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.hyperparameters import Hyperparameters
from train.schedule import learning_rate


def chosen(**more: Any) -> Hyperparameters:
    """Ten steps: five epochs of two, unless told otherwise."""
    told = {"epochs": 5, "num_training_samples": 8, "mini_batch_size": 4, "learning_rate": 0.5}
    return Hyperparameters(num_classes=3, **{**told, **more})


@pytest.mark.parametrize(
    ("step", "rate"), [(0, 0.5), (5, 0.26794336563), (9, 0.06294627059), (10, 0), (99, 0)]
)
def test_poly_falls_to_nothing_by_the_power_of_nine_tenths(step: int, rate: float) -> None:
    assert learning_rate(chosen(), epoch=step // 2, step=step) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("step", "rate"), [(0, 0.5), (5, 0.25), (9, 0.01223587093), (10, 0), (99, 0)]
)
def test_cosine_falls_to_nothing(step: int, rate: float) -> None:
    cosine = chosen(lr_scheduler="cosine")
    assert learning_rate(cosine, epoch=step // 2, step=step) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("epoch", "rate"), [(0, 0.5), (1, 0.5), (2, 0.1), (3, 0.1), (4, 0.02), (9, 0.02)]
)
def test_step_falls_after_each_epoch_listed_and_never_ends(epoch: int, rate: float) -> None:
    told = chosen(lr_scheduler="step", lr_scheduler_step=(2, 4), lr_scheduler_factor=0.2)
    for step in (2 * epoch, 2 * epoch + 1):
        assert learning_rate(told, epoch=epoch, step=step) == pytest.approx(rate)


def test_the_schedule_goes_by_the_number_of_samples_told() -> None:
    fewer = chosen(num_training_samples=4)  # 8 samples in truth: its five steps are over halfway
    rates = [learning_rate(fewer, epoch=step // 2, step=step) for step in range(10)]
    assert rates[4] > 0
    assert rates[5:] == [0] * 5
    more = chosen(num_training_samples=16)
    assert learning_rate(more, epoch=4, step=9) == pytest.approx(0.5 * 0.55**0.9)


def test_a_batch_that_is_not_full_counts_as_a_step() -> None:
    assert learning_rate(chosen(num_training_samples=5), epoch=2, step=5) == pytest.approx(
        0.5 * 0.5**0.9
    )


@pytest.mark.parametrize("mode", ["poly", "cosine"])
def test_gluoncvs_own_scheduler_agrees(mode: str) -> None:
    from gluoncv.utils import LRScheduler  # noqa: PLC0415  # slow

    told = chosen(lr_scheduler=mode, epochs=7, num_training_samples=50)
    # GluonCV's reaches its end with the last iteration, ours after it.
    theirs = LRScheduler(mode, base_lr=0.5, niters=7 * 13 + 1, power=0.9)
    for step in range(7 * 13 + 1):
        ours = learning_rate(told, epoch=step // 13, step=step)
        assert ours == pytest.approx(theirs(step), abs=1e-12)


def test_gluoncvs_own_steps_agree() -> None:
    from gluoncv.utils import LRScheduler  # noqa: PLC0415  # slow

    told = chosen(lr_scheduler="step", lr_scheduler_step=(1, 4), lr_scheduler_factor=0.3)
    theirs = LRScheduler(
        "step", base_lr=0.5, nepochs=5, iters_per_epoch=2, step_epoch=[1, 4], step_factor=0.3
    )
    for step in range(10):
        assert learning_rate(told, epoch=step // 2, step=step) == pytest.approx(theirs(step))


@given(
    mode=st.sampled_from(("poly", "cosine", "step")),
    factor=st.floats(0, 1),
    steps=st.sets(st.integers(1, 8), min_size=1).map(lambda steps: tuple(sorted(steps))),
    told=st.integers(1, 60),
)
def test_the_rate_begins_as_told_and_never_rises(
    mode: str, factor: float, steps: tuple[int, ...], told: int
) -> None:
    job = chosen(
        lr_scheduler=mode,
        lr_scheduler_factor=factor,
        lr_scheduler_step=steps,
        num_training_samples=told,
    )
    rates = [learning_rate(job, epoch=step // 3, step=step) for step in range(40)]
    assert math.isclose(rates[0], 0.5)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] >= 0
