"""gunicorn around the application: one worker process, one copy of the model, many threads."""

import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.app.base import BaseApplication

from container.exits import MODEL_FAILED
from container.loading import Loading
from container.server_log import ServerLog
from container.worker import PingLaneWorker
from model.engines.engine import Engine
from serve.app import JOURNAL, create_app
from serve.batch_limit import batch_limit_for
from serve.invoke import Service
from serve.labels import Labels
from serve.predictor import Predictor
from serve.settings import Settings

_log = logging.getLogger(__name__)


class Server(BaseApplication):
    """Serves what `load` builds until it is told to stop."""

    def __init__(
        self, settings: Settings, labels: Labels, title: str, load: Callable[[], Engine]
    ) -> None:
        self._settings = settings
        self._labels = labels
        self._title = title
        self._load = load
        self._loading = Loading()
        self._runs, self._said_healthy = "", False
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its settings; nothing is read from its files or environment."""
        for name, value in gunicorn_settings(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("pre_fork", self._loading.pre_fork)
        self.cfg.set("child_exit", self._loading.child_exit)

    def load(self) -> Any:
        """Build the application; called in the worker, after the fork, as MXNet needs."""
        predictor = Predictor(
            self._load_engine,
            queue_size=self._settings.queue_size,
            predict_timeout_s=self._settings.predict_timeout_s,
            cache_bytes=self._settings.cache_mb << 20,
            batch_limit=partial(batch_limit_for, self._settings.batch_size),
        )
        predictor.on_loaded(self._report_loaded)
        self._predictor = predictor
        app = create_app(Service(self._settings, predictor, self._labels, self._title))
        self.refused = app.extensions[JOURNAL].close_unread
        return app

    def healthy(self) -> bool:
        """What /ping says; asked in the event loop. When it changes, the log has a line."""
        healthy = self._predictor.ready
        if healthy != self._said_healthy:
            self._said_healthy = healthy
            _log.info("/ping says %s", f"200: {self._runs}" if healthy else "503: not ready")
        return healthy

    def _report_loaded(self, reason: BaseException | None) -> None:
        """A worker whose model does not load would be replaced for ever; end the server instead."""
        if reason is None:
            self._loading.done()
            _log.info("ready on port %d", self._settings.port)
            return
        line = " ".join(f"the model did not load: {reason}".split())
        print(f"error: {line}", file=sys.stderr, flush=True)
        os._exit(MODEL_FAILED)

    def _load_engine(self) -> Engine:
        engine = self._load()
        self._runs = f"{engine.name} in {engine.precision}"
        _log.info("loaded by %s", self._runs)
        return engine


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    """Gunicorn's settings by name.

    SIGKILL comes 30 s after SIGTERM, so 25 are given to requests under way. The control socket
    would be made in HOME, which need not be writable.
    """
    worker = type("Worker", (PingLaneWorker,), {"read_timeout_s": float(settings.read_timeout_s)})
    return {
        "bind": f"0.0.0.0:{settings.port}",  # the container's own network
        "workers": 1,
        "worker_class": worker,
        "threads": settings.http_threads,
        "worker_connections": 1000,
        "keepalive": 75,
        "timeout": 120,
        "graceful_timeout": 25,
        "control_socket_disable": True,
        "loglevel": "warning",
        "logger_class": ServerLog,
    }
