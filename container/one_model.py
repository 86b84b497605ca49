"""One model for as long as the server runs: loaded at the start, while /ping says 503."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

from flask import Flask

from container.exits import MODEL_FAILED
from container.loading import Loading
from serve.app import create_app
from serve.batch_limit import batch_limit_for
from serve.inference_queue import InferenceQueue
from serve.labels import Labels
from serve.networks import AnyEngine
from serve.predictor import Predictor
from serve.service import Service
from serve.settings import Settings
from serve.task import SEMANTIC, Task

_log = logging.getLogger(__name__)


class OneModel:
    """See `container.site.Site`; serves what `load` builds."""

    def __init__(
        self,
        settings: Settings,
        labels: Labels,
        title: str,
        load: Callable[[], AnyEngine],
        *,
        task: Task = SEMANTIC,
    ) -> None:
        self._settings = settings
        self._labels = labels
        self._title = title
        self._load = load
        self._task = task
        self._loading = Loading()
        self.runs = ""

    @property
    def hooks(self) -> Mapping[str, Callable[..., None]]:
        """Workers that die while they load end the server in the end."""
        return {"pre_fork": self._loading.pre_fork, "child_exit": self._loading.child_exit}

    def open(self) -> Flask:
        """The application; its model is loaded in the background."""
        settings = self._settings
        predictor = Predictor(
            self._load_engine,
            InferenceQueue(settings.queue_size, settings.predict_timeout_s),
            cache_bytes=settings.cache_mb << 20,
            batch_limit=partial(batch_limit_for, settings.batch_size),
        )
        predictor.on_loaded(self._report_loaded)
        self._predictor = predictor
        service = Service(settings, predictor, self._labels, self._title, task=self._task)
        return create_app(service)

    @property
    def ready(self) -> bool:
        """Whether it is loaded, and does not hang."""
        return self._predictor.ready

    def _report_loaded(self, reason: BaseException | None) -> None:
        """A worker whose model does not load would be replaced for ever; end the server instead."""
        if reason is None:
            self._loading.done()
            _log.info("ready on port %d", self._settings.port)
            return
        line = " ".join(f"the model did not load: {reason}".split())
        print(f"error: {line}", file=sys.stderr, flush=True)
        os._exit(MODEL_FAILED)

    def _load_engine(self) -> AnyEngine:
        engine = self._load()
        self.runs = f"{engine.name} in {engine.precision}"
        _log.info("loaded by %s", self.runs)
        return engine
