"""Requests waiting for the network, and which of them run together.

First come, first served, with one exception: photos of the first one's shape may run with it though
others came before them. Nothing waits for company. Each batch begins with whoever is first, so
nobody waits for more batches than there were requests before his.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serve.errors import InferenceFailed
from serve.networks import AnyPrediction
from serve.visit import Visit


@dataclass(frozen=True)
class BatchLimit:
    """What may run at once: photos, and pixels of all of them together."""

    photos: int = 1
    pixels: int = 1 << 22
    """A batch takes the memory of one photo as large: of four megapixels at most."""


@dataclass(eq=False)
class Job:
    """One request's: a photo or what was made of it, and what is to be read off."""

    subject: NDArray[np.uint8] | AnyPrediction
    """(H, W, 3) RGB, or a prediction."""
    read: Callable[[Any], Any]
    visit: Visit
    """Whose it is; gets the stages `queue` and `predict`."""
    key: bytes = b""
    """Of the photo, the same for the same photo; empty for a photo whose prediction is not kept."""
    queued_at: float = field(default_factory=time.perf_counter)
    answer: "Future[Any]" = field(default_factory=Future)

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits, unless told already; what is no Exception would end that thread."""
        if not self.answer.done():
            told = error if isinstance(error, Exception) else InferenceFailed()
            if told is not error:
                told.__cause__ = error
            self.answer.set_exception(told)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The photo's; None for a prediction."""
        return self.subject.shape if isinstance(self.subject, np.ndarray) else None


class Waiting:
    """Jobs in the order they came; safe to use from many threads."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._lock = Lock()

    def put(self, job: Job) -> None:
        """Join the end."""
        with self._lock:
            self._jobs.append(job)

    def take(self, most: BatchLimit) -> list[Job]:
        """Take out those that run next, together; see `next_batch`."""
        with self._lock:
            batch = next_batch(self._jobs, most)
            self._jobs = [job for job in self._jobs if job not in batch]
            return batch

    def take_first(self) -> list[Job]:
        """Take out the first alone, whatever it is, where there is one."""
        with self._lock:
            first, self._jobs = self._jobs[:1], self._jobs[1:]
            return first


def next_batch(jobs: Sequence[Job], most: BatchLimit) -> list[Job]:
    """The first job, and photos of its shape: 1, 2, 4, ... of them, as far as the limit allows.

    Powers of two alone, as engines prepare themselves for each size of a batch, and keep that.
    Empty where `jobs` is.
    """
    if not jobs or jobs[0].shape is None:
        return list(jobs[:1])
    height, width, _ = jobs[0].shape
    alike = [job for job in jobs if job.shape == jobs[0].shape]
    count = max(1, min(len(alike), most.photos, most.pixels // (height * width)))
    return alike[: 1 << (count.bit_length() - 1)]
