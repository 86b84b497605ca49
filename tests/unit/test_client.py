"""client.py: how it asks and for how long, by a scripted server and a stand-in for boto3."""

from __future__ import annotations

import http.server
import io
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import numpy as np
import pytest

import client
from client import Client, EndpointClient, EndpointError
from serve import media
from serve.encode.npy import encode_npy
from serve.encode.recordio import encode_scores

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSAL = {"code": "bad-option", "message": "no", "request_id": "7", "details": {"option": "x"}}


# ---------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ({}, {}),
        ({"legend": True, "alpha": 0.4}, {"legend": "True", "alpha": "0.4"}),
        ({"class_": ["cat", 2]}, {"class": "cat,2"}),
        ({"color": (0, 1, 1)}, {"color": "0,1,1"}),
        ({"class_": 'a "quoted\\ name"; x'}, {"class": 'a "quoted\\ name"; x'}),
    ],
)
def test_the_server_reads_options_as_they_were_meant(
    options: dict[str, object], read: dict[str, str]
) -> None:
    with scripted((200, {}, b"picture")) as server:
        assert server.client.overlay(b"photo", **options) == b"picture"
    chosen = media.choose(server.heads[0]["Accept"], media.DEFAULT_ACCEPT)
    assert chosen == media.Choice("image/png-overlay", read)


def test_letters_beyond_ascii_are_sent_as_utf_8() -> None:
    with scripted((200, {}, b"")) as server:
        server.client.overlay(b"photo", class_="Löwe")
    assert server.heads[0]["Accept"].encode("latin-1").decode() == 'image/png-overlay;class="Löwe"'


# ---------------------------------------------------------------- patience

Step = tuple[int, dict[str, str], bytes] | None
BUSY: Step = (503, {"Retry-After": "1"}, b'{"code": "overloaded", "message": "try again shortly"}')
DONE: Step = (200, {}, b"done")
DROPPED: Step = None


@contextmanager
def scripted(*steps: Step) -> Iterator[Any]:
    """A server that answers what it is told, one step a request; None hangs up without a word."""
    heads: list[Any] = []
    left = list(steps)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heads.append(self.headers)
            self.rfile.read(int(self.headers["Content-Length"]))
            step = left.pop(0)
            if step is not None:
                self.send_response(step[0])
                for name, value in {"Content-Length": str(len(step[2])), **step[1]}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(step[2])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        running = threading.Thread(target=server.serve_forever, args=(0.01,))
        running.start()
        url = f"http://127.0.0.1:{server.server_port}/invocations"
        try:
            yield SimpleNamespace(client=Client(url), heads=heads, url=url)
        finally:
            server.shutdown()
            running.join()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds the client would have waited; it waits none of them."""
    waited: list[float] = []
    monkeypatch.setattr(client, "time", SimpleNamespace(sleep=waited.append))
    return waited


@pytest.mark.parametrize(
    ("steps", "waited"),
    [
        ([DONE], []),
        ([BUSY, DONE], [1.0]),
        ([BUSY, BUSY, BUSY, BUSY, DONE], [1.0, 1.0, 2.0, 4.0]),
        ([DROPPED, DROPPED, DONE], [0.5, 1.0]),
        ([(503, {"Retry-After": "3600"}, b""), DONE], [10.0]),
        ([(503, {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}, b""), DONE], [0.5]),
        ([(503, {}, b""), DONE], [0.5]),
        ([(200, {"Content-Length": "9"}, b"cut"), DONE], [0.5]),
    ],
    ids=["done", "busy", "long busy", "dropped", "far too long", "a date", "no word", "cut short"],
)
def test_who_is_busy_or_hangs_up_is_asked_again_later(
    steps: list[Step], waited: list[float], waits: list[float]
) -> None:
    with scripted(*steps) as server:
        assert server.client.overlay(io.BytesIO(b"photo")) == b"done"
    assert waits == waited
    assert len(server.heads) == len(steps)


def test_patience_ends(waits: list[float]) -> None:
    with scripted(BUSY, BUSY, BUSY) as server:
        impatient = Client(server.url, retries=2)
        with pytest.raises(EndpointError, match=r"^503 overloaded: try again shortly") as refused:
            impatient.segment(b"photo")
    assert (refused.value.status, refused.value.code) == (503, "overloaded")
    assert waits == [1.0, 1.0]


@pytest.mark.parametrize("status", [400, 404, 413, 415, 429, 500, 504])
def test_a_refusal_is_told_and_not_asked_for_twice(status: int, waits: list[float]) -> None:
    headers = {"Retry-After": "1"}
    with (
        scripted((status, headers, json.dumps(REFUSAL).encode())) as server,
        pytest.raises(EndpointError, match=rf"^{status} bad-option: no 7$") as refused,
    ):
        server.client.summary(b"photo")
    error = refused.value
    assert [error.status, error.code, error.message, error.request_id, error.details] == [
        status,
        *REFUSAL.values(),
    ]
    assert waits == []


@pytest.mark.parametrize(
    "body", [b"<html>Bad gateway", b"[]", b'{"detail": "Bad gateway"}', b"\xff"]
)
def test_another_servers_words_are_the_message(body: bytes) -> None:
    with scripted((502, {}, body)) as server, pytest.raises(EndpointError) as refused:
        server.client.segment(b"photo")
    assert (refused.value.code, refused.value.status) == ("", 502)
    assert refused.value.message == body.decode(errors="replace")


def test_nobody_there(waits: list[float]) -> None:
    with scripted() as server:
        pass
    with pytest.raises(EndpointError, match=r"^no answer unreachable: .*refused") as error:
        server.client.segment(b"photo")
    assert error.value.status is None
    assert waits == [0.5, 1.0, 2.0, 4.0]
    assert not server.client.ready()


def test_who_takes_too_long_is_not_asked_again(waits: list[float]) -> None:
    with (
        http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as mute,
        pytest.raises(EndpointError) as error,
    ):
        Client(f"http://127.0.0.1:{mute.server_port}", timeout_s=0.05).segment(b"photo")
    assert (error.value.status, error.value.code) == (None, "timeout")
    assert waits == []


@pytest.mark.parametrize(
    "head", [b"Content-Length: 9\r\n\r\ncut", b"Transfer-Encoding: chunked\r\n\r\n9\r\ncut"]
)
def test_nor_is_who_stops_amid_the_answer(head: bytes, waits: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(server.accept)
        slow = Client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout_s=0.5)
        answer = pool.submit(lambda: asked.result()[0].sendall(b"HTTP/1.1 200 OK\r\n" + head))
        with pytest.raises(EndpointError) as error:
            slow.overlay(b"photo")
        answer.result()
        asked.result()[0].close()
    assert (error.value.status, error.value.code) == (None, "timeout")
    assert waits == []


@pytest.mark.parametrize(("status", "is_followed"), [(301, False), (302, False), (307, True)])
def test_a_redirect_that_loses_the_photo_is_a_refusal(status: int, is_followed: bool) -> None:
    with scripted(DONE) as there, scripted((status, {"Location": there.url}, b"moved")) as here:
        if is_followed:
            assert here.client.overlay(b"photo") == b"done"
            return
        with pytest.raises(EndpointError, match=f"^{status} : moved") as refused:
            here.client.overlay(b"photo")
    assert refused.value.retry_after_s is None


@pytest.mark.parametrize("url", ["localhost:8080", "", "http://", "http://no host"])
def test_what_is_no_url_will_never_be_ready(url: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)invalid|host|adapters"):
        Client(url).ready()


# ---------------------------------------------------------------- SageMaker's endpoints


class ModelError(Exception):
    """As botocore's: `response` has what SageMaker said."""

    def __init__(self, **response: object) -> None:
        self.response = response


