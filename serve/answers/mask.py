"""`image/png`: the mask as an indexed PNG, the built-in algorithm's own answer."""

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.answers.answer import Asked, Photo, Size
from serve.answers.limits import check_scores
from serve.encode.png import encode_mask
from serve.render.palettes import palette_of
from serve.stages import Stages


class MaskAnswer:
    """See `serve.answers.answer.Answer`."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        name = asked.options.palette or "gray"
        self._palette = asked.labels.palette if name == "model" else palette_of(name)

    def check(self, size: Size) -> None:
        """Within what engines count."""
        check_scores(self._asked, size)

    def read(self, prediction: Prediction) -> NDArray[np.uint8]:
        """(H, W) ids."""
        return prediction.mask()

    def write(self, found: NDArray[np.uint8], _photo: Photo, stages: Stages) -> bytes:
        """PNG."""
        with stages.timed("encode"):
            return encode_mask(found, self._palette)
