"""A real server process."""

import http.client
import socket
import time
from pathlib import Path
from typing import Self

from tests.command import DEADLINE_S, RunningCommand

DEMO_MODEL = Path("demo/model").resolve()
CAT = Path("demo/photos/chelsea.jpg").resolve()


class RunningServer(RunningCommand):
    """`python -m container serve` on a port of its own."""

    def __init__(self, model: Path = DEMO_MODEL, **settings: str) -> None:
        self.port = _free_port()
        bound = {"SM_MODEL_DIR": str(model), "SAGEMAKER_BIND_TO_PORT": str(self.port)}
        super().__init__("serve", **(bound | settings))

    def connect(self, timeout_s: float = DEADLINE_S) -> http.client.HTTPConnection:
        """A fresh connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)

    def ping(self) -> int:
        """The status of one GET /ping on a connection of its own; 0 when none can be made."""
        connection = self.connect()
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def wait_until_ready(self) -> Self:
        """Poll /ping until it answers 200."""
        give_up_at = time.monotonic() + DEADLINE_S
        while self.ping() != http.client.OK:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < give_up_at, self.output
            time.sleep(0.02)
        return self

    def post(
        self, body: bytes, path: str = "/invocations", **headers: str
    ) -> tuple[int, str, bytes]:
        """POST; (status, Content-Type, body). Underscores in header names become dashes."""
        connection = self.connect()
        connection.request("POST", path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        answer = response.status, response.headers.get("Content-Type", ""), response.read()
        connection.close()
        return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
