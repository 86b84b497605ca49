"""`application/json`: which classes a photo shows, where and how surely."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.answers.answer import Asked, Photo, Size
from serve.answers.limits import check_scores
from serve.render.summary import summary
from serve.stages import Stages
from serve.style import class_ids

_Top = tuple[NDArray[np.uint8], NDArray[np.float32]]


class SummaryAnswer:
    """See `serve.answers.answer.Answer`.

    Raises:
        BadOption: a class is asked for that is not there.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._ids = class_ids(asked.options, asked.labels)

    def check(self, size: Size) -> None:
        """Within what engines count."""
        check_scores(self._asked, size)

    def read(self, prediction: Prediction) -> _Top:
        """(H, W) ids and their probabilities."""
        return prediction.top()

    def write(self, found: _Top, photo: Photo, stages: Stages) -> bytes:
        """UTF-8 JSON."""
        regions = self._asked.options.regions or "none"
        with stages.timed("render"):
            classes = summary(*found, self._asked.labels, ids=self._ids, regions=regions)
        height, width = photo.size
        body: dict[str, Any] = {
            "height": height,
            "width": width,
            "classes": classes,
            "engine": photo.engine,
            "precision": photo.precision,
            "timing_ms": stages.milliseconds(),
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
