"""How many at once, with an engine that takes as long as it is told."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from serve import batch_size
from serve.batch_size import batch_size_for, measured_size
from tests.red import RedEngine, RedPrediction


class Clock(RedEngine):
    """Takes so many seconds by side and by how many come at once; the first of each ten times."""

    def __init__(self, taken_s: Mapping[tuple[int, int], float]) -> None:
        super().__init__()
        self.now = 0.0
        self.ran: list[tuple[int, int]] = []
        self._taken_s = taken_s

    def predict(self, image: NDArray[np.uint8]) -> RedPrediction:
        return self._run([image])[0]

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[RedPrediction]:
        return self._run(images)

    def _run(self, images: Sequence[NDArray[np.uint8]]) -> list[RedPrediction]:
        kind = (len(images[0]), len(images))
        self.now += self._taken_s[kind] * (1 if kind in self.ran else 10)
        self.ran.append(kind)
        return [RedPrediction(image) for image in images]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Clock]:
    def start(*seconds: float) -> Clock:
        kinds = ((64, 1), (256, 1), (256, 4), (256, 8))
        engine = Clock(dict(zip(kinds, seconds, strict=False)))
        monkeypatch.setattr(batch_size, "perf_counter", lambda: engine.now)
        return engine

    return start


@pytest.mark.parametrize(
    ("four_s", "eight_s", "expected"),
    [
        (4 * 0.005, 8 * 0.004, 8),
        (4 * 0.004, 8 * 0.005, 4),
        (4 * 0.0090, 8 * 0.0095, 4),
    ],
)
def test_the_size_that_is_fastest_a_photo(
    clock: Callable[..., Clock], four_s: float, eight_s: float, expected: int
) -> None:
    engine = clock(0.001, 0.010, four_s, eight_s)
    size, why = measured_size(engine)
    assert size == expected
    assert why == (
        f"a photo of 256x256 takes 10.00 ms alone, {250 * four_s:.2f} ms among 4, "
        f"{125 * eight_s:.2f} ms among 8"
    )


def test_less_than_a_tenth_faster_is_not_worth_it_and_eight_are_not_tried(
    clock: Callable[..., Clock],
) -> None:
    engine = clock(0.001, 0.010, 4 * 0.0092)
    assert measured_size(engine) == (1, "a photo of 256x256 takes 10.00 ms alone, 9.20 ms among 4")


def test_a_slow_network_is_not_measured_any_further(clock: Callable[..., Clock]) -> None:
    engine = clock(0.006)
    assert measured_size(engine) == (1, "one photo of 64x64 takes 6.0 ms alone")
    assert engine.ran == [(64, 1)] * 3
    engine = clock(0.004, 0.021)
    assert measured_size(engine) == (1, "one photo of 256x256 takes 21.0 ms alone")


def test_an_engine_that_fails_on_a_batch_serves_without(clock: Callable[..., Clock]) -> None:
    engine = clock(0.001, 0.010)  # a KeyError for more
    assert measured_size(engine) == (
        1,
        "a photo of 256x256 takes 10.00 ms alone, 4 at once fail: KeyError((256, 4))",
    )


def test_what_is_set_is_not_measured_and_both_are_said(
    clock: Callable[..., Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    engine = clock(0.001, 0.010, 0.020, 0.040)
    assert batch_size_for("1", engine) == 1
    assert batch_size_for("16", engine) == 16
    assert not engine.ran
    assert batch_size_for("auto", engine) == 4
    assert caplog.messages == [
        "no batches: as set",
        "batches of up to 16: as set",
        "batches of up to 4: a photo of 256x256 takes 10.00 ms alone, 5.00 ms among 4, "
        "5.00 ms among 8",
    ]
