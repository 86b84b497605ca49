"""Reads a request's body, within its limits.

A body that is refused unread is read to its end all the same and dropped, for as long as a request
may take to arrive: a server that answers and closes while the client still sends makes the client
see a broken connection where there was an answer.
"""

import contextlib

from flask import Request
from gunicorn.http.errors import (
    ChunkMissingTerminator,
    InvalidChunkExtension,
    InvalidChunkSize,
    ParseException,
)

from serve.errors import BadRequest, BodyTooLarge, ReadTimeout
from serve.settings import Settings

_CHUNK_BYTES = 1 << 20
_REASONS: dict[type[Exception], str] = {
    InvalidChunkSize: "the size of a chunk of its body is no hexadecimal number",
    InvalidChunkExtension: "what stands beside the size of a chunk makes no sense",
    ChunkMissingTerminator: "a chunk of its body does not end where its size says",
    ParseException: "what follows the last chunk of its body makes no sense",
    OSError: "its body broke off",
}
"""The first that fits."""


def read_body(request: Request, settings: Settings) -> bytes:
    """The whole body, whatever its label says.

    The server's stream is read as it is: Werkzeug's would end a chunked body at the limit without a
    word, and give half of one whose sender went away for whole.

    Raises:
        BodyTooLarge: it is, by its header or as it arrives.
        ReadTimeout: it did not arrive in time.
        BadRequest: its chunks make no sense, or it ended before its declared length.
    """
    too_large = BodyTooLarge(max_body_bytes=settings.max_body_bytes)
    declared = request.content_length
    if declared is not None and declared > settings.max_body_bytes:
        raise too_large
    stream, chunks, length = request.environ["wsgi.input"], [], 0
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            chunks.append(chunk)
            length += len(chunk)
            if length > settings.max_body_bytes:
                raise too_large
    except TimeoutError as err:
        raise ReadTimeout(timeout_s=settings.read_timeout_s) from err
    except (OSError, ParseException) as err:
        reason = next(words for kind, words in _REASONS.items() if isinstance(err, kind))
        raise BadRequest(reason=reason) from err
    if declared is not None and length < declared:
        raise BadRequest(reason=f"its body has {length} bytes, Content-Length says {declared}")
    return b"".join(chunks)


def drop_body(request: Request) -> None:
    """Read and forget what is left of the body; the socket has a deadline."""
    with contextlib.suppress(OSError, ParseException):
        while request.environ["wsgi.input"].read(_CHUNK_BYTES):
            pass
