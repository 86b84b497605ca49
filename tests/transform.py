"""SageMaker's side of a batch transform job: what it asks, sends, tries again, and writes."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.server import RunningServer

RETRIES = 3  # InvocationsMaxRetries' most, and what a job has unless it says
_GO = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}  # as seen in users' logs
_PIECE_BYTES = 30_000


@dataclass(frozen=True)
class Sent:
    """What became of one file, try by try."""

    statuses: tuple[int, ...]
    code: str
    """Of the last refusal; empty for none."""


@dataclass(frozen=True)
class Job:
    """One job: a folder is sent, so many files at once, each as it is."""

    server: RunningServer
    output: Path
    accept: str | None = None
    content_type: str | None = None
    in_chunks: bool = False
    """As where MaxPayloadInMB is 0: no length is told."""
    keep: bool = True
    """Whether senders keep their connections."""
    _idle: "SimpleQueue[http.client.HTTPConnection]" = field(default_factory=SimpleQueue)

    def parameters(self) -> dict[str, Any]:
        """What the server says at GET /execution-parameters."""
        with contextlib.closing(self.server.connect()) as connection:
            connection.request("GET", "/execution-parameters", headers=_GO)
            response = connection.getresponse()
            assert response.status == http.client.OK
            parameters: dict[str, Any] = json.loads(response.read())
            return parameters

    def run(self, files: list[Path]) -> dict[str, Sent]:
        """Send each; the answers are NAME.out in the output folder, refusals nowhere."""
        concurrency = self.parameters()["MaxConcurrentTransforms"]
        self.output.mkdir(exist_ok=True)
        with contextlib.ExitStack() as at_end, ThreadPoolExecutor(concurrency) as senders:
            for _ in range(concurrency):
                self._idle.put(at_end.enter_context(contextlib.closing(self.server.connect())))
            return dict(zip([f.name for f in files], senders.map(self._sent, files), strict=True))

    def _sent(self, file: Path) -> Sent:
        statuses: list[int] = []
        while len(statuses) <= RETRIES and (not statuses or statuses[-1] >= 500):
            status, body = self._ask(file.read_bytes())
            statuses.append(status)
        if status == http.client.OK:
            (self.output / f"{file.name}.out").write_bytes(body)
            return Sent(tuple(statuses), "")
        return Sent(tuple(statuses), json.loads(body)["code"])

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        told = {"Accept": self.accept, "Content-Type": self.content_type}
        head = _GO | {name: value for name, value in told.items() if value is not None}
        sent = _pieces(body) if self.in_chunks else body
        connection = self._idle.get()
        connection.request("POST", "/invocations", sent, head, encode_chunked=self.in_chunks)
        response = connection.getresponse()
        answer = response.status, response.read()
        if not self.keep:
            connection.close()  # the next request opens it anew
        self._idle.put(connection)
        return answer


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[at : at + _PIECE_BYTES] for at in range(0, len(body), _PIECE_BYTES))
