"""The one thread that runs the network, and the bounded queue before it.

The network is not thread safe and one request keeps every core busy, so predictions run one after
another on a thread of their own; that thread also loads the model, while `/ping` already answers.
A request takes a place before its photo is looked at and keeps it until its answer is sent: the
pixels, scores and answers in memory at once are bounded by the queue, not by how many clients there
are. (Bodies on their way in are bounded by the server's threads.)
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Engine
from serve.errors import InferenceFailed, ModelNotReady, Overloaded

_WARM_UP_SIDE = 64
_Tensor = TypeVar("_Tensor", NDArray[np.uint8], NDArray[np.float32])


class Predictor:
    """Loads an engine in the background and runs it one photo at a time.

    Args:
        load: builds the engine; called once, on the inference thread.
        queue_size: requests that may be under way at once.
    """

    def __init__(self, load: Callable[[], Engine], *, queue_size: int) -> None:
        self._queue_size = queue_size
        self._places = BoundedSemaphore(queue_size)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._engine: Future[Engine] = self._thread.submit(_load_and_warm_up, load)

    def on_loaded(self, callback: Callable[[BaseException | None], None]) -> None:
        """Call back once loading has ended, with what it failed with or None."""
        self._engine.add_done_callback(lambda loaded: callback(loaded.exception()))

    @property
    def ready(self) -> bool:
        """Whether the engine is loaded and a real forward has run."""
        return self._engine.done() and self._engine.exception() is None

    def engine(self) -> Engine:
        """The loaded engine, for its facts; run it through `mask` and `scores` alone.

        Raises:
            ModelNotReady: it is not loaded yet.
        """
        if not self.ready:
            raise ModelNotReady
        return self._engine.result()

    def take_place(self) -> Callable[[], None]:
        """Take one of the queue's places; returns what gives it back, once however often called.

        Raises:
            Overloaded: all are taken; nothing waits here.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded(queue_size=self._queue_size)
        given_back = Lock()

        def give_back() -> None:
            if given_back.acquire(blocking=False):
                self._places.release()

        return give_back

    def mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) RGB → (H, W) ids.

        Raises:
            InferenceFailed: the engine raised; its error is the cause.
        """
        return self._run(self.engine().mask, image)

    def scores(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) RGB → (C, H, W) probabilities.

        Raises:
            InferenceFailed: the engine raised; its error is the cause.
        """
        return self._run(self.engine().scores, image)

    def _run(
        self, step: Callable[[NDArray[np.uint8]], _Tensor], image: NDArray[np.uint8]
    ) -> _Tensor:
        try:
            answer = self._thread.submit(step, image).result()
        except Exception as err:  # whatever a native library throws is one answer to the client
            raise InferenceFailed from err
        if answer.shape[-2:] != image.shape[:2]:  # a size that overflowed somewhere in the engine
            raise InferenceFailed
        return answer


def _load_and_warm_up(load: Callable[[], Engine]) -> Engine:
    engine = load()
    engine.mask(np.zeros((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), np.uint8))
    return engine
