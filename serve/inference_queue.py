"""The one thread that runs networks, and the places in the queue before it.

A network is not thread safe and one photo keeps every core busy, so there is one thread for all of
a server's models. A request takes a place before its photo is looked at and keeps it until its
answer is sent: the pixels, scores and answers in memory at once are bounded by the queue, not by
how many clients there are. (Bodies on their way in are bounded by the server's threads.)

A thread inside a native library cannot be stopped. When it hangs, or is gone, work is left waiting
and none is done; then this is `stalled`, and whoever pings replaces the container.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Lock
from typing import ParamSpec, TypeVar

from serve.places import Places

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class InferenceQueue:
    """First come, first served, whichever model is meant.

    Args:
        size: requests that may be under way at once.
        timeout_s: what one photo, or batch, may take before its network counts as hung.
    """

    def __init__(self, size: int, timeout_s: float = 600.0) -> None:
        self.places = Places(size)
        self._progress = _Progress(timeout_s)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")

    def submit(
        self, work: Callable[_Given, _Found], *args: _Given.args, **more: _Given.kwargs
    ) -> "Future[_Found]":
        """Have the thread do this after all that it was given before."""
        return self._thread.submit(work, *args, **more)

    def waiting(self) -> AbstractContextManager[None]:
        """To be entered while a photo's turn and its answer are waited for."""
        return self._progress

    @property
    def stalled(self) -> bool:
        """Whether photos are waiting while none is done."""
        return self._progress.stalled


class _Progress:
    """Whether work is waiting while none is done. To be entered while a piece is waited for."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._lock = Lock()
        self._waiting = 0
        self._last = time.monotonic()

    def __enter__(self) -> None:
        self._count(1)

    def __exit__(self, *_error: object) -> None:
        self._count(-1)

    @property
    def stalled(self) -> bool:
        with self._lock:
            return self._waiting > 0 and time.monotonic() - self._last > self._limit_s

    def _count(self, change: int) -> None:
        with self._lock:
            # One more in a queue that waits already is no progress.
            if change < 0 or not self._waiting:
                self._last = time.monotonic()
            self._waiting += change
