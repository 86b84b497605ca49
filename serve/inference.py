"""Jobs that were taken together → each one's answer. To be called on the inference thread.

Whatever goes wrong with one is told to that one alone: where an engine fails on a batch, each of
its photos runs by itself.
"""

import logging
import time
from collections.abc import Sequence

import numpy as np

from model.engines.engine import Engine
from serve.errors import ServeError
from serve.networks import AnyEngine, AnyPrediction, takes_many
from serve.prediction_cache import PredictionCache
from serve.waiting import Job

_log = logging.getLogger(__name__)


def answer(jobs: Sequence[Job], engine: AnyEngine, cache: PredictionCache) -> None:
    """Run the network once for all of them, read off each what it asks for, and tell it.

    A request's stage `predict` is all it waits for here, the reading of those before it included.
    """
    began = time.perf_counter()
    for job in jobs:
        job.visit.stages.add("queue", began - job.queued_at)
    jobs = [job for job in jobs if _is_wanted(job)]
    ahead: dict[object, AnyPrediction] = {}
    if len(jobs) > 1 and takes_many(engine):
        ahead = _predicted_together(jobs, engine, cache)
    for job in jobs:
        job.visit.batch = len(ahead) if _photo(job) in ahead else 1
        try:
            found = job.read(ahead.get(_photo(job)) or _predicted(job, engine, cache))
        except BaseException as err:  # whatever a native library throws
            job.visit.stages.add("predict", time.perf_counter() - began)
            job.fail(err)
        else:
            job.visit.stages.add("predict", time.perf_counter() - began)
            job.answer.set_result(found)


def _is_wanted(job: Job) -> bool:
    """Whether somebody waits for it still; who does not is told why it is not done."""
    try:
        job.visit.check_wanted()
    except ServeError as err:
        job.fail(err)
        return False
    return True


def _predicted_together(
    jobs: Sequence[Job], engine: Engine, cache: PredictionCache
) -> dict[object, AnyPrediction]:
    """By `_photo`, what the network makes of the photos not known yet; nothing where it fails."""
    images = {
        _photo(job): job.subject
        for job in jobs
        if isinstance(job.subject, np.ndarray) and cache.get(job.key) is None
    }
    if len(images) < 2:  # noqa: PLR2004
        return {}
    # As in serve/waiting.py: those that were known, or not wanted, may have left an odd number.
    images = dict([*images.items()][: 1 << (len(images).bit_length() - 1)])
    found: dict[object, AnyPrediction]
    try:
        found = dict(zip(images, engine.predict_many([*images.values()]), strict=True))
    except Exception:  # one photo's own error it meets again alone
        whose = {"request_ids": [job.visit.request_id for job in jobs if _photo(job) in images]}
        told = "a batch of %d failed; its photos run alone"
        _log.warning(told, len(images), exc_info=True, extra=whose)
        return {}
    for photo, prediction in found.items():
        if isinstance(photo, bytes):
            cache.put(photo, prediction)
    return found


def _predicted(job: Job, engine: AnyEngine, cache: PredictionCache) -> AnyPrediction:
    if not isinstance(job.subject, np.ndarray):
        return job.subject
    prediction = cache.get(job.key)  # the same photo may have waited before this one
    if prediction is None:
        prediction = engine.predict(job.subject)
        if job.key:
            cache.put(job.key, prediction)
    return prediction


def _photo(job: Job) -> object:
    """The same for jobs with the same photo, as far as is known."""
    return job.key or job
