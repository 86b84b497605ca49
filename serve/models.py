"""The models that are loaded, by name: who uses which, and when one may come or go.

A model is in use from a request's first look at it until its answer is sent. One that is to go
takes no new request, and goes once it is idle. Loading takes turns, as room is judged before; what
is loaded already is used meanwhile. Knows nothing of HTTP, nor of networks.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Condition, Lock

from serve.errors import ModelExists, ModelNotFound, ModelNotReady, Overloaded
from serve.inference_queue import InferenceQueue
from serve.load_request import LoadRequest, folder_of
from serve.places import Places, once
from serve.room import Room, Wanted
from serve.service import Service
from serve.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loadable:
    """An artifact that was looked at, and is not loaded yet."""

    wanted: Wanted
    load: Callable[[ExitStack], Service]
    """Loads it and puts on the stack what unloads it."""


@dataclass(frozen=True)
class Used:
    """A model in use."""

    service: Service
    give_back: Callable[[], None]
    """To be called when the answer has gone, or cannot."""


@dataclass(eq=False)
class _Model:
    asked: LoadRequest
    weights_bytes: int
    service: Service
    unloading: ExitStack
    users: int = 0
    is_leaving: bool = False


class Models:
    """Safe to use from many threads.

    Args:
        settings: where models lie, and what becomes of one for which there is no room.
        queue: theirs.
        find: looks at the artifact in a folder; raises errors of serve/errors, as `load` does.
        room: judges.
    """

    def __init__(
        self,
        settings: Settings,
        queue: InferenceQueue,
        find: Callable[[Path], Loadable],
        room: Room,
    ) -> None:
        self.settings = settings
        self.places = queue.places
        self._queue = queue
        self._find = find
        self._room = room
        self._loads = Places(settings.max_loads, lambda count: Overloaded(max_loads=count))
        self._turn = Lock()
        self._changed = Condition()  # guards what follows
        self._models: dict[str, _Model] = {}  # the least recently used first
        self._loading: set[str] = set()

    @property
    def ready(self) -> bool:
        """Whether models can be loaded and asked: no network hangs."""
        return not self._queue.stalled

    def facts(self) -> list[dict[str, str]]:
        """What runs: each model's name, engine and precision."""
        with self._changed:
            services = {name: model.service for name, model in self._models.items()}
        return [
            {"model": name, **facts}
            for name, service in services.items()
            for facts in service.predictor.facts()
        ]

    def listed(self) -> list[LoadRequest]:
        """What was asked for and is loaded, by name."""
        with self._changed:
            present = [model.asked for model in self._models.values() if not model.is_leaving]
        return sorted(present, key=lambda asked: asked.name)

    def get(self, name: str) -> LoadRequest:
        """What was asked for under this name.

        Raises:
            ModelNotFound: no such model is loaded.
        """
        with self._changed:
            return self._present(name).asked

    def use(self, name: str) -> Used:
        """A model, which stays until it is given back.

        Raises:
            ModelNotFound: no such model is loaded.
        """
        with self._changed:
            model = self._present(name)
            model.users += 1
            self._models[name] = self._models.pop(name)  # now the latest used
        return Used(model.service, once(partial(self._give_back, model)))

    def load(self, asked: LoadRequest) -> None:
        """Load a model; returns once it is warm.

        Raises:
            ModelExists: one of this name is loaded, or being loaded.
            BadModelRequest, BadModel, LoadFailed: it cannot be loaded.
            OutOfMemory: there is no room for it.
            ModelNotReady, Overloaded: not now.
        """
        folder = folder_of(asked.url, self.settings.models_dir)
        give_back = self._loads.take()
        try:
            with self._claimed(asked.name), self._turn:
                if not self.ready:
                    raise ModelNotReady
                self._load(asked, self._find(folder))
        finally:
            give_back()

    def unload(self, name: str) -> None:
        """Unload a model; returns once its last answer has gone and its memory is free.

        Raises:
            ModelNotFound: no such model is loaded.
            ModelNotReady: its answers do not end; it stays.
        """
        with self._changed:
            model = self._present(name)
            model.is_leaving = True
            if not self._changed.wait_for(lambda: not model.users, self._patience_s):
                model.is_leaving = False
                raise ModelNotReady
        self._close(model)

    @property
    def _patience_s(self) -> float:
        """By then a photo is answered, or its network hangs."""
        return self.settings.predict_timeout_s + self.settings.request_timeout_s

    def _present(self, name: str) -> _Model:
        model = self._models.get(name)
        if model is None or model.is_leaving:
            raise ModelNotFound(model=name)
        return model

    @contextmanager
    def _claimed(self, name: str) -> Iterator[None]:
        """Nobody else may load it meanwhile; where it is leaving, this waits until it has gone."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._is_leaving(name), self._patience_s):
                raise ModelNotReady
            if name in self._models or name in self._loading:
                raise ModelExists(model=name)
            self._loading.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._loading.discard(name)

    def _is_leaving(self, name: str) -> bool:
        return name in self._models and self._models[name].is_leaving

    def _load(self, asked: LoadRequest, found: Loadable) -> None:
        self._make_room(found.wanted)
        with ExitStack() as stack:
            service = found.load(stack)
            model = _Model(asked, found.wanted.weights_bytes, service, stack.pop_all())
        with self._changed:
            self._models[asked.name] = model
        facts = " in ".join(v for each in model.service.predictor.facts() for v in each.values())
        _log.info("loaded %s: %s, by %s", asked.name, model.service.title, facts)

    def _make_room(self, wanted: Wanted) -> None:
        """Unload one idle model after the other, until there is room."""
        while model := self._next_to_go(wanted):
            self._close(model)

    def _next_to_go(self, wanted: Wanted) -> _Model | None:
        unloads = self.settings.models == "unload"
        with self._changed:
            models = self._models.values()
            idle = [m for m in models if unloads and not m.users and not m.is_leaving]
            loaded = sum(model.weights_bytes for model in models)
            if not self._room.unloading([m.weights_bytes for m in idle], loaded, wanted):
                return None
            idle[0].is_leaving = True
            return idle[0]

    def _close(self, model: _Model) -> None:
        """Free a model that nobody uses and that is leaving."""
        try:
            model.unloading.close()
        finally:
            with self._changed:
                del self._models[model.asked.name]
                self._changed.notify_all()
            _log.info("unloaded %s", model.asked.name)

    def _give_back(self, model: _Model) -> None:
        with self._changed:
            model.users -= 1
            self._changed.notify_all()
