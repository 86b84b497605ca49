"""`{"MaskBase64": "..."}`: the Lambda's own answer, the layer alone as a PNG in base64.

What is left open is as the Lambda had it: class 0, in cyan, and a colormap of ids spread over those
found in the photo. Opacity 1 and the photo as stored are those of any such picture here.
"""

import base64
import json
from dataclasses import replace
from typing import Any

from serve.answers.answer import Asked, Photo
from serve.answers.picture import PictureAnswer
from serve.options import Options
from serve.stages import Stages

_CYAN = (0, 255, 255)


class LambdaPicture(PictureAnswer):
    """The picture in it. See `serve.answers.answer.Answer`.

    Raises:
        BadOption: a class is asked for that is not there.
    """

    def __init__(self, asked: Asked) -> None:
        asked = replace(asked, options=with_lambda_defaults(asked.options))
        super().__init__(asked, file_format="PNG", over_photo=False)


class MaskBase64Answer(LambdaPicture):
    """The picture in JSON."""

    def write(self, found: Any, photo: Photo, stages: Stages) -> bytes:
        """ASCII."""
        picture = super().write(found, photo, stages)
        with stages.timed("encode"):
            return json.dumps({"MaskBase64": base64.b64encode(picture).decode()}).encode()


def with_lambda_defaults(options: Options) -> Options:
    """The options with what the Lambda did where they leave something open."""
    colormap, is_coloured = options.colormap, options.color or options.palette
    return replace(
        options,
        class_=options.class_ or ("0",),
        color=options.color if is_coloured else _CYAN,
        colormap=None if colormap is None else replace(colormap, spans_photo=True),
    )
