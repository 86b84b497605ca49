"""`application/x-recordio-protobuf`: all probabilities, as the built-in algorithm writes them."""

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.answers.answer import Asked, Photo, Size
from serve.answers.limits import check_scores
from serve.encode import recordio
from serve.stages import Stages


class RecordAnswer:
    """See `serve.answers.answer.Answer`."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def check(self, size: Size) -> None:
        """Within what a record holds."""
        check_scores(self._asked, size, recordio.max_pixels(len(self._asked.labels.names)))

    def read(self, prediction: Prediction) -> NDArray[np.float32]:
        """(C, H, W) probabilities."""
        return prediction.scores()

    def write(self, found: NDArray[np.float32], _photo: Photo, stages: Stages) -> bytes:
        """One record."""
        with stages.timed("encode"):
            return recordio.encode_scores(found)
