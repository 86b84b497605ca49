"""Limits on requests, photos and answers, with the settings that choose them.

docs/limits.md has those of single formats besides.
"""

from dataclasses import asdict, dataclass, fields

from serve import errors
from serve.answers.array import MAX_BYTES as MAX_NPY_BYTES
from serve.answers.limits import MAX_SCORES
from serve.decode import MAX_SIDE
from serve.encode.picture import MAX_SIDE as MAX_PICTURE_SIDE
from serve.encode.recordio import MAX_RECORD_BYTES
from serve.errors import ServeError
from serve.head_limits import MAX_HEADER_BYTES, MAX_HEADERS, MAX_LINE_CHARACTERS
from serve.json_fields import MAX_CHARACTERS, MAX_VALUES
from serve.load_request import MAX_LOAD_BYTES, MAX_NAME_CHARACTERS
from serve.openapi.described import Described, has_many
from serve.openapi.reference import Json
from serve.render.polygons import MAX_POINTS
from serve.settings import Settings

_SETTINGS = {field.name: field.metadata["name"] for field in fields(Settings) if field.metadata}


@dataclass(frozen=True)
class _Limit:
    """The most that is taken."""

    of: str
    most: int
    code: str
    """Of the refusal beyond it."""
    setting: str | None = None
    """Where it is chosen; None for nowhere."""


def limits(server: Described) -> list[Json]:
    """Every one, as JSON values."""
    return [asdict(limit) for limit in _of(server)]


def limits_table(server: Described) -> str:
    """The same in Markdown."""
    rows = ["| limit | most | setting | beyond it |", "| --- | --- | --- | --- |"]
    for limit in limits(server):
        setting = f"`{limit['setting']}`" if limit["setting"] else ""
        rows.append(f"| {limit['of']} | {limit['most']:,} | {setting} | `{limit['code']}` |")
    return "\n".join(rows)


def _of(server: Described) -> list[_Limit]:
    models = _of_models(server.settings) if has_many(server) else []
    return [*_set(server.settings), *_fixed(), *_of_task(server), *models]


def _set(settings: Settings) -> list[_Limit]:
    def limit(of: str, field: str, error: type[ServeError], most: int = 0) -> _Limit:
        return _Limit(of, most or getattr(settings, field), error.code, _SETTINGS[field])

    largest = settings.max_body_bytes
    return [
        limit("bytes of a body", "max_payload_mb", errors.BodyTooLarge, largest),
        limit("seconds for a request to arrive", "read_timeout_s", errors.ReadTimeout),
        limit("photos under way", "queue_size", errors.Overloaded),
        limit("seconds until a photo's turn", "request_timeout_s", errors.DeadlineExceeded),
        limit("pixels of a photo", "max_pixels", errors.ImageTooLarge),
    ]


def _fixed() -> list[_Limit]:
    return [
        _Limit("pixels along a photo's side", MAX_SIDE, errors.ImageTooLarge.code),
        _Limit("characters of a request line", MAX_LINE_CHARACTERS, errors.UriTooLong.code),
        _Limit("headers", MAX_HEADERS, errors.HeadersTooLarge.code),
        _Limit("bytes of a header", MAX_HEADER_BYTES, errors.HeadersTooLarge.code),
        _Limit("values in a request in JSON", MAX_VALUES, errors.BadJson.code),
        _Limit("characters of a text in it", MAX_CHARACTERS, errors.BadOption.code),
        _Limit("pixels along a JPEG's side", MAX_PICTURE_SIDE["JPEG"], errors.PictureTooLong.code),
        _Limit("pixels along a WebP's side", MAX_PICTURE_SIDE["WEBP"], errors.PictureTooLong.code),
    ]


def _of_task(server: Described) -> list[_Limit]:
    if server.task.finds_things:
        return [_Limit("points in a thing's polygons", MAX_POINTS, errors.OutlinesTooLong.code)]
    return [
        _Limit("scores, classes times pixels", MAX_SCORES, errors.AnswerTooLarge.code),
        _Limit("bytes of a RecordIO answer", MAX_RECORD_BYTES, errors.AnswerTooLarge.code),
        _Limit("bytes of an npy", MAX_NPY_BYTES, errors.AnswerTooLarge.code),
        _Limit("points in a class's polygons", MAX_POINTS, errors.OutlinesTooLong.code),
    ]


def _of_models(settings: Settings) -> list[_Limit]:
    of_weights = "MiB of weights files, all loaded models together"
    most, setting = settings.models_mb, _SETTINGS["models_mb"]
    loads, threads = settings.max_loads, _SETTINGS["http_threads"]
    return [
        _Limit("bytes of a request to load", MAX_LOAD_BYTES, errors.BadModelRequest.code),
        _Limit("characters of a model's name", MAX_NAME_CHARACTERS, errors.BadModelRequest.code),
        _Limit("models being loaded or waiting for it", loads, errors.Overloaded.code, threads),
        *([_Limit(of_weights, most, errors.OutOfMemory.code, setting)] if most else []),
    ]
