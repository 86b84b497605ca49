"""The networks that are served: those that give each pixel a class, those that find things."""

from typing import TypeGuard

from model.engines.engine import Engine, Prediction
from model.instances.instances import InstanceEngine, Instances

AnyEngine = Engine | InstanceEngine
"""Has a name, a precision, classes, and makes a prediction of a photo."""

AnyPrediction = Prediction | Instances
"""Has `nbytes`; the rest is for those who know which network it came from."""


def takes_many(engine: AnyEngine) -> TypeGuard[Engine]:
    """Whether it can run on several photos at once."""
    return hasattr(engine, "predict_many")


def finish(prediction: AnyPrediction) -> None:
    """Have all of the work done: what runs on a device may only have begun; instances are there."""
    if not isinstance(prediction, Instances):
        prediction.mask()
