"""gunicorn around the application: one worker process, one copy of each model, many threads."""

import logging
from typing import Any

from gunicorn.app.base import BaseApplication

from container.server_log import ServerLog
from container.site import Site
from container.worker import PingLaneWorker
from serve.app import JOURNAL
from serve.settings import Settings

_log = logging.getLogger(__name__)


class Server(BaseApplication):
    """Serves a site until it is told to stop."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._said_healthy = False
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its settings; nothing is read from its files or environment."""
        for name, value in (gunicorn_settings(self._settings) | {**self._site.hooks}).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application; called in the worker."""
        app = self._site.open()
        self.refused = app.extensions[JOURNAL].close_unread
        return app

    def healthy(self) -> bool:
        """What /ping says; asked in the event loop. When it changes, the log has a line."""
        healthy = self._site.ready
        if healthy != self._said_healthy:
            self._said_healthy = healthy
            _log.info("/ping says %s", f"200: {self._site.runs}" if healthy else "503: not ready")
        return healthy


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
