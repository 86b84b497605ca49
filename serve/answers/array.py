"""`application/x-npy`: arrays that numpy.load reads.

| asked for | array |
| --- | --- |
| nothing | (C, H, W) probabilities |
| `class=1,4` | (2, H, W) probabilities of these classes, in this order |
| `topk=3` | (2, 3, H, W): ids of the three most probable classes, then their probabilities |
| `array=mask` | (H, W) ids, uint8 |

`dtype` is that of the probabilities; uint8 is 255 times their value, rounded.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.answers.answer import Asked, Photo, Size
from serve.answers.limits import check_scores
from serve.encode.npy import as_dtype, encode_npy
from serve.stages import Stages
from serve.style import class_ids

MAX_BYTES = 2**29  # as much as a RecordIO answer


class ArrayAnswer:
    """See `serve.answers.answer.Answer`.

    Raises:
        BadOption: a class is asked for that is not there.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._options = asked.options
        self._ids = class_ids(asked.options, asked.labels)

    def check(self, size: Size) -> None:
        """Within the bound on all large answers; several planes are picked from all of them."""
        planes = len(self._asked.labels.names)
        if self._options.array == "mask":
            planes = 1
        elif self._options.topk:
            planes = 2 * self._options.topk
        elif len(self._ids) == 1:
            planes = 1
        check_scores(self._asked, size, MAX_BYTES // (4 * planes))

    def read(self, prediction: Prediction) -> NDArray[np.generic]:
        """What was asked for."""
        if self._options.array == "mask":
            return prediction.mask()
        if self._options.topk:
            ids, scores = prediction.top_k(self._options.topk)
            converted = as_dtype(scores, self._options.dtype)
            return np.stack((ids.astype(converted.dtype), converted))
        return self._scores(prediction)

    def write(self, found: NDArray[np.generic], _photo: Photo, stages: Stages) -> bytes:
        """NPY."""
        with stages.timed("encode"):
            return encode_npy(found)

    def _scores(self, prediction: Prediction) -> NDArray[Any]:
        dtype = self._options.dtype
        if len(self._ids) == 1:
            return as_dtype(prediction.plane(self._ids[0])[None], dtype)
        is_small = dtype != "float32"
        scores = prediction.small_scores(dtype) if is_small else prediction.scores()
        return scores[list(self._ids)] if self._ids else scores
