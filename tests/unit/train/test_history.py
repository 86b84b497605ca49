from typing import Any

import pytest

from train.history import Epoch, best_of, is_enough
from train.hyperparameters import Hyperparameters


def history(*mious: float) -> list[Epoch]:
    return [
        Epoch(
            loss=1.0,
            miou=miou,
            pixel_accuracy=0.5,
            learning_rate=0.1,
            photos_per_s=9.0,
            validated_per_s=9.0,
            waited=0.0,
        )
        for miou in mious
    ]


def chosen(patience: int = 1, **more: Any) -> Hyperparameters:
    told: dict[str, Any] = {"early_stopping": True, "epochs": 99, "early_stopping_min_epochs": 0}
    return Hyperparameters(
        num_classes=3, num_training_samples=8, early_stopping_patience=patience, **{**told, **more}
    )


def ends_after(told: Hyperparameters, *mious: float) -> int | None:
    """Epochs that are trained of those given; None where even the last is not enough."""
    epochs = history(*mious)
    counts = range(len(epochs) + 1)
    return next((count for count in counts if is_enough(epochs[:count], told)), None)


@pytest.mark.parametrize(
    ("mious", "best"),
    [((), -1), ((0.0,), 0), ((0.1, 0.3, 0.2), 1), ((0.3, 0.1, 0.3), 0), ((0.0, 0.0), 0)],
)
def test_the_first_of_the_best_is_kept(mious: tuple[float, ...], best: int) -> None:
    assert best_of(history(*mious)) == best


def test_all_epochs_are_trained_unless_told_otherwise() -> None:
    told = chosen(epochs=3, early_stopping=False)
    assert ends_after(told, 0.5, 0.1, 0.1) == 3
    assert ends_after(told, 0.5, 0.1) is None


@pytest.mark.parametrize(
    ("patience", "end"),
    [(0, 3), (1, 3), (2, 4), (3, 8), (4, 9), (5, None)],
)
def test_patience_is_how_many_epochs_in_a_row_may_not_improve(
    patience: int, end: int | None
) -> None:
    #                                      worse  worse  best  equal  worse  worse  worse
    mious = (0.1, 0.3, 0.2, 0.25, 0.4, 0.4, 0.1, 0.2, 0.3)
    assert ends_after(chosen(patience), *mious) == end


@pytest.mark.parametrize(("least", "end"), [(0, 2), (2, 2), (3, 3), (5, 5), (6, None)])
def test_the_least_epochs_are_trained_whatever_comes_of_them(least: int, end: int | None) -> None:
    assert ends_after(chosen(early_stopping_min_epochs=least), 0.5, 0.4, 0.3, 0.2, 0.1) == end


def test_epochs_are_not_waited_for_beyond_the_last() -> None:
    assert ends_after(chosen(4, epochs=2, early_stopping_min_epochs=5), 0.5, 0.4) == 2


def test_what_came_of_the_least_epochs_counts_as_waited_for() -> None:
    assert ends_after(chosen(3, early_stopping_min_epochs=6), 0.5, 0.1, 0.1, 0.1, 0.6, 0.1) is None
    assert ends_after(chosen(3, early_stopping_min_epochs=4), 0.5, 0.1, 0.1, 0.1, 0.6, 0.1) == 4


@pytest.mark.parametrize(
    ("mious", "end"),
    [
        ((0.4, 0.51, 0.64), None),  # more than a quarter each
        ((0.4, 0.49), 2),
        ((0.4, 0.5), 2),  # a quarter is no more than a quarter
        ((0.04, 0.051), None),  # relative, not absolute
    ],
)
def test_tolerance_is_the_share_by_which_an_epoch_must_gain(
    mious: tuple[float, ...], end: int | None
) -> None:
    assert ends_after(chosen(early_stopping_tolerance=0.25), *mious) == end


def test_small_gains_add_up_against_the_last_that_counted() -> None:
    told = chosen(3, early_stopping_tolerance=0.25)
    assert ends_after(told, 0.4, 0.45, 0.49, 0.51, 0.55, 0.6) is None
    assert ends_after(told, 0.4, 0.45, 0.46, 0.47) == 4


def test_a_first_epoch_without_a_hit_is_improved_on_by_any() -> None:
    assert ends_after(chosen(early_stopping_tolerance=1.0), 0.0, 0.01) is None
    assert ends_after(chosen(early_stopping_tolerance=1.0), 0.0, 0.0) == 2
