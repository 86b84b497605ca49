"""What gunicorn cannot parse: which error it is, and the answer as raw bytes.

No application has seen such a request. It is answered as the application answers, in JSON, and its
connection is closed: where the next request begins is anybody's guess.
"""

import json
from http import HTTPStatus

from gunicorn.http import errors

from serve.errors import (
    BadRequest,
    ExpectationFailed,
    HeadersTooLarge,
    InferenceFailed,
    ServeError,
    UnsupportedTransferCoding,
    UriTooLong,
)

_ERRORS: dict[type[Exception], type[ServeError]] = {
    errors.LimitRequestLine: UriTooLong,
    errors.LimitRequestHeaders: HeadersTooLarge,
    errors.ExpectationFailed: ExpectationFailed,
    errors.UnsupportedTransferCoding: UnsupportedTransferCoding,
    errors.ParseException: BadRequest,
}
"""The first that fits; whatever else is raised outside of the application is a fault of ours."""


def error_of(raised: BaseException) -> ServeError:
    """The error that a client is told of."""
    for kind, ours in _ERRORS.items():
        if isinstance(raised, kind):
            return ours()  # type: ignore[call-arg]  # these have no facts
    return InferenceFailed()


def reply(error: ServeError, request_id: str) -> bytes:
    """The whole answer, head and body."""
    body = json.dumps(error.body(request_id)).encode() + b"\n"
    head = (
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Request-Id: {request_id}\r\n\r\n"
    )
    return head.encode() + body