class Runtime:
    """As boto3's sagemaker-runtime client, with answers from a list."""

    exceptions = SimpleNamespace(ModelError=ModelError)

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers, self.asked = list(answers), list[dict[str, Any]]()

    def invoke_endpoint(self, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"Body": io.BytesIO(answer)}


def test_ids_of_an_endpoint_are_asked_for_as_the_built_in_answers_them() -> None:
    scores = np.linspace(0, 1, 3 * 2 * 4, dtype=np.float32).reshape(3, 2, 4)
    scores[1, 0] = 2
    runtime = Runtime(encode_scores(scores))
    ids = EndpointClient(runtime, "pets", TargetVariant="blue").segment(b"photo")
    assert ids.dtype == np.uint8
    np.testing.assert_array_equal(ids, [[1, 1, 1, 1], [2, 2, 2, 2]])
    assert runtime.asked == [
        {
            "EndpointName": "pets",
            "ContentType": "application/x-image",
            "Accept": "application/x-recordio-protobuf",
            "Body": b"photo",
            "TargetVariant": "blue",
        }
    ]


def test_ids_of_ours_may_come_a_byte_a_pixel() -> None:
    mask = np.arange(6, dtype=np.uint8).reshape(2, 3)
    runtime = Runtime(encode_npy(mask))
    found = EndpointClient(runtime, "pets", npy_mask=True).segment(b"photo", orientation="shown")
    np.testing.assert_array_equal(found, mask)
    accept = 'application/x-npy;orientation="shown";array="mask"'
    assert runtime.asked[0]["Accept"] == accept


def test_what_the_model_refuses_is_told(waits: list[float]) -> None:
    told = {"OriginalStatusCode": 400, "OriginalMessage": json.dumps(REFUSAL)}
    with pytest.raises(EndpointError, match=r"^400 bad-option: no 7$"):
        EndpointClient(Runtime(ModelError(**told)), "pets").summary(b"photo")
    with pytest.raises(EndpointError, match=r"^no answer : "):
        EndpointClient(Runtime(ModelError()), "pets").summary(b"photo")
    assert waits == []


def test_boto3_leaves_it_to_us_to_ask_a_busy_model_again(waits: list[float]) -> None:
    told = {"Message": "busy", "OriginalStatusCode": 503, "OriginalMessage": "busy"}
    busy = (424, {"x-amzn-ErrorType": "ModelError"}, json.dumps(told).encode())
    with scripted(busy, DONE) as server:
        url = server.url.removesuffix("/invocations")
        session = boto3.Session("any", "any", region_name="us-east-1")
        runtime = session.client("sagemaker-runtime", endpoint_url=url)
        assert EndpointClient(runtime, "pets").overlay(b"photo") == b"done"
    assert waits == [0.5]


def test_a_busy_model_is_asked_again(waits: list[float]) -> None:
    busy = ModelError(OriginalStatusCode=503, OriginalMessage='{"message": "busy"}')
    assert EndpointClient(Runtime(busy, b"{}"), "pets").summary(b"photo") == {}
    assert waits == [0.5]
