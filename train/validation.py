"""Validation: every photo at its own size, by the engine that will serve the model.

The built-in of 2021 crashed here for PSPNet and DeepLab, whose branches it had fixed to crop_size.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Engine
from model.metrics import confusion_of, iou_of, mean_of, pixel_accuracy
from train.errors import ClientError
from train.loader import Sample


@dataclass(frozen=True)
class Score:
    """How well the masks agree with the labels."""

    confusion: NDArray[np.int64]
    """(C, C), rows labelled, columns predicted."""
    photos: int

    @property
    def miou(self) -> float:
        """Mean over the classes that are labelled or predicted anywhere, 0 to 1."""
        return mean_of(iou_of(self.confusion))

    @property
    def pixel_accuracy(self) -> float:
        """Share of the labelled pixels that are right, 0 to 1."""
        return pixel_accuracy(self.confusion)


def validate(engine: Engine, samples: Iterable[Sample]) -> Score:
    """Run the engine on every sample.

    Raises:
        ClientError: no pixel of any is labelled.
    """
    confusion = np.zeros((engine.classes, engine.classes), np.int64)
    photos = 0
    for sample in samples:
        mask = engine.predict(sample.image).mask()
        confusion += confusion_of(sample.labels, mask, engine.classes)
        photos += 1
    if not confusion.any():
        msg = "no pixel of validation_annotation is labelled; all are 255, which is ignored"
        raise ClientError(msg)
    return Score(confusion, photos)
