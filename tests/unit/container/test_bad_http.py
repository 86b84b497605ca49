"""What gunicorn cannot parse, in words that repeat nothing of what was sent."""

import json

import pytest
from gunicorn.http import errors

from container.bad_http import error_of, reply

SENT = "secret"


def ours(name: str) -> Exception:
    """One of gunicorn 27's errors, which its stubs have not."""
    error: Exception = getattr(errors, name)(SENT)
    return error


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (errors.LimitRequestLine(9000, 4094), "uri-too-long", "at most 4094 characters"),
        (errors.LimitRequestHeaders(SENT), "headers-too-large", "100 are allowed, 8190 bytes each"),
        (errors.ExpectationFailed(SENT), "expectation-failed", "100-continue"),
        (errors.UnsupportedTransferCoding(SENT), "unsupported-transfer-coding", "chunked"),
        (errors.InvalidRequestLine(SENT), "bad-request", "its first line is not METHOD /path"),
        (errors.InvalidRequestMethod(SENT), "bad-request", "its method is none"),
        (errors.InvalidHTTPVersion(SENT), "bad-request", "must be HTTP/1.0 or HTTP/1.1"),
        (errors.InvalidHeaderName(SENT), "bad-request", "the name of a header"),
        (errors.ObsoleteFolding(SENT), "bad-request", "goes on in the next line"),
        (errors.InvalidSchemeHeaders(), "bad-request", "http and https"),
        (errors.InvalidHeader(SENT), "bad-request", "a header makes no sense"),
        (errors.InvalidHeader("CONTENT-LENGTH"), "bad-request", "Content-Length is no number"),
        (errors.InvalidHeader("TRANSFER-ENCODING"), "bad-request", "Transfer-Encoding must be"),
        (errors.InvalidH2CPreface(SENT.encode()), "bad-request", "it is no HTTP"),
        (ours("InvalidResponseHeader"), "internal-error", "the server failed"),
        (ours("InvalidResponseHeaderName"), "internal-error", "the server failed"),
        (errors.ConfigurationProblem(SENT), "internal-error", "the server failed"),
        (RuntimeError(SENT), "internal-error", "the server failed"),
    ],
)
def test_it_is_told_what_is_wrong_or_what_is_allowed(
    raised: Exception, code: str, says: str
) -> None:
    error = error_of(raised)
    assert error.code == code
    assert says in error.message
    answer = json.loads(reply(error, "id").partition(b"\r\n\r\n")[2])
    assert SENT not in json.dumps(answer)
    if code == "bad-request":
        assert not error.message.endswith(": ")
        assert len(answer["details"]["reason"]) < 80  # or it may be cut
