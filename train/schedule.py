"""The learning rate of each step, from the hyperparameters alone.

    poly    learning_rate * (1 - t) ** 0.9
    cosine  learning_rate * (1 + cos(pi t)) / 2
    step    learning_rate * lr_scheduler_factor ** (epochs of lr_scheduler_step that are over)

t goes from 0 to 1 over `epochs` times `num_training_samples`, which may be other than the samples
there are: the guide has the schedule go by the number told. Nothing is left of the rate past t = 1.
Source: the algorithm's hyperparameter page; GluonCV 0.10.5 `utils/lr_scheduler.py` for the power.
"""

import math
from bisect import bisect_right

from train.hyperparameters import Hyperparameters

_POWER = 0.9


def learning_rate(chosen: Hyperparameters, *, epoch: int, step: int) -> float:
    """The rate for step `step` of the job, in epoch `epoch`; both count from 0."""
    steps = chosen.epochs * math.ceil(chosen.num_training_samples / chosen.mini_batch_size)
    t = min(1.0, step / steps)
    share: float = {
        "poly": (1 - t) ** _POWER,
        "cosine": (1 + math.cos(math.pi * t)) / 2,
        "step": chosen.lr_scheduler_factor ** bisect_right(chosen.lr_scheduler_step, epoch),
    }[chosen.lr_scheduler]
    return chosen.learning_rate * share
