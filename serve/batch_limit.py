"""How much may run at once: as set, or measured on the device at hand.

One photo of a large network keeps every core of a CPU busy, and a batch of them takes as much
longer; what small networks on small photos gain, and GPUs, is the time around each layer.
"""

import logging
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Engine
from serve.networks import AnyEngine, finish, takes_many
from serve.waiting import BatchLimit

SIZES = (1, 2, 4, 8, 16, 32)
"""Photos at once that may be set."""

_log = logging.getLogger(__name__)

_SIDE = 256
# Side, and the seconds over which one photo is slow: then there is little to gain, and the start
# does not wait to see how little. The small photo tells at a sixteenth of the cost.
_PROBES = ((64, 0.005), (_SIDE, 0.020))
_RUNS, _RUNS_S = 3, 0.1  # as many rounds as that, and until so many seconds have gone by
_WORTH_IT = 1.1


@dataclass(frozen=True)
class _Cost:
    """Of one photo, in milliseconds."""

    wall_ms: float
    cores_ms: float
    """Of all cores. What a photo leaves idle is not lost: others are decoded and encoded then."""

    def is_worth_it(self, before: "_Cost") -> bool:
        """Whether this is a tenth less, both ways."""
        ratios = before.wall_ms / self.wall_ms, before.cores_ms / max(self.cores_ms, 1e-3)
        return min(ratios) >= _WORTH_IT


def batch_limit_for(choice: str, engine: AnyEngine) -> BatchLimit:
    """What may run at once; says so in the log.

    Args:
        choice: one of SIZES in words, or `auto`.
        engine: warm; run here only where it is `auto`.
    """
    if not takes_many(engine):
        limit, why = BatchLimit(), "this network takes photos one by one"
    else:
        limit, why = measured(engine) if choice == "auto" else (BatchLimit(int(choice)), "as set")
    is_on = limit.photos > 1
    _log.info("%s: %s", f"batches of up to {limit.photos}" if is_on else "no batches", why)
    return limit


def measured(engine: Engine) -> tuple[BatchLimit, str]:
    """None together, or 4 where each is a tenth cheaper than alone; and the figures.

    Batches of more pixels than were measured are not made: there the gain ends (docs/engines.md).
    """
    for side, slow_s in _PROBES:
        (alone,) = _costs(engine, 1, side=side)
        if alone.wall_ms > 1000 * slow_s:
            return BatchLimit(), f"one photo of {side}x{side} takes {alone.wall_ms:.1f} ms alone"
    photos, of = 4, f"a photo of {_SIDE}x{_SIDE} takes"
    try:
        alone, among = _costs(engine, 1, photos, side=_SIDE)
    except Exception as err:  # no memory for it, say: no reason not to serve
        told = f"{of} {alone.wall_ms:.2f} ms alone, {photos} at once fail: {err!r}"
        return BatchLimit(), told
    told = f"{of} {alone.wall_ms:.2f} ms alone and {among.wall_ms:.2f} among {photos}"
    told += f", of all cores {alone.cores_ms:.2f} and {among.cores_ms:.2f}"
    on = BatchLimit(photos, photos * _SIDE * _SIDE)
    return on if among.is_worth_it(alone) else BatchLimit(), told


def _costs(engine: Engine, *counts: int, side: int) -> list[_Cost]:
    """Of a photo alone, or among so many: in the cheapest run of each; the first is to prepare.

    They run in turns: a slow moment of a busy machine would outlast all runs of one, and decide.
    """
    runs: list[list[_Cost]] = [[] for _ in counts]
    end = perf_counter() + _RUNS_S * len(counts)
    while len(runs[-1]) < _RUNS or perf_counter() < end:
        for count, costs in zip(counts, runs, strict=True):
            costs.append(_run(engine, [_blank(side)] * count))
    return [
        _Cost(min(run.wall_ms for run in costs), min(run.cores_ms for run in costs))
        for costs in runs
    ]


def _run(engine: Engine, images: list[NDArray[np.uint8]]) -> _Cost:
    start, start_cores = perf_counter(), process_time()
    many = len(images) > 1
    for prediction in engine.predict_many(images) if many else [engine.predict(images[0])]:
        finish(prediction)
    wall_s, cores_s = perf_counter() - start, process_time() - start_cores
    return _Cost(*(1000 * taken / len(images) for taken in (wall_s, cores_s)))


def _blank(side: int) -> NDArray[np.uint8]:
    return np.zeros((side, side, 3), np.uint8)
