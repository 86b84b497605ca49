"""One invocation: decode → predict → render → encode, each refusal before the work it saves.

Accept, options and Content-Type are judged before the body is read; a place in the queue is taken
before a photo is looked at; its size and the answer's are judged before a pixel is decoded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from flask import Request, Response
from numpy.typing import NDArray

from serve import media
from serve.body import read_body
from serve.decode import open_photo
from serve.encode import recordio
from serve.encode.png import encode_mask
from serve.errors import AnswerTooLarge
from serve.options import Options, parse_options
from serve.predictor import Predictor
from serve.render.palettes import PALETTES
from serve.settings import Settings
from serve.stages import Stages


@dataclass(frozen=True)
class Answer:
    """A response's bytes and their type."""

    body: bytes
    media_type: str
    sent: Callable[[], None]
    """To be called when the bytes have gone, or cannot: gives back the place in the queue."""
    stages: Stages


_MAX_SCORES = 2**31 - 1  # engines count a tensor's elements in 32 bits, whatever comes of them

_Writer = Callable[[Predictor, NDArray[np.uint8], Options, Stages], bytes]


def _mask_png(
    predictor: Predictor, image: NDArray[np.uint8], options: Options, stages: Stages
) -> bytes:
    mask = predictor.mask(image, stages)
    with stages.timed("encode"):
        return encode_mask(mask, PALETTES[options.palette])


def _recordio(
    predictor: Predictor, image: NDArray[np.uint8], _options: Options, stages: Stages
) -> bytes:
    scores = predictor.scores(image, stages)
    with stages.timed("encode"):
        return recordio.encode_scores(scores)


_WRITERS: Mapping[str, _Writer] = {
    media.PNG: _mask_png,
    media.RECORDIO: _recordio,
    media.PROTOBUF: _recordio,
}


def invoke(request: Request, settings: Settings, predictor: Predictor) -> Answer:
    """Answer one POST with a photo in it.

    Raises:
        ServeError: any of serve/errors.py.
    """
    choice = media.choose(request.headers.get("Accept"), settings.default_accept)
    options = parse_options(choice.params)
    media.check_content_type(request.headers.get("Content-Type"))
    predictor.engine()  # not ready is said before the body is read
    body = read_body(request, settings)
    give_back = predictor.take_place()
    stages = Stages()
    try:
        with stages.timed("decode"):
            photo = open_photo(body, max_pixels=settings.max_pixels)
            size = photo.size(options.upright)
            _check_answer_fits(choice.media_type, predictor.engine().classes, *size)
            image = photo.image(options.upright)
        answer = _WRITERS[choice.media_type](predictor, image, options, stages)
    except BaseException:
        give_back()
        raise
    return Answer(answer, choice.media_type, give_back, stages)


def to_response(answer: Answer) -> Response:
    """The answer as Flask sends it."""
    response = Response(answer.body, content_type=answer.media_type)
    response.headers["Server-Timing"] = answer.stages.header()
    response.call_on_close(answer.sent)
    return response


def _check_answer_fits(media_type: str, classes: int, height: int, width: int) -> None:
    is_record = media_type != media.PNG
    is_too_large = classes * height * width > _MAX_SCORES
    if is_too_large or (is_record and not recordio.fits(classes, height, width)):
        raise AnswerTooLarge(
            classes=classes,
            height=height,
            width=width,
            max_pixels=recordio.max_pixels(classes) if is_record else _MAX_SCORES // classes,
            media_type=media_type,
        )
