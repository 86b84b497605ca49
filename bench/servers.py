"""Servers under measurement: a process, its port, and what it costs."""

import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_READY_WITHIN_S = 300.0


@dataclass(frozen=True)
class Timed:
    """A whole request, and the server's own stages of it; the rest is HTTP."""

    seconds: float
    stages_s: dict[str, float]


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int
    start_s: float
    """From the start of the process to the first healthy ping."""

    def ask(self, photo: bytes, accept: str) -> "Timed":
        """One whole request on a connection of its own."""
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("POST", "/invocations", photo, {"Accept": accept})
        response = connection.getresponse()
        response.read()
        seconds = time.perf_counter() - start
        connection.close()
        if response.status != http.client.OK:
            message = f"status {response.status}"
            raise RuntimeError(message)
        return Timed(seconds, _stages(response.headers.get("Server-Timing", "")))

    def median(self, photo: bytes, accept: str, requests: int) -> "Timed":
        """Medians of `requests`, after one that is not counted."""
        self.ask(photo, accept)
        answers = [self.ask(photo, accept) for _ in range(requests)]
        names = answers[0].stages_s
        return Timed(
            statistics.median(answer.seconds for answer in answers),
            {name: statistics.median(a.stages_s[name] for a in answers) for name in names},
        )

    def peak_mb(self) -> float:
        """Highest resident memory of its processes so far, summed."""
        return sum(_peak_kb(pid) for pid in self._pids()) / 1024

    def cpu_s(self) -> float:
        """Processor time of its processes so far, summed over cores."""
        ticks = 0
        for pid in self._pids():
            _, _, after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
            ticks += sum(map(int, after_name.split()[11:13]))  # utime and stime
        return ticks / os.sysconf("SC_CLK_TCK")

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


@contextlib.contextmanager
def serving(command: list[str], **environment: str) -> Iterator[Server]:
    """Start `python -m COMMAND... ` with `{port}` filled in; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    filled = [sys.executable, "-W", "ignore", "-m", *(part.format(port=port) for part in command)]
    settings = os.environ | environment | {"SAGEMAKER_BIND_TO_PORT": str(port)}
    start = time.perf_counter()
    process = subprocess.Popen(
        filled, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_healthy(process, port)
        yield Server(process.pid, port, time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait()


def _stages(header: str) -> dict[str, float]:
    parts = (part.split(";dur=") for part in header.split(", ") if part)
    return {name: float(milliseconds) / 1000 for name, milliseconds in parts}


def _wait_until_healthy(process: "subprocess.Popen[bytes]", port: int) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < give_up_at and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/ping")
            if connection.getresponse().status == http.client.OK:
                return
        time.sleep(0.02)
    message = f"not healthy: {process.args!r}"
    raise RuntimeError(message)


def _peak_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
