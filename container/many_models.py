"""Models that come and go while the server runs, as in a multi-model endpoint.

It listens at once and /ping says 200 without a model. What is loaded lives in the worker: where
that dies, its heir would know none of the models, and whoever loaded them would not know why they
are not found. So the server ends, and is started anew with whatever starts it.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.errors import HaltServer

from container.exits import MODEL_FAILED
from container.model_loader import ModelLoader
from model.memory_left import memory_left
from serve.app import create_app
from serve.inference_queue import InferenceQueue
from serve.models import Models
from serve.room import Room
from serve.settings import Settings


class ManyModels:
    """See `container.site.Site`.

    Args:
        settings: of all models.
        cache: folder for converted graphs.
    """

    runs = "models are loaded by request"

    def __init__(self, settings: Settings, cache: Path) -> None:
        self._settings = settings
        self._cache = cache

    @property
    def hooks(self) -> Mapping[str, Callable[..., None]]:
        """A worker's death ends the server."""
        return {"child_exit": _child_exit}

    def open(self) -> Flask:
        """The application, without a model."""
        settings = self._settings
        queue = InferenceQueue(settings.queue_size, settings.predict_timeout_s)
        find = ModelLoader(settings, self._cache, queue).find
        room = Room((settings.models_mb << 20) or None, memory_left)
        self._models = Models(settings, queue, find, room)
        return create_app(self._models)

    @property
    def ready(self) -> bool:
        """Whether no network hangs."""
        return self._models.ready


def _child_exit(server: Any, _worker: Any) -> None:
    """A worker has ended; in gunicorn's master.

    Raises:
        HaltServer: it was not told to; ends the server.
    """
    if server.LISTENERS:  # closed first where the server is stopped
        msg = (
            "the process that holds the models died, and they with it; "
            "is memory short, or was a model's file written over?"
        )
        print(f"error: {msg}", file=sys.stderr, flush=True)
        raise HaltServer(msg, MODEL_FAILED)
