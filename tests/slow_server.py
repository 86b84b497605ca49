"""A server whose network takes as long as a test wants: `python -m tests.slow_server serve`.

Each run of the network waits until somebody writes to the FIFO that SM_MODEL_DIR names. gunicorn's
timeout is as short as can be told from no timeout at all.
"""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from container.one_model import OneModel
from container.server import Server
from serve.labels import labels_of
from serve.settings import Settings
from tests.red import RedEngine, RedPrediction
from tests.server import RunningServer

GUNICORNS_S = 2


class SlowServer(RunningServer):
    """That, as a process."""

    module = "tests.slow_server"


class _SlowEngine(RedEngine):
    def __init__(self, fifo: str) -> None:
        super().__init__()
        self._fifo = fifo

    def predict(self, image: NDArray[np.uint8]) -> RedPrediction:
        """Wait as a native library does: without the lock that Python's threads share."""
        os.close(os.open(self._fifo, os.O_RDONLY))
        return super().predict(image)


class _Impatient(Server):
    def load_config(self) -> None:
        super().load_config()
        cfg: Any = self.cfg
        cfg.set("timeout", GUNICORNS_S)


if __name__ == "__main__":
    settings = Settings.from_env(os.environ)
    fifo = str(settings.model_dir)
    slow = OneModel(settings, labels_of(3), "slow", lambda: _SlowEngine(fifo))
    _Impatient(settings, slow).run()
