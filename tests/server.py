"""A real server process, as the image's ENTRYPOINT starts it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

DEMO_MODEL = Path("demo/model").resolve()
CAT = Path("demo/photos/chelsea.jpg").resolve()

_DEADLINE_S = 120.0


class RunningServer:
    """`python -m container serve` on a port of its own; stopped on leaving the `with`."""

    def __init__(self, model: Path = DEMO_MODEL, **settings: str) -> None:
        self.port = _free_port()
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # closed in __exit__
        environment = {
            "PATH": os.environ["PATH"],
            "SM_MODEL_DIR": str(model),
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "container", "serve"],
            env=environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_DEADLINE_S)
            finally:
                self.process.kill()
        self._output.close()

    @property
    def output(self) -> str:
        """Everything it wrote to stdout and stderr so far."""
        return os.pread(self._output.fileno(), 1 << 20, 0).decode(errors="replace")

    def connect(self, timeout_s: float = _DEADLINE_S) -> http.client.HTTPConnection:
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
        give_up_at = time.monotonic() + _DEADLINE_S
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

    def wait_for_end(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(_DEADLINE_S)

    def stop(self) -> int:
        """SIGTERM, then its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
