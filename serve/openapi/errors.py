"""Errors as the document has them: a schema of each, and the responses that tell of them.

A schema is made from the error's own class: its code, and its facts with their types as the
constructor has them.
"""

import inspect
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_type_hints

from serve import errors
from serve.errors import OurWords, ServeError
from serve.openapi.described import Described
from serve.openapi.examples import examples
from serve.openapi.headers import RESPONSE, response_headers
from serve.openapi.reference import Json, ref

Errors = tuple[type[ServeError], ...]

_ANYWHERE: Errors = (
    errors.BadRequest,
    errors.MethodNotAllowed,
    errors.UriTooLong,
    errors.ExpectationFailed,
    errors.HeadersTooLarge,
    errors.InternalError,
    errors.UnsupportedTransferCoding,
)
"""Whatever the path: of the bytes before there is one, of the method, of what nobody foresaw."""

_OF_PHOTOS: Errors = (
    errors.BadOption,
    errors.BadJson,
    errors.EmptyBody,
    errors.UndecodableImage,
    errors.S3NotAllowed,
    errors.NotAcceptable,
    errors.ReadTimeout,
    errors.BodyTooLarge,
    errors.ImageTooLarge,
    errors.AnswerTooLarge,
    errors.OutlinesTooLong,
    errors.PictureTooLong,
    errors.UnsupportedMediaType,
    errors.ClientGone,
    errors.InferenceFailed,
    errors.ModelNotReady,
    errors.Overloaded,
    errors.DeadlineExceeded,
)
_OF_S3: Errors = (errors.S3NotFound, errors.S3Denied, errors.S3Timeout, errors.S3Unavailable)

_REQUEST_ID = {
    "type": "string",
    "pattern": "^[0-9a-f]{32}$",
    "description": "The answer's X-Request-Id; lines of the log about this request have it.",
}
_FACTS: Mapping[Any, Json] = {
    str: {"type": "string"},
    OurWords: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Sequence[str]: {"type": "array", "items": {"type": "string"}},
    str | None: {"type": "string"},
    int | None: {"type": "integer"},
    str | Sequence[str]: {"type": ["string", "array"], "items": {"type": "string"}},
}
"""Schemas of an error's facts, by the annotation of its constructor."""


def of_photos(server: Described) -> Errors:
    """Those that a request with a photo may meet; S3's where requests may name its objects."""
    return _OF_PHOTOS + (_OF_S3 if server.settings.s3_allow else ())


def refusals(server: Described, *more: type[ServeError]) -> Json:
    """An operation's responses by status: those that any may give, and more."""
    kinds = {*_ANYWHERE, *more}
    told = [error for error in examples(server) if type(error) in kinds]
    return {
        str(status): _response([error for error in told if error.status == status])
        for status in sorted({error.status for error in told})
    }


def error_schemas(server: Described) -> Json:
    """By class; every error there is."""
    return {type(error).__name__: _schema(type(error)) for error in examples(server)}


def error_examples(server: Described) -> Json:
    """By code."""
    return {
        error.code: {"summary": error.message, "value": error.body(f"{number:032x}")}
        for number, error in enumerate(examples(server), start=1)
    }


def _response(told: Collection[ServeError]) -> Json:
    """Of one status, with one error or several."""
    schemas = [ref("schemas", type(error).__name__) for error in told]
    codes = " or ".join(f"`{error.code}`" for error in told)
    always = set.intersection(*({*error.headers} for error in told))
    return {
        "description": f"{_phrase(next(iter(told)).status)}: {codes}.",
        "headers": response_headers("X-Request-Id", *sorted(always & {*RESPONSE})),
        "content": {
            "application/json": {
                "schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas},
                "examples": {error.code: ref("examples", error.code) for error in told},
            }
        },
    }


def _phrase(status: int) -> str:
    known = {each.value for each in HTTPStatus}
    return HTTPStatus(status).phrase if status in known else "Client closed request"


def _schema(error: type[ServeError]) -> Json:
    return {
        "description": inspect.getdoc(error),
        "type": "object",
        "required": ["code", "message", "request_id", "details"],
        "properties": {
            "code": {"const": error.code},
            "message": {
                "type": "string",
                "description": "For people: what is wrong, and what is allowed.",
            },
            "request_id": _REQUEST_ID,
            "details": _details(error),
        },
    }


def _details(error: type[ServeError]) -> Json:
    """The facts in the message, as values."""
    hints = get_type_hints(error.__init__)
    given = [part for part in inspect.signature(error).parameters.values() if part.name in hints]
    return {
        "type": "object",
        "required": [part.name for part in given if part.default is part.empty],
        "properties": {part.name: _FACTS[hints[part.name]] for part in given},
    }
