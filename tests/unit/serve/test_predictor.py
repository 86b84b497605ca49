"""The queue and the one thread, with engines that do as they are told."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from serve.errors import InferenceFailed, ModelNotReady, Overloaded
from serve.predictor import Predictor

IMAGE = np.zeros((2, 3, 3), np.uint8)


class Recorder:
    """Notes which thread asked."""

    name = "recorder"
    precision = "f32"
    classes = 2

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self.threads.add(threading.get_ident())
        return image[:, :, 0]

    def scores(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.threads.add(threading.get_ident())
        return np.zeros((2, *image.shape[:2]), np.float32)


def loaded(engine: Recorder, queue_size: int = 1) -> Predictor:
    predictor = Predictor(lambda: engine, queue_size=queue_size)
    done = threading.Event()
    predictor.on_loaded(lambda _why: done.set())
    done.wait()
    return predictor


def test_loading_warming_up_and_every_request_share_one_thread() -> None:
    engine = Recorder()
    loaders: list[int] = []

    def load() -> Recorder:
        loaders.append(threading.get_ident())
        return engine

    predictor = Predictor(load, queue_size=4)
    done = threading.Event()
    predictor.on_loaded(lambda _why: done.set())
    done.wait()
    callers = [threading.Thread(target=predictor.mask, args=(IMAGE,)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    predictor.scores(IMAGE)
    assert engine.threads == set(loaders)
    assert threading.get_ident() not in engine.threads


def test_a_place_is_given_back_once_however_often_that_is_said() -> None:
    predictor = loaded(Recorder(), queue_size=2)
    first, _second = predictor.take_place(), predictor.take_place()
    first()
    first()
    predictor.take_place()
    with pytest.raises(Overloaded):
        predictor.take_place()


def test_one_more_than_the_queue_holds_is_refused() -> None:
    predictor = loaded(Recorder(), queue_size=2)
    taken = [predictor.take_place(), predictor.take_place()]
    with pytest.raises(Overloaded) as refused:
        predictor.take_place()
    assert refused.value.details == {"queue_size": 2}
    for give_back in taken:
        give_back()
    predictor.take_place()


def test_an_answer_of_another_size_than_the_photos_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Recorder()
    predictor = loaded(engine)
    monkeypatch.setattr(engine, "mask", lambda image: image[:1, :, 0])
    with pytest.raises(InferenceFailed):
        predictor.mask(IMAGE)


def test_nothing_is_asked_of_an_engine_that_is_not_there() -> None:
    may_load = threading.Event()

    def load() -> Recorder:
        may_load.wait()
        return Recorder()

    predictor = Predictor(load, queue_size=1)
    with pytest.raises(ModelNotReady):
        predictor.mask(IMAGE)
    assert not predictor.ready
    may_load.set()


def test_an_engine_that_raises_fails_that_photo_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Recorder()
    predictor = loaded(engine)

    def fail(_image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(engine, "mask", fail)
        with pytest.raises(InferenceFailed):
            predictor.mask(IMAGE)
    np.testing.assert_array_equal(predictor.mask(IMAGE), IMAGE[:, :, 0])
