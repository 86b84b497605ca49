"""The registry with engines that can be reckoned by hand, from many threads at once."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from serve.errors import (
    BadModelRequest,
    LoadFailed,
    ModelExists,
    ModelNotFound,
    ModelNotReady,
    OutOfMemory,
    Overloaded,
    ServeError,
)
from serve.inference_queue import InferenceQueue
from serve.load_request import LoadRequest
from serve.models import Loadable, Models
from serve.room import Room, Wanted
from serve.settings import Settings
from serve.visit import Visit
from tests.shelf import MIB, OwnEngine, Shelf

IMAGE = np.full((2, 3, 3), 150, np.uint8)


Make = Callable[..., tuple[Models, Shelf]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def models(most_mib: int | None = None, **settings: object) -> tuple[Models, Shelf]:
        chosen = Settings(models_dir=tmp_path, **settings)  # type: ignore[arg-type]
        queue = InferenceQueue(100, chosen.predict_timeout_s)
        shelf = Shelf(tmp_path, queue, chosen)
        room = Room(most_mib and most_mib * MIB, lambda: None)
        return Models(chosen, queue, shelf.find, room), shelf

    return models


def asked(shelf: Shelf, name: str, number: int) -> LoadRequest:
    return LoadRequest(name, str(shelf.base / str(number)))


def answer_of(models: Models, name: str) -> int:
    used = models.use(name)
    try:
        mask = used.service.predictor.run(IMAGE, lambda p: p.mask(), Visit("id"))
    finally:
        used.give_back()
    return int(mask[0, 0])


def wait_for(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < give_up_at


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as pool:
        yield pool


def test_models_are_loaded_asked_listed_and_unloaded_by_name(make: Make) -> None:
    models, shelf = make()
    for name, number in (("cats", 1), ("birds", 2)):
        models.load(asked(shelf, name, number))
    assert (answer_of(models, "cats"), answer_of(models, "birds")) == (1, 2)
    assert models.listed() == [asked(shelf, "birds", 2), asked(shelf, "cats", 1)]
    assert models.get("cats") == asked(shelf, "cats", 1)
    assert {facts["model"]: facts["engine"] for facts in models.facts()} == {
        "cats": "red",
        "birds": "red",
    }
    models.unload("cats")
    assert models.listed() == [asked(shelf, "birds", 2)]
    assert shelf.unloads == {1: 1}
    for call in (models.get, models.use, models.unload):
        with pytest.raises(ModelNotFound):
            call("cats")
    models.load(asked(shelf, "cats", 0))
    assert answer_of(models, "cats") == 0


def test_two_names_may_have_one_folder_and_are_two_models(make: Make) -> None:
    models, shelf = make()
    models.load(asked(shelf, "a", 1))
    models.load(asked(shelf, "b", 1))
    models.unload("a")
    assert answer_of(models, "b") == 1


def test_a_name_is_loaded_once(make: Make, threads: ThreadPoolExecutor) -> None:
    models, shelf = make()
    shelf.may_load.clear()
    first = threads.submit(models.load, asked(shelf, "cats", 1))
    wait_for(lambda: bool(models._loading))
    with pytest.raises(ModelExists):
        models.load(asked(shelf, "cats", 2))
    with pytest.raises(ModelNotFound):
        models.use("cats")
    shelf.may_load.set()
    first.result()
    with pytest.raises(ModelExists):
        models.load(asked(shelf, "cats", 2))
    assert answer_of(models, "cats") == 1


def test_a_model_that_does_not_load_leaves_nothing_behind(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, shelf = make(most_mib=1)

    def fail(_self: OwnEngine, _image: object) -> None:
        raise LoadFailed

    with monkeypatch.context() as patch:
        patch.setattr(OwnEngine, "predict", fail)
        with pytest.raises(LoadFailed):
            models.load(asked(shelf, "cats", 1))
    assert shelf.unloads == {1: 1}
    with pytest.raises(BadModelRequest):
        models.load(LoadRequest("cats", "/"))
    models.load(asked(shelf, "cats", 1))
    assert answer_of(models, "cats") == 1


def test_one_that_is_unloaded_answers_those_who_came_before_and_nobody_after(
    make: Make, threads: ThreadPoolExecutor
) -> None:
    models, shelf = make()
    models.load(asked(shelf, "cats", 2))
    shelf.engines[2].may_run.clear()
    used = models.use("cats")
    under_way = [threads.submit(answer_of, models, "cats") for _ in range(4)]
    wait_for(lambda: models._models["cats"].users == 5)
    going = threads.submit(models.unload, "cats")
    wait_for(lambda: models._models["cats"].is_leaving)
    for call in (models.use, models.get, models.unload):
        with pytest.raises(ModelNotFound):
            call("cats")
    assert models.listed() == []
    again = threads.submit(models.load, asked(shelf, "cats", 1))
    shelf.engines[2].may_run.set()
    assert [each.result() for each in under_way] == [2] * 4
    assert not going.done()
    assert not again.done()
    used.give_back()
    used.give_back()  # once is as good
    going.result()
    again.result()
    assert answer_of(models, "cats") == 1


def test_one_whose_answers_do_not_end_stays(make: Make) -> None:
    models, shelf = make(predict_timeout_s=0.05, request_timeout_s=0.0)
    models.load(asked(shelf, "cats", 2))
    used = models.use("cats")
    with pytest.raises(ModelNotReady):
        models.unload("cats")
    assert answer_of(models, "cats") == 2
    used.give_back()
    models.unload("cats")


def test_full_is_refused_and_nothing_is_unloaded_unasked(make: Make) -> None:
    models, shelf = make(most_mib=2, models="refuse")
    models.load(asked(shelf, "a", 0))
    models.load(asked(shelf, "b", 1))
    with pytest.raises(OutOfMemory):
        models.load(asked(shelf, "c", 2))
    assert [each.name for each in models.listed()] == ["a", "b"]
    models.unload("a")
    models.load(asked(shelf, "c", 2))
    assert [each.name for each in models.listed()] == ["b", "c"]


def test_if_asked_to_the_least_recently_used_idle_one_makes_room(make: Make) -> None:
    models, shelf = make(most_mib=3, models="unload")
    for number, name in enumerate("abc"):
        models.load(asked(shelf, name, number))
    answer_of(models, "a")
    used = models.use("b")
    models.load(asked(shelf, "d", 0))
    assert [each.name for each in models.listed()] == ["a", "b", "d"]
    models.load(asked(shelf, "e", 1))
    assert [each.name for each in models.listed()] == ["b", "d", "e"]
    others = [models.use("d"), models.use("e")]
    with pytest.raises(OutOfMemory):
        models.load(asked(shelf, "f", 2))
    for each in (used, *others):
        each.give_back()


def test_a_model_too_large_for_all_of_the_room_unloads_nobody(make: Make) -> None:
    models, shelf = make(most_mib=1, models="unload")
    models.load(asked(shelf, "a", 0))
    find = models._find
    models._find = lambda folder: Loadable(Wanted(2 * MIB), find(folder).load)
    with pytest.raises(OutOfMemory):
        models.load(asked(shelf, "b", 1))
    assert answer_of(models, "a") == 0


def test_memory_is_looked_at_again_after_each_that_went(tmp_path: Path) -> None:
    queue = InferenceQueue(1)
    settings = Settings(models_dir=tmp_path, models="unload")
    shelf = Shelf(tmp_path, queue, settings)
    left = iter([1 << 40, 1 << 40, 300 * MIB - 1, 300 * MIB - 1, 1 << 40])
    room = Room(None, lambda: next(left))
    models = Models(settings, queue, shelf.find, room)
    models.load(asked(shelf, "a", 0))
    models.load(asked(shelf, "b", 1))
    find = models._find
    models._find = lambda folder: Loadable(Wanted(18 * MIB), find(folder).load)  # needs 301 MiB
    models.load(asked(shelf, "c", 2))
    assert [each.name for each in models.listed()] == ["c"]


def test_loads_wait_for_each_other_and_too_many_are_refused(
    make: Make, threads: ThreadPoolExecutor
) -> None:
    models, shelf = make(http_threads=9)
    shelf.may_load.clear()
    loads = [threads.submit(models.load, asked(shelf, str(n), 1)) for n in range(4)]
    wait_for(lambda: models._loads.taken == 4)
    with pytest.raises(Overloaded) as refused:
        models.load(asked(shelf, "one more", 1))
    shelf.may_load.set()
    for load in loads:
        load.result()
    assert refused.value.details == {"max_loads": 4}
    assert "queue" not in refused.value.message
    assert len(models.listed()) == 4


def test_what_is_loaded_answers_while_another_loads(
    make: Make, threads: ThreadPoolExecutor
) -> None:
    models, shelf = make()
    models.load(asked(shelf, "a", 1))
    shelf.may_load.clear()
    load = threads.submit(models.load, asked(shelf, "b", 2))
    wait_for(lambda: bool(models._loading))
    assert answer_of(models, "a") == 1
    assert not load.done()
    shelf.may_load.set()
    load.result()


def test_none_is_loaded_while_the_network_hangs(make: Make, threads: ThreadPoolExecutor) -> None:
    models, shelf = make(predict_timeout_s=0.05)
    models.load(asked(shelf, "a", 1))
    assert models.ready
    shelf.engines[1].may_run.clear()
    hanging = threads.submit(answer_of, models, "a")
    wait_for(lambda: not models.ready)
    with pytest.raises(ModelNotReady):
        models.load(asked(shelf, "b", 2))
    shelf.engines[1].may_run.set()
    assert hanging.result() == 1
    assert models.ready


PROMISED: dict[str, set[type[ServeError]]] = {
    "load": {ModelExists, OutOfMemory},
    "unload": {ModelNotFound},
    "ask": {ModelNotFound},
}


@pytest.mark.parametrize("mode", ["refuse", "unload"])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_at_once_each_is_right_or_refused_as_promised(
    make: Make, threads: ThreadPoolExecutor, mode: str, seed: int
) -> None:
    """Model n is only ever loaded from folder n, so whoever answers for it must answer n."""
    models, shelf = make(most_mib=2, models=mode)
    calls: dict[str, Callable[[int], object]] = {
        "load": lambda n: models.load(asked(shelf, str(n), n)),
        "unload": lambda n: models.unload(str(n)),
        "ask": lambda n: answer_of(models, str(n)),
    }
    rng = random.Random(seed)
    begun: list[tuple[str, int, Future[object]]] = []
    for _ in range(600):
        kind = rng.choices([*calls], (2, 1, 7))[0]
        number = rng.randrange(3)
        begun.append((kind, number, threads.submit(calls[kind], number)))
    answered: Counter[str] = Counter()
    for kind, number, future in begun:
        error = future.exception(60)
        if error is None:
            answered[kind] += 1
            assert kind != "ask" or future.result() == number
        else:
            assert isinstance(error, ServeError)
            assert type(error) in PROMISED[kind], repr(error)
    assert min(answered[kind] for kind in calls) > 0
    for each in models.listed():
        models.unload(each.name)
    assert shelf.loads == shelf.unloads
    assert models._models == {}
    assert models._loading == set()
    assert models._loads.taken == 0
    assert len(shelf.threads) == 1
