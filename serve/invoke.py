"""One invocation: decode → predict → render → encode, each refusal before the work it saves.

Accept, options and Content-Type are judged before the body is read; a place in the queue is taken
before a photo is looked at; its size and the answer's are judged before a pixel is decoded. A
request in JSON says in its body what it wants, so its body is read first; what it says is judged
before an object is fetched, and the object is fetched before a place is taken, as a body arrives.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np
from flask import Request, Response
from numpy.typing import NDArray

from serve import media
from serve.answers.answer import Answer, Asked, Photo
from serve.attributes import own_attributes
from serve.body import read_body
from serve.decode import Photo as OpenedPhoto
from serve.decode import open_photo
from serve.errors import S3NotAllowed
from serve.json_fields import JsonRequest
from serve.labels import Labels
from serve.options import KINDS, Options, fitting
from serve.predictor import Predictor
from serve.s3 import S3
from serve.s3_uri import S3Uri
from serve.settings import Settings
from serve.stages import Stages
from serve.task import SEMANTIC, Make, Task
from serve.visit import Visit

_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@dataclass(frozen=True)
class Service:
    """What answers requests."""

    settings: Settings
    predictor: Predictor
    labels: Labels
    title: str = ""
    """Which network it is, for people."""
    s3: S3 = field(default_factory=S3)
    task: Task = SEMANTIC
    """What it is for."""


@dataclass(frozen=True)
class Answered:
    """A response's bytes and their type."""

    body: bytes
    media_type: str
    sent: Callable[[], None]
    """To be called when the bytes have gone, or cannot: gives back the place in the queue."""
    stages: Stages


@dataclass(frozen=True)
class _Order:
    """A request understood: a photo's bytes, what is wanted of them, and where it is to go."""

    photo: bytes
    asked: Asked
    answer: Answer[Any]
    output: S3Uri | None = None
    """None for the caller."""


def invoke(request: Request, service: Service, visit: Visit) -> Answered:
    """Answer one POST with a photo in it, or with JSON that has or names one.

    Args:
        request: not read yet.
        service: what answers.
        visit: takes down the body's and the photo's size, and the stages.

    Raises:
        ServeError: any of serve/errors.
    """
    in_json = media.is_json(request.headers.get("Content-Type"))
    order = (_json_order if in_json else _plain_order)(request, service, visit)
    give_back = service.predictor.places.take()
    visit.places_taken = service.predictor.places.taken
    try:
        written = _answer(order, service, visit)
        if order.output:
            written = _put(order, order.output, written, service, visit.stages)
    except BaseException:
        give_back()
        raise
    media_type = media.JSON if order.output else order.asked.media_type
    return Answered(written, media_type, give_back, visit.stages)


def to_response(answered: Answered) -> Response:
    """The answer as Flask sends it."""
    response = Response(answered.body, content_type=answered.media_type)
    response.headers["Server-Timing"] = answered.stages.header()
    response.call_on_close(answered.sent)
    return response


def _plain_order(request: Request, service: Service, visit: Visit) -> _Order:
    task = service.task
    accept = _header(request, "Accept")
    choice = media.choose(accept, service.settings.default_accept, task.answers)
    asked = Asked(choice.media_type, _options(choice, {}, request, service), service.labels)
    answer = task.answers[choice.media_type](asked)
    media.check_content_type(request.headers.get("Content-Type"))
    service.predictor.engine()  # not ready is said before the body is read
    return _Order(_body_of(request, service, visit), asked, answer)


def _json_order(request: Request, service: Service, visit: Visit) -> _Order:
    service.predictor.engine()
    task, body = service.task, _body_of(request, service, visit)
    wish = task.parse_json(body, service.labels)
    default = service.settings.default_accept if wish.accept else media.JSON
    choice = media.choose(wish.accept or _header(request, "Accept"), default, task.answers)
    media_type, make = _own_or_named(task, choice, wish)
    options = wish.over(_options(choice, wish.options, request, service))
    asked = Asked(media_type, options, service.labels, wish.img_id)
    answer = make(asked)
    return _Order(_photo_of(wish, service, visit.stages), asked, answer, wish.output)


