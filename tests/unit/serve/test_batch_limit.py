"""How many at once, with an engine that takes as long as it is told."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from serve import batch_limit
from serve.batch_limit import batch_limit_for, measured
from serve.waiting import BatchLimit
from tests.red import RedEngine, RedPrediction


class Clock(RedEngine):
    """Takes so many seconds by side and by how many come at once; the first of each ten times.

    A batch keeps two cores busy, one photo `cores`. All takes twice as long during `slow_s`.
    """

    def __init__(self, taken_s: Mapping[tuple[int, int], float]) -> None:
        super().__init__()
        self.now = self.worked = 0.0
        self.cores = 2.0
        self.slow_s = (0.0, 0.0)
        self.ran: list[tuple[int, int]] = []
        self._taken_s = taken_s

    def predict(self, image: NDArray[np.uint8]) -> RedPrediction:
        return self._run([image])[0]

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[RedPrediction]:
        return self._run(images)

    def _run(self, images: Sequence[NDArray[np.uint8]]) -> list[RedPrediction]:
        kind = (len(images[0]), len(images))
        taken_s = self._taken_s[kind] * (1 if kind in self.ran else 10)
        if self.slow_s[0] < self.now < self.slow_s[1]:
            taken_s *= 2
        self.now += taken_s
        self.worked += taken_s * (self.cores if len(images) == 1 else 2)
        self.ran.append(kind)
        return [RedPrediction(image) for image in images]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Clock]:
    def start(*seconds: float) -> Clock:
        kinds = ((64, 1), (256, 1), (256, 4))
        engine = Clock(dict(zip(kinds, seconds, strict=False)))
        monkeypatch.setattr(batch_limit, "perf_counter", lambda: engine.now)
        monkeypatch.setattr(batch_limit, "process_time", lambda: engine.worked)
        return engine

    return start


def test_four_at_once_where_that_is_a_tenth_faster_and_no_more_pixels_than_measured(
    clock: Callable[..., Clock],
) -> None:
    assert measured(clock(0.001, 0.010, 4 * 0.0090)) == (
        BatchLimit(4, 4 * 256 * 256),
        "a photo of 256x256 takes 10.00 ms alone and 9.00 among 4, of all cores 20.00 and 18.00",
    )
    assert measured(clock(0.001, 0.010, 4 * 0.0092))[0] == BatchLimit(1)


def test_a_moment_when_all_is_slow_decides_nothing(clock: Callable[..., Clock]) -> None:
    engine = clock(0.001, 0.009, 4 * 0.0088)
    engine.slow_s = (0.0, 0.4)  # outlasts the runs of one alone
    assert measured(engine) == (
        BatchLimit(1),
        "a photo of 256x256 takes 9.00 ms alone and 8.80 among 4, of all cores 18.00 and 17.60",
    )


def test_filling_cores_that_one_photo_leaves_to_others_is_no_gain(
    clock: Callable[..., Clock],
) -> None:
    engine = clock(0.001, 0.010, 4 * 0.006)
    engine.cores = 1.2
    assert measured(engine) == (
        BatchLimit(1),
        "a photo of 256x256 takes 10.00 ms alone and 6.00 among 4, of all cores 12.00 and 12.00",
    )


def test_a_slow_network_is_not_measured_any_further(clock: Callable[..., Clock]) -> None:
    engine = clock(0.006)
    assert measured(engine) == (BatchLimit(1), "one photo of 64x64 takes 6.0 ms alone")
    assert {*engine.ran} == {(64, 1)}
    engine = clock(0.004, 0.021)
    assert measured(engine) == (BatchLimit(1), "one photo of 256x256 takes 21.0 ms alone")


def test_an_engine_that_fails_on_a_batch_serves_without(clock: Callable[..., Clock]) -> None:
    engine = clock(0.001, 0.010)  # a KeyError for more
    assert measured(engine) == (
        BatchLimit(1),
        "a photo of 256x256 takes 10.00 ms alone, 4 at once fail: KeyError((256, 4))",
    )


def test_what_is_set_is_not_measured_and_both_are_said(
    clock: Callable[..., Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    engine = clock(0.001, 0.010, 0.020)
    assert batch_limit_for("1", engine).photos == 1
    assert batch_limit_for("16", engine) == BatchLimit(16, 1 << 22)
    assert not engine.ran
    assert batch_limit_for("auto", engine).photos == 4
    assert [message.partition(": ")[0] for message in caplog.messages] == [
        "no batches",
        "batches of up to 16",
        "batches of up to 4",
    ]
