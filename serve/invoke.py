"""One invocation: decode → predict → encode, each refusal before the work it saves.

Accept, options and Content-Type are judged before the body is read; the photo's size and the
answer's before a pixel is decoded; a place in the queue is taken before memory is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from flask import Request
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


@dataclass(frozen=True)
class Answer:
    """A response's bytes and their type."""

    body: bytes
    media_type: str


_Writer = Callable[[Predictor, NDArray[np.uint8], Options], bytes]


def _mask_png(predictor: Predictor, image: NDArray[np.uint8], options: Options) -> bytes:
    return encode_mask(predictor.mask(image), PALETTES[options.palette])


def _recordio(predictor: Predictor, image: NDArray[np.uint8], _options: Options) -> bytes:
    return recordio.encode_scores(predictor.scores(image))


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
    engine = predictor.engine()
    photo = open_photo(read_body(request, settings), max_pixels=settings.max_pixels)
    _check_answer_fits(choice.media_type, engine.classes, *photo.size(options.upright))
    with predictor.place():
        image = photo.image(options.upright)
        return Answer(_WRITERS[choice.media_type](predictor, image, options), choice.media_type)


def _check_answer_fits(media_type: str, classes: int, height: int, width: int) -> None:
    if media_type != media.PNG and not recordio.fits(classes, height, width):
        raise AnswerTooLarge(
            classes=classes,
            height=height,
            width=width,
            max_pixels=recordio.max_pixels(classes),
            media_type=media_type,
        )
