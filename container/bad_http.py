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
    InternalError,
    ServeError,
    UnsupportedTransferCoding,
    UriTooLong,
)
from serve.head_limits import MAX_HEADER_BYTES, MAX_HEADERS, MAX_LINE_CHARACTERS

_REASONS: dict[type[Exception], str] = {
    errors.InvalidRequestLine: "its first line is not METHOD /path HTTP/1.1, ended by CR and LF",
    errors.InvalidRequestMethod: "its method is none of HTTP's",
    errors.InvalidHTTPVersion: "its version must be HTTP/1.0 or HTTP/1.1",
    errors.ObsoleteFolding: "a header goes on in the next line",
    errors.InvalidHeaderName: "the name of a header has characters that none may have",
    errors.InvalidSchemeHeaders: "its headers contradict each other about http and https",
    errors.ParseException: "it is no HTTP",
}
"""What does not belong in a head; the first that fits."""

_OF_HEADERS = {
    "CONTENT-LENGTH": "Content-Length is no number, is there twice, or beside Transfer-Encoding",
    "TRANSFER-ENCODING": "Transfer-Encoding must be chunked, once and last, and of HTTP/1.1",
}
_OF_OTHERS = "a header makes no sense, is there twice, or is not ended by CR and LF"


_OURS = (
    errors.InvalidResponseHeader,  # type: ignore[attr-defined]  # gunicorn 27, not in its stubs
    errors.InvalidResponseHeaderName,  # type: ignore[attr-defined]
    errors.ConfigurationProblem,
)
"""Children of gunicorn's ParseException that are not about the request."""


def error_of(raised: BaseException) -> ServeError:
    """The error that a client is told of; what is not about its bytes is a fault of ours."""
    match raised:
        case errors.LimitRequestLine():
            return UriTooLong(max_characters=MAX_LINE_CHARACTERS)
        case errors.LimitRequestHeaders():
            return HeadersTooLarge(max_headers=MAX_HEADERS, max_header_bytes=MAX_HEADER_BYTES)
        case errors.ExpectationFailed():
            return ExpectationFailed()
        case errors.UnsupportedTransferCoding():
            return UnsupportedTransferCoding()
        case errors.ParseException() if not isinstance(raised, _OURS):
            return BadRequest(reason=_reason(raised))
    return InternalError()


def _reason(raised: errors.ParseException) -> str:
    """What makes no sense, in words of ours: gunicorn's repeat what was sent."""
    if isinstance(raised, errors.InvalidHeader):
        return _OF_HEADERS.get(str(raised.hdr), _OF_OTHERS)
    return next(words for kind, words in _REASONS.items() if isinstance(raised, kind))


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
