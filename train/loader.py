"""Samples decoded, and augmented, in processes of their own, so that training does not wait.

Batches come in the order of train/order.py whichever process made them, and are made ahead, also
while validation runs. A last batch that is too small is filled up from the epoch's beginning:
batches of one shape train faster, and batch statistics of few photos are none.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import count
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.cpu import usable_cores
from train.augment import Sizes, augment
from train.dataset import Split
from train.errors import AlgorithmError, ClientError
from train.label_map import LabelMap
from train.order import order, sample_rng, steps_of
from train.pairs import Pair
from train.picture import read_image, read_mask
from train.processes import pool_of
from train.watch import Interrupted

_MOST_WORKERS = 16
_AHEAD = 2
"""Batches a process that are made before they are asked for."""

_POLL_S = 0.5

_T = TypeVar("_T")


@dataclass(frozen=True)
class Batch:
    """What one step learns from."""

    images: NDArray[np.uint8]
    """(B, S, S, 3) RGB."""
    labels: NDArray[np.uint8]
    """(B, S, S), 255 to be ignored."""


@dataclass(frozen=True)
class Sample:
    """A photo of validation at its own size."""

    name: str
    image: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    labels: NDArray[np.uint8]
    """(H, W), 255 to be ignored."""


class Loader:
    """Decodes for as long as its `with` lasts."""

    def __init__(
        self, workers: int | None = None, is_stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Start processes as they are needed; one core is left to the network, unless told.

        `is_stopping` is asked while a photo is waited for: a file system may take its time.
        """
        self._is_stopping = is_stopping
        self._workers = workers or max(1, min(usable_cores() - 1, _MOST_WORKERS))
        self._pool = pool_of(self._workers)
        self.waited_s = 0.0
        """Seconds spent waiting for batches so far."""

    def __enter__(self) -> "Loader":
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None
    ) -> None:
        """End the processes; after an error, whatever they are at."""
        if kind is not None:
            for process in [*(self._pool._processes or {}).values()]:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def batches(
        self, split: Split, sizes: Sizes, *, size: int, seed: int, step: int
    ) -> Generator[Batch, None, None]:
        """Batches without end, from step `step` of the job on."""
        yield from self._ahead(_batch_tasks(split, sizes, size, seed, step))

    def samples(self, split: Split) -> Iterator[Sample]:
        """Every sample once, at its own size."""
        tasks = (partial(_load_sample, split.label_map, pair) for pair in split.pairs)
        yield from self._ahead(tasks)

    def _ahead(self, tasks: Iterable[Callable[[], _T]]) -> Generator[_T, None, None]:
        """Results in order, some of them made before they are asked for."""
        waiting: deque[Future[_T]] = deque()
        tasks = iter(tasks)
        try:
            for task in tasks:
                waiting.append(self._pool.submit(task))
                if len(waiting) > _AHEAD * self._workers:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        except BrokenProcessPool as err:
            if self._is_stopping():  # SIGTERM went to all of them
                msg = "stopped, its processes too"
                raise Interrupted(msg) from err
            msg = "a process that decoded photos died; was memory short?"
            raise AlgorithmError(msg) from err

    def _result(self, future: "Future[_T]") -> _T:
        start = time.perf_counter()
        try:
            while not future.done():
                wait([future], timeout=_POLL_S)
                if not future.done() and self._is_stopping():
                    msg = "stopped while a photo was waited for"
                    raise Interrupted(msg)
            return future.result()
        finally:
            self.waited_s += time.perf_counter() - start


def _batch_tasks(
    split: Split, sizes: Sizes, size: int, seed: int, step: int
) -> Iterator[Callable[[], Batch]]:
    """A sample that fills a batch up is numbered past the last one: it gets another view."""
    steps = steps_of(len(split.pairs), size)
    for epoch in count(step // steps):
        turns = np.arange(steps * size) // len(split.pairs) * len(split.pairs)
        shuffled = np.resize(order(seed, epoch, len(split.pairs)), steps * size) + turns
        for start in range(step % steps * size, steps * size, size):
            places = shuffled[start : start + size].tolist()
            samples = [(place, split.pairs[place % len(split.pairs)]) for place in places]
            yield partial(_load_batch, split.label_map, sizes, seed, epoch, samples)
        step = 0


def _load_batch(
    label_map: LabelMap, sizes: Sizes, seed: int, epoch: int, samples: Sequence[tuple[int, Pair]]
) -> Batch:
    views = []
    for index, pair in samples:
        sample = _load_sample(label_map, pair)
        rng = sample_rng(seed, epoch, index)
        views.append(augment(sample.image, sample.labels, rng, sizes))
    images, labels = zip(*views, strict=True)
    return Batch(np.stack(images), np.stack(labels))


def _load_sample(label_map: LabelMap, pair: Pair) -> Sample:
    try:
        labels = label_map.labels(read_mask(pair.annotation))
        return Sample(pair.name, read_image(pair.image), labels)
    except ClientError as err:
        msg = f"{pair.name} changed since it was checked: a file of it {err}"
        raise ClientError(msg) from err
