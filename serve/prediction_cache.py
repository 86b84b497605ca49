"""Predictions of recent photos, so that the same photo in another rendering costs no network.

Bounded by bytes, oldest use first out. Holds logits, which are a few hundredths of the scores; one
cache belongs to one engine.
"""

from collections import OrderedDict
from threading import Lock

from serve.networks import AnyPrediction


class PredictionCache:
    """Predictions by key; safe to use from many threads.

    Args:
        max_bytes: of all predictions kept; 0 keeps none.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[bytes, AnyPrediction] = OrderedDict()
        self._lock = Lock()

    @property
    def is_on(self) -> bool:
        """Whether anything is ever kept."""
        return self._max_bytes > 0

    def get(self, key: bytes) -> AnyPrediction | None:
        """The prediction kept under a key, now the latest used."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: bytes, prediction: AnyPrediction) -> None:
        """Keep a prediction, unless it is larger than the whole cache."""
        with self._lock:
            if key in self._kept or prediction.nbytes > self._max_bytes:
                return
            self._kept[key] = prediction
            self._bytes += prediction.nbytes
            while self._bytes > self._max_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.nbytes
