"""Ask a segmentation endpoint from Python: one file to copy, which needs requests and numpy alone.

    client = Client("http://localhost:8080")           # a server; an endpoint of SageMaker:
    client = EndpointClient(boto3.client("sagemaker-runtime"), "my-endpoint")

    ids = client.segment("cat.jpg")                    # (H, W) uint8, a class id a pixel
    scores = client.probabilities("cat.jpg")           # (C, H, W) float32
    picture = client.overlay("cat.jpg", legend=True)   # PNG, as bytes
    classes = client.summary("cat.jpg")["classes"]     # names, shares, boxes

A photo is bytes, a path or an open binary file. Options are those of docs/http.md by name; `class_`
is `class`, which Python keeps for itself. Who is busy or not up yet is asked again; a refusal is an
`EndpointError`. `read_scores` reads the algorithm's RecordIO wherever else it comes from.
"""

from __future__ import annotations

import io
import json
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Source = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO

RECORDIO, NPY = "application/x-recordio-protobuf", "application/x-npy"
JSON, OVERLAY = "application/json", "image/png-overlay"
_CONTENT_TYPE = "application/x-image"  # any kind of photo, for the built-in algorithm too
_OK, _BUSY = 200, 503
_LOST = (requests.Timeout, requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 10.0


class EndpointError(Exception):
    """No answer, or a refusal.

    `status` is HTTP's, None where nobody answered; `code` one of docs/http.md's, "unreachable" or
    "timeout", or empty where another server answered, a proxy say; `request_id` the one in the
    server's log; `details` has what `message` says as values; `retry_after_s` is None where the
    same request would fail again.
    """

    def __init__(
        self, status: int | None, told: Mapping[str, Any], retry_after_s: float | None = None
    ) -> None:
        self.status, self.retry_after_s = status, retry_after_s
        self.code: str = told.get("code", "")
        self.message: str = told.get("message", "")
        self.request_id: str = told.get("request_id", "")
        self.details: dict[str, Any] = told.get("details", {})
        super().__init__(f"{status or 'no answer'} {self.code}: {self.message} {self.request_id}")


class _Asker:
    """What both clients do with an answer; how they come by it, `_ask_once`, is their own."""

    _retries: int
    _npy_mask: bool

    def segment(self, photo: Source, **options: object) -> NDArray[np.uint8]:
        """Class ids: (H,W) uint8."""
        if self._npy_mask:
            answer = self._ask(photo, NPY, {**options, "array": "mask"})
            ids: NDArray[np.uint8] = np.load(io.BytesIO(answer), allow_pickle=False)
        else:
            ids = self.probabilities(photo, **options).argmax(axis=0).astype(np.uint8)
        return ids

    def probabilities(self, photo: Source, **options: object) -> NDArray[np.float32]:
        """Probabilities of all classes: (C,H,W) float32, read-only."""
        return read_scores(self._ask(photo, RECORDIO, options))

    def overlay(self, photo: Source, *, accept: str = OVERLAY, **options: object) -> bytes:
        """The photo with its classes laid over it; or what else `accept` names."""
        return self._ask(photo, accept, options)

    def summary(self, photo: Source, **options: object) -> dict[str, Any]:
        """Which classes there are, how much of them, where and how surely."""
        told: dict[str, Any] = json.loads(self._ask(photo, JSON, options))
        return told

    def _ask(self, photo: Source, media_type: str, options: Mapping[str, object]) -> bytes:
        body, accept = _read(photo), media_type + _parameters(options)
        for attempt in range(self._retries):
            try:
                return self._ask_once(body, accept)
            except EndpointError as err:
                if err.retry_after_s is None:
                    raise
                wait_s = max(err.retry_after_s, _FIRST_WAIT_S * 2**attempt)
            time.sleep(min(wait_s, _LONGEST_WAIT_S))
        return self._ask_once(body, accept)

    def _ask_once(self, photo: bytes, accept: str) -> bytes:
        raise NotImplementedError


class Client(_Asker):
    """Asks a server by its `url`, which may end in /invocations.

    It waits `timeout_s` for a connection, then for a word of the answer. After a connection refused
    or dropped, or a 503, it tries again, `retries` times, as late as Retry-After says or in 10 s.
    """

    _npy_mask = True

    def __init__(self, url: str, *, timeout_s: float = 60.0, retries: int = 4) -> None:
        self._url = url.rstrip("/").removesuffix("/invocations")
        self._timeout_s, self._retries = timeout_s, retries

    def ready(self) -> bool:
        """Whether the model is loaded and answers; False as well where nobody does."""
        try:
            return requests.get(f"{self._url}/ping", timeout=5).status_code == _OK
        except requests.RequestException as err:
            if isinstance(err, ValueError):  # the url is none
                raise
            return False

    def _ask_once(self, photo: bytes, accept: str) -> bytes:
        url, timeout = f"{self._url}/invocations", self._timeout_s
        headers: dict[str, str | bytes] = {"Content-Type": _CONTENT_TYPE, "Accept": accept.encode()}
        try:
            answer = requests.post(url, photo, headers=headers, timeout=timeout)
        except _LOST as err:
            cause = type(err.args[0]).__name__  # urllib3's, where it is amid the answer
            is_late = isinstance(err, requests.Timeout) or cause == "ReadTimeoutError"
            code, wait_s = ("timeout", None) if is_late else ("unreachable", 0.0)
            raise EndpointError(None, {"code": code, "message": str(err)}, wait_s) from err
        if answer.request.method != "POST":  # a redirect has made a GET of it
            answer = answer.history[0]
        if answer.status_code == _OK:
            return answer.content
        told = answer.content.decode(errors="replace")
        raise _refusal(answer.status_code, told, answer.headers.get("Retry-After", ""))


class EndpointClient(_Asker):
    """Asks a SageMaker endpoint by boto3's `sagemaker-runtime` client, whose timeouts hold.

    `segment` takes the argmax of RecordIO, which the built-in algorithm writes too; `npy_mask=True`
    asks for ids, a byte a pixel, which it cannot write. `args` are others of invoke_endpoint:
    TargetModel="cats.tar.gz". What SageMaker itself refuses stays boto3's exception. There is no
    `ready`, for its runtime API has none (boto3's `sagemaker` client has describe_endpoint).
    """

    def __init__(
        self, runtime: Any, endpoint: str, *, retries: int = 4, npy_mask: bool = False, **args: str
    ) -> None:
        self._runtime, self._retries, self._npy_mask = runtime, retries, npy_mask
        self._arguments = {"EndpointName": endpoint, "ContentType": _CONTENT_TYPE, **args}

    def _ask_once(self, photo: bytes, accept: str) -> bytes:
        try:
            answer = self._runtime.invoke_endpoint(Body=photo, Accept=accept, **self._arguments)
        except self._runtime.exceptions.ModelError as err:
            told = err.response.get("OriginalMessage") or str(err)
            raise _refusal(err.response.get("OriginalStatusCode"), told, "") from err
        body: bytes = answer["Body"].read()
        return body


def _read(source: Source) -> bytes:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).read_bytes()
    return bytes(source) if isinstance(source, (bytes, bytearray, memoryview)) else source.read()


