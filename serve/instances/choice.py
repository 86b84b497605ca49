"""Which of the things found are told of, and with which pixels."""

from dataclasses import dataclass

import numpy as np

from model.instances.instances import Instances
from serve.instances.labels import numbered
from serve.instances.paste import Patch, paste
from serve.labels import Labels
from serve.options import Options
from serve.style import class_ids

SCORE_THRESHOLD = 0.5
"""TensorPack's container's; the other one's 0.8 let pass what rounds to it: 0.75 here."""
MASK_THRESHOLD = 0.5


@dataclass(frozen=True)
class Choice:
    """What a request asks for."""

    labels: Labels
    """With the numbers asked for."""
    classes: tuple[int, ...]
    """Ids; empty for all."""
    score_threshold: float
    mask_threshold: float

    def of(self, found: Instances) -> Instances:
        """Things of the classes asked for whose score is the threshold or more."""
        kept = found.scores >= np.float32(self.score_threshold)
        if self.classes:
            kept &= np.isin(found.classes, self.classes)
        return found.at(kept)

    def patch(self, found: Instances, place: int, size: tuple[int, int]) -> Patch:
        """The pixels of one of them, in a photo of (height, width)."""
        return paste(found.masks[place], found.mask_boxes[place], size, self.mask_threshold)


def choice_of(options: Options, labels: Labels) -> Choice:
    """Settle what is open.

    Raises:
        BadOption: a class is none of the model's, or its classes have no such numbers.
    """
    labels = numbered(labels, options)
    score, mask = options.score_threshold, options.mask_threshold
    return Choice(
        labels,
        class_ids(options, labels),
        SCORE_THRESHOLD if score is None else score,
        MASK_THRESHOLD if mask is None else mask,
    )
