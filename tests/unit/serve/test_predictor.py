"""The queue and the one thread, with engines that do as they are told."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.errors import ClientGone, InferenceFailed, ModelNotReady
from serve.inference import answer
from serve.inference_queue import InferenceQueue
from serve.networks import AnyEngine
from serve.predictor import Predictor
from serve.visit import Visit
from serve.waiting import BatchLimit, Job
from tests.red import RedEngine

SOON_S = 10
IMAGE = np.full((2, 3, 3), 150, np.uint8)


def read_mask(prediction: Prediction) -> NDArray[np.uint8]:
    return prediction.mask()


def loaded(
    engine: RedEngine, queue_size: int = 1, predict_timeout_s: float = 600.0, batch_size: int = 1
) -> Predictor:
    predictor = Predictor(
        lambda: engine,
        InferenceQueue(queue_size, predict_timeout_s),
        batch_limit=lambda _engine: BatchLimit(batch_size),
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

    predictor = Predictor(load, InferenceQueue(4))
    done = threading.Event()
    predictor.on_loaded(lambda _why: done.set())
    done.wait()
    callers = [
        threading.Thread(target=predictor.run, args=(IMAGE, read_mask, Visit("id")))
        for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    predictor.run(IMAGE, lambda prediction: prediction.scores(), Visit("id"))
    assert engine.threads == set(loaders)
    assert threading.get_ident() not in engine.threads


def test_nothing_is_asked_of_an_engine_that_is_not_there() -> None:
    may_load = threading.Event()

    def load() -> RedEngine:
        may_load.wait()
        return RedEngine()

    predictor = Predictor(load, InferenceQueue(1))
    with pytest.raises(ModelNotReady):
        predictor.run(IMAGE, read_mask, Visit("id"))
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
            predictor.run(IMAGE, read_mask, Visit("id"))
    np.testing.assert_array_equal(predictor.run(IMAGE, read_mask, Visit("id")), np.ones((2, 3)))


def test_an_engine_that_hangs_is_not_ready_until_it_answers() -> None:
    engine = RedEngine()
    predictor = loaded(engine, queue_size=2, predict_timeout_s=0.05)
    assert predictor.ready
    engine.may_run.clear()
    callers = [
        threading.Thread(target=predictor.run, args=(IMAGE, read_mask, Visit("id")))
        for _ in range(2)
    ]
    for caller in callers:
        caller.start()
    wait_for(lambda: not predictor.ready)
    with pytest.raises(ModelNotReady):
        predictor.run(IMAGE, read_mask, Visit("id"))
    engine.may_run.set()
    for caller in callers:
        caller.join()
    assert predictor.ready


def test_an_inference_thread_that_is_gone_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = loaded(RedEngine(), predict_timeout_s=0.05)
    never_run: list[Callable[[], None]] = []
    monkeypatch.setattr(predictor._queue._thread, "submit", never_run.append)
    with ThreadPoolExecutor(1) as caller:
        asked = caller.submit(predictor.run, IMAGE, read_mask, Visit("id"))
        wait_for(lambda: not predictor.ready)
        never_run[0]()
        np.testing.assert_array_equal(asked.result(), np.ones((2, 3)))
    assert predictor.ready


def test_the_stages_of_a_photo_are_timed() -> None:
    visit = Visit("id")
    loaded(RedEngine()).run(IMAGE, read_mask, visit)
    names = [part.partition(";")[0] for part in visit.stages.header().split(", ")]
    assert names == ["queue", "predict"]


def test_one_that_nobody_waits_for_is_told_so_in_its_own_words() -> None:
    engine = RedEngine()
    predictor = loaded(engine)
    warmed_up = [*engine.seen]
    with pytest.raises(ClientGone):
        predictor.run(IMAGE, read_mask, Visit("id", is_gone=lambda: True))
    assert engine.seen == warmed_up


def test_photos_that_wait_together_run_together_and_others_in_their_turn() -> None:
    engine = RedEngine()
    predictor = loaded(engine, queue_size=8, batch_size=4)
    is_held, go_on = threading.Event(), threading.Event()

    def hold(_prediction: Prediction) -> None:
        is_held.set()
        go_on.wait()

    reds = [10, 20, 255, 110, 40, 50, 210]
    photos = [np.full((2, 5 if red == 255 else 2, 3), red, np.uint8) for red in reds]
    with ThreadPoolExecutor(8) as callers:
        callers.submit(predictor.run, photos[0], hold, Visit("id"))
        is_held.wait()
        engine.seen.clear()
        asked = []
        for photo in photos:
            asked.append(callers.submit(predictor.run, photo, read_mask, Visit("id")))
            wait_for(lambda: len(predictor._waiting._jobs) == len(asked))
        go_on.set()
        for photo, found in zip(photos, asked, strict=True):
            np.testing.assert_array_equal(found.result(), np.digitize(photo[..., 0], [100, 200]))
    assert engine.batches == [[10, 20, 110, 40], [50, 210]]
    assert engine.seen == [(2, 2, 3)] * 4 + [(2, 5, 3)] + [(2, 2, 3)] * 2


def test_the_batch_limit_is_asked_of_the_warm_engine_on_its_own_thread() -> None:
    engine = RedEngine()
    asked: list[tuple[int, list[tuple[int, ...]]]] = []

    def batch_limit(of: AnyEngine) -> BatchLimit:
        assert of is engine
        asked.append((threading.get_ident(), [*engine.seen]))
        return BatchLimit()

    predictor = Predictor(lambda: engine, InferenceQueue(1), batch_limit=batch_limit)
    wait_for(lambda: predictor.ready)
    assert asked == [(*engine.threads, [(64, 64, 3)])]


def asked(predictor: Predictor, photo: NDArray[np.uint8]) -> "Future[NDArray[np.uint8]]":
    """Ask on a thread of its own, which the end of the tests does not wait for."""
    found: Future[NDArray[np.uint8]] = Future()

    def ask() -> None:
        try:
            found.set_result(predictor.run(photo, read_mask, Visit("id")))
        except BaseException as err:
            found.set_exception(err)

    threading.Thread(target=ask, daemon=True).start()
    return found


def asked_at_once(
    predictor: Predictor, engine: RedEngine, photos: Sequence[NDArray[np.uint8]]
) -> "list[Future[NDArray[np.uint8]]]":
    """Photos that have all been waiting, in this order, when their turn comes."""
    engine.may_run.clear()
    before = asked(predictor, IMAGE)
    wait_for(lambda: not predictor._waiting._jobs and bool(predictor._queue._progress._waiting))
    found = []
    for photo in photos:
        found.append(asked(predictor, photo))
        wait_for(lambda: len(predictor._waiting._jobs) == len(found))
    engine.may_run.set()
    before.result(SOON_S)
    return found


def test_whoever_waits_for_an_engine_that_is_forgotten_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = RedEngine()
    predictor = loaded(engine)
    predictor.close()
    monkeypatch.setattr(predictor, "engine", lambda: engine)  # as it was when they began to wait
    with pytest.raises(ModelNotReady):
        asked(predictor, IMAGE).result(SOON_S)


def test_a_photo_that_cannot_be_taken_fails_alone() -> None:
    engine = RedEngine()
    predictor = loaded(engine, queue_size=4, batch_size=4)
    flat = IMAGE[:, :, 0]  # no photo has two axes
    failed, answered = asked_at_once(predictor, engine, [flat, IMAGE])
    with pytest.raises(InferenceFailed) as refused:
        failed.result(SOON_S)
    assert isinstance(refused.value.__cause__, ValueError)
    np.testing.assert_array_equal(answered.result(SOON_S), np.ones((2, 3)))


def test_what_breaks_outside_of_the_network_is_told_to_all_that_were_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = RedEngine()
    predictor = loaded(engine, queue_size=4, batch_size=2)

    def breaks(jobs: Sequence[Job], *others: Any) -> None:
        answer(jobs[:1], *others)
        if len(jobs) > 1:
            raise SystemError

    monkeypatch.setattr("serve.predictor.answer", breaks)
    first, second, later = asked_at_once(predictor, engine, [IMAGE] * 3)
    with pytest.raises(InferenceFailed) as refused:
        second.result(SOON_S)
    assert isinstance(refused.value.__cause__, SystemError)
    for answered in (first, later):
        np.testing.assert_array_equal(answered.result(SOON_S), np.ones((2, 3)))
    assert predictor.ready


def wait_for(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at
