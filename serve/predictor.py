"""The one thread that runs the network, and the bounded queue before it.

The network is not thread safe and one request keeps every core busy, so predictions run one after
another on a thread of their own, or a few of one shape at once where that is faster
(serve/batch_limit.py); that thread also loads the model, while `/ping` already answers.
A request takes a place before its photo is looked at and keeps it until its answer is sent: the
pixels, scores and answers in memory at once are bounded by the queue, not by how many clients there
are. (Bodies on their way in are bounded by the server's threads.)

A thread inside a native library cannot be stopped. When it hangs, or is gone, work is left waiting
and none is done; then this is no longer `ready`, and whoever pings replaces the container.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Engine, Prediction
from serve.errors import InferenceFailed, ModelNotReady, ServeError
from serve.inference import answer
from serve.places import Places
from serve.prediction_cache import PredictionCache
from serve.visit import Visit
from serve.waiting import BatchLimit, Job, Waiting

_WARM_UP_SIDE = 64
_Read = TypeVar("_Read")


def _alone(_engine: Engine) -> BatchLimit:
    return BatchLimit()


class Predictor:
    """Loads an engine in the background and runs it, one photo or one batch at a time.

    Args:
        load: builds the engine; called once, on the inference thread.
        queue_size: requests that may be under way at once.
        predict_timeout_s: what one photo, or batch, may take before the engine counts as hung.
        cache_bytes: of predictions kept; 0 for none.
        batch_limit: how much of one shape may run at once; called once with the warm engine, on
            the inference thread.
    """

    def __init__(
        self,
        load: Callable[[], Engine],
        *,
        queue_size: int,
        predict_timeout_s: float = 600.0,
        cache_bytes: int = 0,
        batch_limit: Callable[[Engine], BatchLimit] = _alone,
    ) -> None:
        self.places = Places(queue_size)
        self._progress = _Progress(predict_timeout_s)
        self._cache = PredictionCache(cache_bytes)
        self._waiting = Waiting()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._loaded = self._thread.submit(_load_and_warm_up, load, batch_limit)

    def on_loaded(self, callback: Callable[[BaseException | None], None]) -> None:
        """Call back once loading has ended, with what it failed with or None."""
        self._loaded.add_done_callback(lambda loaded: callback(loaded.exception()))

    @property
    def keeps_predictions(self) -> bool:
        """Whether a key given to `run` is of any use."""
        return self._cache.is_on

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded, a real forward has run, and none hangs."""
        is_loaded = self._loaded.done() and self._loaded.exception() is None
        return is_loaded and not self._progress.stalled

    def engine(self) -> Engine:
        """The loaded engine, for its facts; run it through `run` alone.

        Raises:
            ModelNotReady: it is not loaded yet, or hangs.
        """
        if not self.ready:
            raise ModelNotReady
        engine, _ = self._loaded.result()
        return engine

    def cached(self, key: bytes) -> Prediction | None:
        """What the network made of this photo lately; see `run`."""
        return self._cache.get(key)

    def run(
        self,
        subject: NDArray[np.uint8] | Prediction,
        read: Callable[[Prediction], _Read],
        visit: Visit,
        key: bytes = b"",
    ) -> _Read:
        """Run the network on a photo, or take what it made of it before, and read that off.

        Args:
            subject: (H, W, 3) RGB, or a prediction.
            read: runs on the inference thread, where predictions may be used.
            visit: gets the stages `queue` and `predict`; asked whether this is wanted still.
            key: what to keep the photo's prediction under; empty for not at all.

        Raises:
            DeadlineExceeded, ClientGone: it was not, when its turn came.
            InferenceFailed: the engine raised; its error is the cause.
        """
        self.engine()
        job = Job(subject, read, visit, key)
        try:
            with self._progress:
                self._waiting.put(job)
                self._thread.submit(self._answer_next)
                found: _Read = job.answer.result()
                return found
        except ServeError:
            raise
        except Exception as err:  # whatever a native library throws is one answer to the client
            raise InferenceFailed from err

    def _answer_next(self) -> None:
        """Called once a job; a batch takes several, and the last calls find none."""
        engine, most = self._loaded.result()
        answer(self._waiting.take(most), engine, self._cache)


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


def _load_and_warm_up(
    load: Callable[[], Engine], batch_limit: Callable[[Engine], BatchLimit]
) -> tuple[Engine, BatchLimit]:
    engine = load()
    engine.predict(np.zeros((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), np.uint8)).mask()
    return engine, batch_limit(engine)
