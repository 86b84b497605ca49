"""How many photos run at once, at most: as set, or measured on the device at hand.

One photo of a large network keeps every core of a CPU busy, and a batch of them takes as much
longer; what small networks, small photos and GPUs gain is the time around each layer.
"""

import logging
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Engine

SIZES = (1, 2, 4, 8, 16, 32)
"""What may be set."""

_log = logging.getLogger(__name__)

_SIDE = 256
# Side, and the seconds over which one photo is slow: then there is little to gain, and the start
# does not wait to see how little. The small photo tells at a sixteenth of the cost.
_PROBES = ((64, 0.005), (_SIDE, 0.020))
_RUNS, _RUNS_S = 3, 0.05  # of each, as many as that, and until so many seconds have gone by
_WORTH_IT = 1.1


def batch_size_for(choice: str, engine: Engine) -> int:
    """Photos that may run at once, 1 for none together; says so in the log.

    Args:
        choice: one of SIZES in words, or `auto`.
        engine: warm; run here only where it is `auto`.
    """
    size, why = measured_size(engine) if choice == "auto" else (int(choice), "as set")
    _log.info("%s: %s", f"batches of up to {size}" if size > 1 else "no batches", why)
    return size


def measured_size(engine: Engine) -> tuple[int, str]:
    """1, or 4 or 8 where a photo in a batch takes a tenth less time than alone; and the figures."""
    for side, slow_s in _PROBES:
        alone_s = _photo_s(engine, [_blank(side)])
        if alone_s > slow_s:
            return 1, f"one photo of {side}x{side} takes {1000 * alone_s:.1f} ms alone"
    best, best_s = 1, alone_s / _WORTH_IT
    told = f"a photo of {_SIDE}x{_SIDE} takes {1000 * alone_s:.2f} ms alone"
    for size in (4, 8):
        try:
            among_s = _photo_s(engine, [_blank(_SIDE)] * size)
        except Exception as err:  # no memory for it, say: no reason not to serve
            return best, f"{told}, {size} at once fail: {err!r}"
        told += f", {1000 * among_s:.2f} ms among {size}"
        if among_s >= best_s:
            break
        best, best_s = size, among_s
    return best, told


def _photo_s(engine: Engine, images: list[NDArray[np.uint8]]) -> float:
    """Seconds a photo, in the fastest run: noise cannot flatter it. The first is to prepare."""
    taken: list[float] = []
    while len(taken) < _RUNS or sum(taken) < _RUNS_S:
        start = perf_counter()
        many = len(images) > 1
        for prediction in engine.predict_many(images) if many else [engine.predict(images[0])]:
            prediction.mask()  # what runs on a device may only have begun
        taken.append(perf_counter() - start)
    return min(taken) / len(images)


def _blank(side: int) -> NDArray[np.uint8]:
    return np.zeros((side, side, 3), np.uint8)
