"""One model's engine: loaded on the inference thread, run there, and forgotten there.

Predictions run one after another, or a few of one shape at once where that is faster
(serve/batch_limit.py). The thread and the places in the queue are given: all models of a server
share them (serve/inference_queue.py). While a model is loaded `/ping` already answers.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from serve.errors import InferenceFailed, ModelNotReady, ServeError
from serve.inference import answer
from serve.inference_queue import InferenceQueue
from serve.networks import AnyEngine, AnyPrediction, finish
from serve.prediction_cache import PredictionCache
from serve.visit import Visit
from serve.waiting import BatchLimit, Job, Waiting

_WARM_UP_SIDE = 64
_Read = TypeVar("_Read")
_Loaded = tuple[AnyEngine, BatchLimit]


def _alone(_engine: AnyEngine) -> BatchLimit:
    return BatchLimit()


class Predictor:
    """Loads an engine in the background and runs it, one photo or one batch at a time.

    Args:
        load: builds the engine; called once, on the inference thread.
        queue: the thread, and the places before it.
        cache_bytes: of predictions kept; 0 for none.
        batch_limit: how much of one shape may run at once; called once with the warm engine, on
            the inference thread.
    """

    def __init__(
        self,
        load: Callable[[], AnyEngine],
        queue: InferenceQueue,
        *,
        cache_bytes: int = 0,
        batch_limit: Callable[[AnyEngine], BatchLimit] = _alone,
    ) -> None:
        self.places = queue.places
        self._queue = queue
        self._cache = PredictionCache(cache_bytes)
        self._waiting = Waiting()
        self._loaded = queue.submit(_load_and_warm_up, load, batch_limit)

    def on_loaded(self, callback: Callable[[BaseException | None], None]) -> None:
        """Call back once loading has ended, with what it failed with or None."""
        self._loaded.add_done_callback(lambda loaded: callback(loaded.exception()))

    def wait_until_loaded(self) -> None:
        """Return once the engine is loaded and warm; raises what that failed with."""
        self._loaded.result()

    def close(self) -> None:
        """Forget the engine and its predictions, after all that was asked of it before."""
        self._queue.submit(self._forget).result()

    @property
    def keeps_predictions(self) -> bool:
        """Whether a key given to `run` is of any use."""
        return self._cache.is_on

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded, a real forward has run, and none hangs."""
        return self._is_loaded(self._loaded) and not self._queue.stalled

    def engine(self) -> AnyEngine:
        """The loaded engine, for its facts; run it through `run` alone.

        Raises:
            ModelNotReady: it is not loaded yet, or hangs.
        """
        loaded = self._loaded
        if not self._is_loaded(loaded) or self._queue.stalled:
            raise ModelNotReady
        engine, _ = loaded.result()
        return engine

    def facts(self) -> list[dict[str, str]]:
        """What runs: its engine and precision; empty until it is loaded."""
        loaded = self._loaded
        if not self._is_loaded(loaded):
            return []
        engine, _ = loaded.result()
        return [{"engine": engine.name, "precision": engine.precision}]

    def cached(self, key: bytes) -> AnyPrediction | None:
        """What the network made of this photo lately; see `run`."""
        return self._cache.get(key)

    def run(
        self,
        subject: NDArray[np.uint8] | AnyPrediction,
        read: Callable[[Any], _Read],
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
            ModelNotReady: the engine is not loaded, hangs, or was forgotten meanwhile.
            InferenceFailed: the engine raised; its error is the cause.
        """
        self.engine()
        job = Job(subject, read, visit, key)
        try:
            with self._queue.waiting():
                self._waiting.put(job)
                self._queue.submit(self._answer_next)
                found: _Read = job.answer.result()
                return found
        except ServeError:
            raise
        except Exception as err:  # whatever a native library throws is one answer to the client
            raise InferenceFailed from err

    def _answer_next(self) -> None:
        """Called once a job; a batch takes several, and the last calls find none.

        Nobody hears of what is raised here but those who wait, and they would wait for ever.
        """
        jobs = None
        try:
            engine, most = self._loaded.result()
            jobs = self._waiting.take(most)
            answer(jobs, engine, self._cache)
        except BaseException as err:  # as whatever a native library throws
            for job in self._waiting.take_first() if jobs is None else jobs:
                job.fail(err)

    def _forget(self) -> None:
        gone: Future[_Loaded] = Future()
        gone.set_exception(ModelNotReady())
        self._loaded, self._cache = gone, PredictionCache(0)

    @staticmethod
    def _is_loaded(loaded: "Future[_Loaded]") -> bool:
        return loaded.done() and loaded.exception() is None


def _load_and_warm_up(
    load: Callable[[], AnyEngine], batch_limit: Callable[[AnyEngine], BatchLimit]
) -> _Loaded:
    engine = load()
    finish(engine.predict(np.zeros((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), np.uint8)))
    return engine, batch_limit(engine)
