"""What a batch answers, with an engine that does as it is told, and no thread."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.errors import ClientGone, DeadlineExceeded
from serve.inference import answer
from serve.prediction_cache import PredictionCache
from serve.visit import Visit
from serve.waiting import Job
from tests.red import RedEngine, RedPrediction


class Picky(RedEngine):
    """Fails on red 13, alone and in company; a batch with it fails whole."""

    def predict(self, image: NDArray[np.uint8]) -> RedPrediction:
        if image[0, 0, 0] == 13:
            raise MemoryError
        return super().predict(image)


class Miscounting(RedEngine):
    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[RedPrediction]:
        return super().predict_many(images)[1:]


def job(red: int, key: bytes = b"") -> Job:
    return Job(np.full((2, 3, 3), red, np.uint8), red_of, Visit("id"), key)


def red_of(prediction: Prediction) -> int:
    assert isinstance(prediction, RedPrediction)
    return int(prediction.image[0, 0, 0])


def test_each_gets_its_own_photos_answer_and_both_stages() -> None:
    engine, jobs = RedEngine(), [job(10), job(20), job(30), job(40)]
    answer(jobs, engine, PredictionCache(0))
    assert [each.answer.result() for each in jobs] == [10, 20, 30, 40]
    assert engine.batches == [[10, 20, 30, 40]]
    assert {each.visit.batch for each in jobs} == {4}
    for each in jobs:
        assert list(each.visit.stages.milliseconds()) == ["queue", "predict"]


def test_one_alone_is_no_batch() -> None:
    engine, alone = RedEngine(), job(10)
    answer([alone], engine, PredictionCache(0))
    assert (alone.answer.result(), engine.batches, len(engine.seen)) == (10, [], 1)


def test_a_photo_that_fails_fails_none_beside_it(caplog: pytest.LogCaptureFixture) -> None:
    jobs = [job(10), job(13), job(30)]
    answer(jobs, Picky(), PredictionCache(0))
    assert isinstance(jobs[1].answer.exception(), MemoryError)
    assert [jobs[0].answer.result(), jobs[2].answer.result()] == [10, 30]
    assert "a batch of 2 failed; its photos run alone" in caplog.text
    (line,) = caplog.records
    assert vars(line)["request_ids"] == [each.visit.request_id for each in jobs[:2]]


def test_an_engine_that_answers_too_few_answers_no_one_with_anothers() -> None:
    jobs = [job(10), job(20)]
    answer(jobs, Miscounting(), PredictionCache(0))
    assert [each.answer.result() for each in jobs] == [10, 20]


def test_what_nobody_waits_for_is_not_begun() -> None:
    engine, jobs = RedEngine(), [job(10), job(20), job(30), job(40)]
    jobs[1].visit.is_gone = lambda: True
    jobs[2].visit.began_s -= 3600
    answer(jobs, engine, PredictionCache(0))
    assert [jobs[0].answer.result(), jobs[3].answer.result()] == [10, 40]
    assert isinstance(jobs[1].answer.exception(), ClientGone)
    assert isinstance(jobs[2].answer.exception(), DeadlineExceeded)
    assert engine.batches == [[10, 40]]
    for each in jobs[1:3]:
        assert list(each.visit.stages.milliseconds()) == ["queue"]


def test_reading_that_fails_fails_that_request_alone() -> None:
    jobs = [job(10), job(20), job(30)]
    jobs[1].read = lambda _prediction: 1 // 0
    answer(jobs, RedEngine(), PredictionCache(0))
    assert isinstance(jobs[1].answer.exception(), ZeroDivisionError)
    assert [jobs[0].answer.result(), jobs[2].answer.result()] == [10, 30]


def test_the_same_photo_runs_once_and_every_photo_is_kept() -> None:
    engine, cache = RedEngine(), PredictionCache(1000)
    jobs = [job(10, b"a"), job(20, b"b"), job(10, b"a"), job(30)]
    answer(jobs, engine, cache)
    assert [each.answer.result() for each in jobs] == [10, 20, 10, 30]
    assert engine.batches == [[10, 20]]
    assert cache.get(b"a") is not None
    assert cache.get(b"b") is not None
    again = [job(10, b"a"), job(50, b"c"), job(20, b"b")]
    answer(again, engine, cache)
    assert [each.answer.result() for each in again] == [10, 50, 20]
    assert engine.batches == [[10, 20]]  # of the second three, one was new
    assert len(engine.seen) == 4  # 30 ran alone, for three are no size of a batch


def test_two_of_one_photo_and_no_other_run_once() -> None:
    engine, jobs = RedEngine(), [job(10, b"a"), job(10, b"a")]
    answer(jobs, engine, PredictionCache(1000))
    assert [each.answer.result() for each in jobs] == [10, 10]
    assert len(engine.seen) == 1