def _parameters(options: Mapping[str, object]) -> str:
    """`{"class_": ["cat", 2], "legend": True}` → `;class="cat,2";legend="True"`."""
    text = ""
    for name, value in options.items():
        listed = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        escaped = listed.replace("\\", "\\\\").replace('"', '\\"')
        text += f';{name.rstrip("_")}="{escaped}"'
    return text


def _refusal(status: int | None, body: str, retry_after: str) -> EndpointError:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    known = told if isinstance(told, dict) and "message" in told else {"message": body[:200]}
    wait_s = float(retry_after) if retry_after.isdecimal() else 0.0
    return EndpointError(status, known, wait_s if status == _BUSY else None)


# RecordIO is magic, length, payload, padding. The payload's protobuf has two features by name,
# "target" and "shape", each a tensor of packed numbers; tags are field number << 3 | wire type.
_MAGIC, _NOTHING = b"\x0a\x23\xd7\xce", memoryview(b"")
_MAP, _KEY, _VALUE, _FLOAT32, _INT32, _NUMBERS = 0x0A, 0x0A, 0x12, 0x12, 0x3A, 0x0A


def read_scores(source: Source) -> NDArray[np.float32]:
    """Probabilities in RecordIO: (C,H,W) float32, read-only, a view of what was read.

    `source` is bytes, a path (of batch transform's `.out`) or has a read() (boto3's `Body`); what
    follows its first record is not looked at. ValueError: there are none, or they are cut short.
    """
    stream = memoryview(_read(source))
    end = 8 + int.from_bytes(stream[4:8], "little")
    if stream[:4] != _MAGIC or end > len(stream):
        msg = f"no whole RecordIO record: {len(stream)} bytes, {bytes(stream[:8]).hex(' ')} ..."
        raise ValueError(msg)
    entries = [dict(_fields(entry)) for tag, entry in _fields(stream[8:end]) if tag == _MAP]
    features = {bytes(entry.get(_KEY, b"")): entry.get(_VALUE, _NOTHING) for entry in entries}
    floats, sizes = _numbers(features, b"target", _FLOAT32), _numbers(features, b"shape", _INT32)
    shape, at = [], 0
    while at < len(sizes):
        size, at = _varint(sizes, at)
        shape.append(size)
    fits = len(floats) == 4 * math.prod(shape) > 0
    if len(shape) != len("1CHW") or shape[0] != 1 or not fits:
        msg = f"a target of {len(floats)} bytes in shape {shape[:8]}, not float32 in [1, C, H, W]"
        raise ValueError(msg)
    return np.frombuffer(floats, "<f4").reshape(shape[1:])


def _numbers(features: Mapping[bytes, memoryview], name: bytes, kind: int) -> memoryview:
    tensor = dict(_fields(features.get(name, _NOTHING))).get(kind, _NOTHING)
    return dict(_fields(tensor)).get(_NUMBERS, _NOTHING)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Tag and content of each field; all that the algorithm writes are of wire type 2."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        length, at = _varint(message, at)
        if tag % 8 != _KEY % 8 or length > len(message) - at:
            msg = f"field {tag >> 3} of type {tag % 8}, {length} of {len(message) - at} bytes"
            raise ValueError(msg)
        yield tag, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number at `at`, seven bits a byte, lowest first, and where it ends."""
    number = 0
    for place, byte in enumerate(message[at : at + 10]):
        number |= byte % 128 << 7 * place
        if byte == byte % 128:
            return number, at + place + 1
    msg = "a number of the protobuf is cut short"
    raise ValueError(msg)
