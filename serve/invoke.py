"""One invocation: decode → predict → render → encode, each refusal before the work it saves.

A request is understood (serve/order.py) before a place in the queue is taken, and a place is taken
before its photo is looked at; its size and the answer's are judged before a pixel is decoded.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from flask import Request, Response
from numpy.typing import NDArray

from serve import media
from serve.answers.answer import Asked, Photo
from serve.decode import Photo as OpenedPhoto
from serve.decode import open_photo
from serve.order import Order, order_of
from serve.s3_uri import S3Uri
from serve.service import Service
from serve.stages import Stages
from serve.task import Task
from serve.visit import Visit


@dataclass(frozen=True)
class Answered:
    """A response's bytes and their type."""

    body: bytes
    media_type: str
    sent: Callable[[], None]
    """To be called when the bytes have gone, or cannot: gives back the place in the queue."""
    stages: Stages


def invoke(request: Request, service: Service, visit: Visit) -> Answered:
    """Answer one POST with a photo in it, or with JSON that has or names one.

    Args:
        request: not read yet.
        service: what answers.
        visit: takes down the body's and the photo's size, and the stages.

    Raises:
        ServeError: any of serve/errors.
    """
    order = order_of(request, service, visit)
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


def _answer(order: Order, service: Service, visit: Visit) -> bytes:
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


def _put(order: Order, output: S3Uri, written: bytes, service: Service, stages: Stages) -> bytes:
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
