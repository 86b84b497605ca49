r"""Bytes that are no request, or two in one, or more than one: refused in JSON, and nothing else.

tests/hostile/http has one a file: what is expected, an empty line, and the bytes, in which `\r`,
`\xff` and the like are as in Python, the file's own line ends do not count, and `{ab*3}` is ababab.
"""

import json
import re
import socket
from pathlib import Path

import pytest

from tests.server import RunningServer

CASES = sorted(Path("tests/hostile/http").glob("*.txt"))


def read(path: Path) -> tuple[int, str, bytes]:
    """Status, code and the bytes."""
    expected, text = path.read_text().split("\n\n", 1)
    status, code = expected.split()
    text = re.sub(r"\{(.*?)\*(\d+)\}", lambda m: m[1] * int(m[2]), text.replace("\n", ""))
    return int(status), code, text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def exchanged(server: RunningServer, sent: bytes) -> bytes:
    """All that comes back once all is sent and no more will be."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def count(server: RunningServer, status: int, code: str) -> float:
    """Requests that the server says it has answered so."""
    connection = server.connect()
    connection.request("GET", "/metrics")
    metrics = connection.getresponse().read().decode()
    connection.close()
    series = f'seg_requests_total{{code="{code}",status="{status}"}} '
    return sum(float(line.split()[1]) for line in metrics.splitlines() if line.startswith(series))


def test_there_are_at_least_fifty() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_one_answer_in_json_and_no_other(demo_server: RunningServer, path: Path) -> None:
    status, code, sent = read(path)
    counted = count(demo_server, status, code)
    came = exchanged(demo_server, sent)
    head, _, body = came.partition(b"\r\n\r\n")
    assert came.count(b"HTTP/1.1 ") == 1, came
    assert head.startswith(b"HTTP/1.1 %d " % status), came
    refusal = json.loads(body)
    assert refusal["code"] == code
    assert refusal.keys() == {"code", "message", "request_id", "details"}
    if code in {"bad-request", "uri-too-long", "headers-too-large"}:
        assert refusal["details"]  # what is wrong, or what is allowed
        assert all(str(fact) in refusal["message"] for fact in refusal["details"].values())
    demo_server.wait_for(refusal["request_id"])
    assert count(demo_server, status, code) == counted + 1
    assert demo_server.ping() == 200
