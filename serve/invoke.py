"""One invocation: decode → predict → render → encode, each refusal before the work it saves.

Accept, options and Content-Type are judged before the body is read; a place in the queue is taken
before a photo is looked at; its size and the answer's are judged before a pixel is decoded.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from flask import Request, Response
from numpy.typing import NDArray

from serve import media
from serve.answers import UPRIGHT, answer_for
from serve.answers.answer import Answer, Asked, Photo
from serve.attributes import split_attributes
from serve.body import read_body
from serve.decode import Photo as OpenedPhoto
from serve.decode import open_photo
from serve.labels import Labels
from serve.options import KINDS, parse_options
from serve.predictor import Predictor
from serve.settings import Settings
from serve.stages import Stages

_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@dataclass(frozen=True)
class Service:
    """What answers requests."""

    settings: Settings
    predictor: Predictor
    labels: Labels


@dataclass(frozen=True)
class Answered:
    """A response's bytes and their type."""

    body: bytes
    media_type: str
    sent: Callable[[], None]
    """To be called when the bytes have gone, or cannot: gives back the place in the queue."""
    stages: Stages


def invoke(request: Request, service: Service) -> Answered:
    """Answer one POST with a photo in it.

    Raises:
        ServeError: any of serve/errors.py.
    """
    settings, predictor = service.settings, service.predictor
    choice = media.choose(request.headers.get("Accept"), settings.default_accept)
    attributes = _own_attributes(request.headers.get(_ATTRIBUTES, ""))
    options = parse_options(choice.params, attributes, settings.options)
    asked = Asked(choice.media_type, options, service.labels)
    answer = answer_for(asked)
    media.check_content_type(request.headers.get("Content-Type"))
    predictor.engine()  # not ready is said before the body is read
    body = read_body(request, settings)
    give_back = predictor.take_place()
    stages = Stages()
    try:
        written = _answer(body, asked, answer, service, stages)
    except BaseException:
        give_back()
        raise
    return Answered(written, choice.media_type, give_back, stages)


def to_response(answered: Answered) -> Response:
    """The answer as Flask sends it."""
    response = Response(answered.body, content_type=answered.media_type)
    response.headers["Server-Timing"] = answered.stages.header()
    response.call_on_close(answered.sent)
    return response


def _answer(body: bytes, asked: Asked, answer: Answer, service: Service, stages: Stages) -> bytes:
    predictor, upright = service.predictor, _is_upright(asked)
    with stages.timed("decode"):
        opened = open_photo(body, max_pixels=service.settings.max_pixels)
        size = opened.size(upright)
        answer.check(size)
    image = cache(partial(_decoded, opened, upright, stages))
    key = b""
    if predictor.keeps_predictions:
        key = hashlib.sha256(body).digest() + bytes([upright])
    subject = predictor.cached(key) or image()
    found = predictor.run(subject, answer.read, stages, key)
    return answer.write(found, Photo(size, image), stages)


def _decoded(opened: OpenedPhoto, upright: bool, stages: Stages) -> NDArray[np.uint8]:
    with stages.timed("decode"):
        return opened.image(upright)


def _is_upright(asked: Asked) -> bool:
    """Pictures to look at are turned as the camera was; ids lie as the built-in's did."""
    orientation = asked.options.orientation
    return asked.media_type in UPRIGHT if orientation is None else orientation == "shown"


def _own_attributes(text: str) -> Mapping[str, str]:
    """Options among the Custom-Attributes; the rest is the client's own, tracing ids and such."""
    try:
        attributes = split_attributes(text)
    except ValueError:
        return {}
    return {name: value for name, value in attributes.items() if name.lower() in KINDS}
