"""Bodies that do not come whole, and what is said of them."""

import io

import pytest
from flask import Request
from gunicorn.http import errors
from werkzeug.test import EnvironBuilder

from serve.body import read_body
from serve.errors import BadRequest, BodyTooLarge, ReadTimeout
from serve.settings import Settings


class Broken(io.BytesIO):
    """Raises after its bytes."""

    def __init__(self, content: bytes, error: Exception) -> None:
        super().__init__(content)
        self._error = error

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if not found:
            raise self._error
        return found


def request_of(stream: io.BytesIO, length: int | None = None) -> Request:
    environ = EnvironBuilder(method="POST").get_environ()
    environ["wsgi.input"] = stream
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return Request(environ)


@pytest.mark.parametrize("length", [None, 5])
def test_a_whole_body_is_read(length: int | None) -> None:
    assert read_body(request_of(io.BytesIO(b"photo"), length), Settings()) == b"photo"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.InvalidChunkSize(b"secret"), "the size of a chunk of its body is no hexadecimal"),
        (errors.InvalidChunkExtension("secret"), "what stands beside the size of a chunk makes no"),
        (errors.ChunkMissingTerminator(b"secret"), "a chunk of its body does not end where its"),
        (errors.InvalidHeader("secret"), "what follows the last chunk of its body makes no sense"),
        (errors.NoMoreData(), "its body broke off"),
        (ConnectionResetError("secret"), "its body broke off"),
    ],
)
def test_chunks_that_make_no_sense_are_told_apart(error: Exception, reason: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_body(request_of(Broken(b"pho", error)), Settings())
    assert str(refused.value.details["reason"]).startswith(reason)
    assert "secret" not in refused.value.message


def test_a_body_shorter_than_it_says_is_told_both_lengths() -> None:
    with pytest.raises(BadRequest) as refused:
        read_body(request_of(io.BytesIO(b"pho"), 5), Settings())
    assert refused.value.details == {"reason": "its body has 3 bytes, Content-Length says 5"}


@pytest.mark.parametrize(
    ("stream", "length", "error"),
    [
        (io.BytesIO(), 2**20 + 1, BodyTooLarge),
        (io.BytesIO(bytes(2**20 + 1)), None, BodyTooLarge),
        (Broken(b"pho", TimeoutError()), None, ReadTimeout),
    ],
)
def test_what_is_too_large_or_too_slow_has_errors_of_its_own(
    stream: io.BytesIO, length: int | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_body(request_of(stream, length), Settings(max_payload_mb=1))