def _body_of(request: Request, service: Service, visit: Visit) -> bytes:
    body = read_body(request, service.settings)
    visit.bytes_in = len(body)
    return body


def _own_or_named(task: Task, choice: media.Choice, wish: JsonRequest) -> tuple[str, Make]:
    """The answer's type and the way to make it: that of such requests, unless another is named."""
    if wish.accept or choice.media_type != media.JSON:
        return choice.media_type, task.answers[choice.media_type]
    return task.json_answer(wish)


def _photo_of(wish: JsonRequest, service: Service, stages: Stages) -> bytes:
    """The photo's bytes, from S3 if need be; nothing is fetched in vain."""
    settings = service.settings
    for uri in (wish.image, wish.output):
        if isinstance(uri, S3Uri) and not settings.allows(uri):
            raise S3NotAllowed(uri=str(uri))
    if isinstance(wish.image, bytes):
        return wish.image
    max_bytes, timeout_s = settings.max_body_bytes, settings.read_timeout_s
    with stages.timed("fetch"):
        return service.s3.read(wish.image, max_bytes=max_bytes, timeout_s=timeout_s)


def _options(
    choice: media.Choice, in_body: Mapping[str, str], request: Request, service: Service
) -> Options:
    """Those in force; each source is judged whole, though another may win over it."""
    task, settings = service.task, service.settings
    attributes = _own_attributes(_header(request, _ATTRIBUTES) or "", task)
    of_type = fitting(choice.defaults, task.kinds)
    sources = choice.params, in_body, attributes, of_type, fitting(settings.options, task.kinds)
    return task.options(*sources, labels=service.labels)


def _answer(order: _Order, service: Service, visit: Visit) -> bytes:
    predictor, stages = service.predictor, visit.stages
    upright = _is_upright(order.asked, service.task)
    engine = predictor.engine()
    with stages.timed("decode"):
        opened = open_photo(order.photo, max_pixels=service.settings.max_pixels)
        size = visit.size = opened.size(upright)
        order.answer.check(size)
    image = cache(partial(_decoded, opened, upright, stages))
    key = b""
    if predictor.keeps_predictions:
        is_turned = upright and opened.orientation != 1
        key = hashlib.sha256(order.photo).digest() + bytes([is_turned])
    subject = predictor.cached(key) or image()
    found = predictor.run(subject, order.answer.read, visit, key)
    return order.answer.write(found, Photo(size, image, engine.name, engine.precision), stages)


def _put(order: _Order, output: S3Uri, written: bytes, service: Service, stages: Stages) -> bytes:
    """Put the answer where it is wanted; returns what the caller gets instead, in JSON."""
    content_type = media.registered(order.asked.media_type)
    with stages.timed("store"):
        service.s3.write(output, written, content_type)
    told = {"OutputS3Uri": str(output), "ContentType": content_type, "Bytes": len(written)}
    return json.dumps(told).encode()


def _decoded(opened: OpenedPhoto, upright: bool, stages: Stages) -> NDArray[np.uint8]:
    with stages.timed("decode"):
        return opened.image(upright)


def _is_upright(asked: Asked, task: Task) -> bool:
    """Pictures to look at are turned as the camera was; ids lie as the built-in's did."""
    orientation = asked.options.orientation
    return asked.media_type in task.upright if orientation is None else orientation == "shown"


def _header(request: Request, name: str) -> str | None:
    """A header's text; WSGI hands every byte as a character, and clients mean UTF-8."""
    text = request.headers.get(name)
    try:
        return text and text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _own_attributes(text: str, task: Task) -> Mapping[str, str]:
    """Options among the Custom-Attributes; the rest is the client's own, tracing ids and such."""
    ours = KINDS.keys() | task.kinds.keys()  # one of other networks' is refused, not passed over
    return {name: value for name, value in own_attributes(text).items() if name.lower() in ours}
