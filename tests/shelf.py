"""Models to be loaded and unloaded, with engines that can be reckoned by hand."""

import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from serve.inference_queue import InferenceQueue
from serve.labels import labels_of
from serve.models import Loadable
from serve.predictor import Predictor
from serve.room import Wanted
from serve.service import Service
from serve.settings import Settings
from tests.red import RedEngine, RedPrediction

MIB = 1 << 20


class OwnEngine(RedEngine):
    """Answers with its own number, so that no other's answer is taken for its own."""

    running = threading.Lock()

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def predict(self, image: np.ndarray) -> RedPrediction:  # type: ignore[type-arg]
        self.may_run.wait()
        assert self.running.acquire(blocking=False), "two networks at once"
        try:
            self.threads.add(threading.get_ident())
            return RedPrediction(np.full_like(image, 100 * self.number))
        finally:
            self.running.release()


class Shelf:
    """Stands for the loader: folders 0, 1, 2 have engines that answer 0, 1, 2, one MiB each.

    Model 2 has names for its classes.
    """

    def __init__(self, base: Path, queue: InferenceQueue, settings: Settings) -> None:
        self.base = base
        self.queue = queue
        self.settings = settings
        self.may_load = threading.Event()
        self.may_load.set()
        self.engines: dict[int, OwnEngine] = {}
        self.loads: Counter[int] = Counter()
        self.unloads: Counter[int] = Counter()
        self.threads: set[int] = set()
        for number in range(3):
            (base / str(number)).mkdir()

    def find(self, folder: Path) -> Loadable:
        number = int(folder.name)
        return Loadable(Wanted(MIB), lambda stack: self._load(number, stack))

    def _load(self, number: int, stack: ExitStack) -> Service:
        self.may_load.wait()
        engine = self.engines[number] = OwnEngine(number)
        engine.threads = self.threads
        stack.callback(lambda: self.unloads.update([number]))
        cache_bytes = self.settings.cache_mb * MIB
        predictor = Predictor(lambda: engine, self.queue, cache_bytes=cache_bytes)
        stack.callback(predictor.close)
        predictor.wait_until_loaded()
        self.loads[number] += 1
        names = ("background", "cat", "dog") if number == 2 else None
        return Service(self.settings, predictor, labels_of(3, names))
