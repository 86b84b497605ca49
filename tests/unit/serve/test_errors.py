"""serve.errors: each error's status, code, words and facts, and what of a request they may echo."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from serve import errors
from serve.errors import MAX_ECHO_CHARACTERS, ClientError, ServeError, ServerFault

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = ["image/png", "image/jpeg"]

# error, status, code, message; the details are the keyword arguments
TABLE: list[tuple[type[ServeError], dict[str, Any], int, str, str]] = [
    (
        errors.BadOption,
        {"option": "alpha", "value": "2", "allowed": "0 to 1"},
        400,
        "bad-option",
        "option 'alpha' cannot be '2'; allowed: 0 to 1",
    ),
    (
        errors.BadOption,
        {"option": "view", "value": "x", "allowed": ["mask", "overlay"]},
        400,
        "bad-option",
        "option 'view' cannot be 'x'; allowed: mask, overlay",
    ),
    (
        errors.BadJson,
        {"reason": "it is no JSON"},
        400,
        "bad-json",
        "the request in JSON cannot be used: it is no JSON",
    ),
    (
        errors.S3NotFound,
        {"uri": "s3://pets/cat.jpg"},
        400,
        "s3-not-found",
        "there is no 's3://pets/cat.jpg'",
    ),
    (
        errors.S3NotAllowed,
        {"uri": "s3://pets/cat.jpg"},
        403,
        "s3-not-allowed",
        "this server's SEG_S3_ALLOW does not list 's3://pets/cat.jpg'",
    ),
    (
        errors.S3Denied,
        {"uri": "s3://pets/cat.jpg"},
        502,
        "s3-denied",
        "S3 does not let this server use 's3://pets/cat.jpg'"
        " (or will not say that it is not there)",
    ),
    (
        errors.S3Timeout,
        {"uri": "s3://pets/cat.jpg"},
        502,
        "s3-timeout",
        "S3 took too long over 's3://pets/cat.jpg'; try again",
    ),
    (
        errors.S3Unavailable,
        {"uri": "s3://pets/cat.jpg", "reason": "it says SlowDown"},
        502,
        "s3-unavailable",
        "S3 cannot serve 's3://pets/cat.jpg': it says SlowDown",
    ),
    (errors.EmptyBody, {}, 400, "empty-body", "the body is empty; send the bytes of one photo"),
    (
        errors.UndecodableImage,
        {"reason": "it is cut short", "allowed": ["JPEG", "PNG"]},
        400,
        "undecodable-image",
        "the photo cannot be decoded: it is cut short; accepted formats: JPEG, PNG",
    ),
    (errors.NotFound, {}, 404, "not-found", "nothing is served at this path"),
    (
        errors.MethodNotAllowed,
        {"allowed": ["GET", "HEAD"]},
        405,
        "method-not-allowed",
        "this path answers only GET, HEAD",
    ),
    (
        errors.NotAcceptable,
        {"accept": "text/html", "allowed": TYPES},
        406,
        "not-acceptable",
        "no answer can be made for Accept 'text/html'; allowed: image/png, image/jpeg",
    ),
    (
        errors.ReadTimeout,
        {"timeout_s": 2.5},
        408,
        "read-timeout",
        "the request did not arrive whole within 2.5 s",
    ),
    (
        errors.BodyTooLarge,
        {"max_body_bytes": 6291456},
        413,
        "body-too-large",
        "the body is too large; at most 6291456 bytes are allowed",
    ),
    (
        errors.ImageTooLarge,
        {"height": 9000, "width": 8000, "max_pixels": 50000000, "max_side": 32767},
        413,
        "image-too-large",
        "the photo is 8000 wide and 9000 high (72000000 pixels);"
        " at most 50000000 pixels are allowed (SEG_MAX_PIXELS), 32767 along a side",
    ),
    (
        errors.OutlinesTooLong,
        {"points": 600_000, "max_points": 500_000},
        413,
        "outlines-too-long",
        "the polygons of one class have 600000 points; at most 500000 are told"
        " (regions=rle takes any)",
    ),
    (
        errors.PictureTooLong,
        {"height": 20, "width": 20000, "max_side": 16383, "media_type": "image/webp"},
        413,
        "picture-too-long",
        "a picture 20000 wide and 20 high is too long for image/webp; at most 16383 pixels a side"
        " fit in this type (more fit in image/png-overlay)",
    ),
    (
        errors.AnswerTooLarge,
        {
            "classes": 21,
            "height": 300,
            "width": 400,
            "max_pixels": 74898,
            "media_type": "application/x-npy",
        },
        413,
        "answer-too-large",
        "21 classes of 120000 pixels (400 wide and 300 high) are too large an answer"
        " as application/x-npy;"
        " at most 74898 pixels fit in this type (most fit in image/png)",
    ),
    (
        errors.UnsupportedMediaType,
        {"content_type": "text/csv", "allowed": TYPES},
        415,
        "unsupported-media-type",
        "Content-Type 'text/csv' is not accepted; allowed: image/png, image/jpeg",
    ),
    (
        errors.InferenceFailed,
        {},
        500,
        "inference-failed",
        "the model failed on this photo; the log names the cause by request_id",
    ),
    (
        errors.InternalError,
        {},
        500,
        "internal-error",
        "the server failed on this request; the log names the cause by request_id",
    ),
    (
        errors.ModelNotReady,
        {},
        503,
        "model-not-ready",
        "the model is not ready; try again shortly",
    ),
    (
        errors.Overloaded,
        {"queue_size": 16},
        503,
        "overloaded",
        "all 16 places in the queue are taken; try again shortly",
    ),
    (
        errors.Overloaded,
        {"max_loads": 32},
        503,
        "overloaded",
        "32 models are being loaded or wait for it; at most 32 may (half of SEG_HTTP_THREADS);"
        " try again shortly",
    ),
    (
        errors.DeadlineExceeded,
        {"timeout_s": 55},
        504,
        "deadline-exceeded",
        "the photo was still waiting after 55 s (SAGEMAKER_MODEL_SERVER_TIMEOUT);"
        " try again when fewer are sent",
    ),
    (errors.ClientGone, {}, 499, "client-gone", "the client has closed the connection"),
    (
        errors.UriTooLong,
        {"max_characters": 4094},
        414,
        "uri-too-long",
        "the request line is too long; at most 4094 characters are allowed",
    ),
    (
        errors.HeadersTooLarge,
        {"max_headers": 100, "max_header_bytes": 8190},
        431,
        "headers-too-large",
        "the headers are too many or too long; at most 100 are allowed, 8190 bytes each",
    ),
    (
        errors.ExpectationFailed,
        {},
        417,
        "expectation-failed",
        "this server knows no Expect but 100-continue",
    ),
    (
        errors.UnsupportedTransferCoding,
        {},
        501,
        "unsupported-transfer-coding",
        "the only Transfer-Encoding that is read is chunked",
    ),
    (
        errors.BadModelRequest,
        {"reason": "model_name is missing"},
        400,
        "bad-model-request",
        "the request cannot be used: model_name is missing",
    ),
    (
        errors.BadModel,
        {"reason": "hyperparams.json is missing from the model directory"},
        400,
        "bad-model",
        "the model cannot be loaded: hyperparams.json is missing from the model directory",
    ),
    (
        errors.ModelNotFound,
        {"model": "cats"},
        404,
        "model-not-found",
        "no model 'cats' is loaded; GET /models lists those that are",
    ),
    (
        errors.ModelNotNamed,
        {},
        404,
        "model-not-named",
        "this server holds models by name: POST /models loads one, GET /models lists them,"
        " POST /models/NAME/invoke asks one, DELETE /models/NAME unloads it",
    ),
    (
        errors.ModelExists,
        {"model": "cats"},
        409,
        "model-exists",
        "a model 'cats' is loaded already, or being loaded",
    ),
    (
        errors.LoadFailed,
        {},
        500,
        "load-failed",
        "the model could not be loaded; the log names the cause by request_id",
    ),
    (
        errors.OutOfMemory,
        {"reason": "loading takes about 594 MiB, 200 MiB are free"},
        507,
        "out-of-memory",
        "there is not enough memory: loading takes about 594 MiB, 200 MiB are free",
    ),
    (
        errors.BadRequest,
        {"reason": "its body broke off"},
        400,
        "bad-request",
        "the request cannot be understood: its body broke off",
    ),
]


def descendants(family: type[ServeError]) -> Iterator[type[ServeError]]:
    for child in family.__subclasses__():
        yield child
        yield from descendants(child)


@pytest.mark.parametrize(("error", "facts", "status", "code", "message"), TABLE)
def test_an_error_has_its_status_code_words_and_facts(
    error: type[ServeError], facts: dict[str, Any], status: int, code: str, message: str
) -> None:
    raised = error(**facts)
    assert (raised.status, raised.code, raised.message) == (status, code, message)
    assert str(raised) == message
    assert raised.details == facts


@pytest.mark.parametrize(("error", "facts"), [row[:2] for row in TABLE])
def test_its_body_is_json_with_four_keys(error: type[ServeError], facts: dict[str, Any]) -> None:
    raised = error(**facts)
    body = json.loads(json.dumps(raised.body("request-7")))
    assert body == {
        "code": raised.code,
        "message": raised.message,
        "request_id": "request-7",
        "details": facts,
    }


def test_the_table_has_every_error() -> None:
    assert {row[0] for row in TABLE} == set(descendants(ServeError)) - {ClientError, ServerFault}


def test_a_code_is_kebab_case_and_no_two_errors_share_one() -> None:
    codes = {row[0]: row[3] for row in TABLE}
    assert len(set(codes.values())) == len(codes)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z]+)*", code) for code in codes.values())


@pytest.mark.parametrize(("error", "status"), [(row[0], row[2]) for row in TABLE])
def test_its_family_says_whose_fault_it_is(error: type[ServeError], status: int) -> None:
    assert issubclass(error, ClientError if status < 500 else ServerFault)


@pytest.mark.parametrize(
    ("error", "facts", "name"),
    [
        (error, facts, name)
        for error, facts, *_ in TABLE
        for name in facts
        if inspect.signature(error).parameters[name].annotation is str
    ],
)
def test_words_of_a_request_are_echoed_printable_and_cut(
    error: type[ServeError], facts: dict[str, Any], name: str
) -> None:
    sent = "{x}\r\nSet-Cookie: a=1\x00\x1b[2J\u202e\u2028\ud800" + "y" * 10_000
    shown = "{x}Set-Cookie: a=1[2J" + "y" * 59
    assert len(shown) == MAX_ECHO_CHARACTERS
    raised = error(**{**facts, name: sent})
    assert raised.details[name] == shown
    assert shown in raised.message
    assert raised.message.isprintable()
    assert "y" * 60 not in raised.message


def test_our_own_words_are_one_line_and_cut_later() -> None:
    words = "hyperparams.json:\n it says\x00 " + "y" * 10_000
    reason = errors.BadModel(reason=errors.OurWords(words)).details["reason"]
    assert reason == ("hyperparams.json: it says " + "y" * 500)[:500]


def test_facts_given_as_any_sequence_become_lists() -> None:
    assert errors.MethodNotAllowed(allowed=("GET",)).details == {"allowed": ["GET"]}


def test_a_later_change_of_the_list_given_does_not_reach_the_error() -> None:
    allowed = ["GET"]
    raised = errors.MethodNotAllowed(allowed=allowed)
    allowed.append("PUT")
    assert raised.details == {"allowed": ["GET"]}
