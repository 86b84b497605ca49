"""The queue and the one thread, with engines that do as they are told."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.errors import InferenceFailed, ModelNotReady, Overloaded
from serve.predictor import Predictor
from serve.stages import Stages
from tests.red import RedEngine

IMAGE = np.full((2, 3, 3), 150, np.uint8)


def read_mask(prediction: Prediction) -> NDArray[np.uint8]:
    return prediction.mask()


def loaded(engine: RedEngine, queue_size: int = 1, predict_timeout_s: float = 600.0) -> Predictor:
    predictor = Predictor(
        lambda: engine, queue_size=queue_size, predict_timeout_s=predict_timeout_s
    )
    done = threading.Event()
    predictor.on_loaded(lambda _why: done.set())
    done.wait()
    return predictor


def test_loading_warming_up_and_every_request_share_one_thread() -> None:
    engine = RedEngine()
    loaders: list[int] = []

    def load() -> RedEngine:
        loaders.append(threading.get_ident())
        return engine

    predictor = Predictor(load, queue_size=4)
    done = threading.Event()
    predictor.on_loaded(lambda _why: done.set())
    done.wait()
    callers = [
        threading.Thread(target=predictor.run, args=(IMAGE, read_mask, Stages())) for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    predictor.run(IMAGE, lambda prediction: prediction.scores(), Stages())
    assert engine.threads == set(loaders)
    assert threading.get_ident() not in engine.threads


def test_a_place_is_given_back_once_however_often_that_is_said() -> None:
    predictor = loaded(RedEngine(), queue_size=2)
    first, _second = predictor.take_place(), predictor.take_place()
    first()
    first()
    predictor.take_place()
    with pytest.raises(Overloaded):
        predictor.take_place()


def test_one_more_than_the_queue_holds_is_refused() -> None:
    predictor = loaded(RedEngine(), queue_size=2)
    taken = [predictor.take_place(), predictor.take_place()]
    with pytest.raises(Overloaded) as refused:
        predictor.take_place()
    assert refused.value.details == {"queue_size": 2}
    for give_back in taken:
        give_back()
    predictor.take_place()


def test_nothing_is_asked_of_an_engine_that_is_not_there() -> None:
    may_load = threading.Event()

    def load() -> RedEngine:
        may_load.wait()
        return RedEngine()

    predictor = Predictor(load, queue_size=1)
    with pytest.raises(ModelNotReady):
        predictor.run(IMAGE, read_mask, Stages())
    assert not predictor.ready
    may_load.set()


def test_an_engine_that_raises_fails_that_photo_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = RedEngine()
    predictor = loaded(engine)

    def fail(_image: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(engine, "predict", fail)
        with pytest.raises(InferenceFailed):
            predictor.run(IMAGE, read_mask, Stages())
    np.testing.assert_array_equal(predictor.run(IMAGE, read_mask, Stages()), np.ones((2, 3)))


def test_an_engine_that_hangs_is_not_ready_until_it_answers() -> None:
    engine = RedEngine()
    predictor = loaded(engine, queue_size=2, predict_timeout_s=0.05)
    assert predictor.ready
    engine.may_run.clear()
    callers = [
        threading.Thread(target=predictor.run, args=(IMAGE, read_mask, Stages())) for _ in range(2)
    ]
    for caller in callers:
        caller.start()
    wait_for(lambda: not predictor.ready)
    with pytest.raises(ModelNotReady):
        predictor.run(IMAGE, read_mask, Stages())
    engine.may_run.set()
    for caller in callers:
        caller.join()
    assert predictor.ready


def test_an_inference_thread_that_is_gone_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = loaded(RedEngine(), predict_timeout_s=0.05)
    never: Future[None] = Future()
    monkeypatch.setattr(predictor._thread, "submit", lambda _step: never)
    with ThreadPoolExecutor(1) as caller:
        asked = caller.submit(predictor.run, IMAGE, read_mask, Stages())
        wait_for(lambda: not predictor.ready)
        never.set_exception(RuntimeError())
        assert isinstance(asked.exception(), InferenceFailed)


def test_the_stages_of_a_photo_are_timed() -> None:
    stages = Stages()
    loaded(RedEngine()).run(IMAGE, read_mask, stages)
    names = [part.partition(";")[0] for part in stages.header().split(", ")]
    assert names == ["queue", "predict"]


def wait_for(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at
