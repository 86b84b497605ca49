"""What came of each epoch, and what follows from it: which was best, whether to go on."""

from collections.abc import Sequence
from dataclasses import dataclass

from train.hyperparameters import Hyperparameters


@dataclass(frozen=True)
class Epoch:
    """Figures of one epoch."""

    loss: float
    """Mean over the epoch's steps, the auxiliary head's share included."""
    miou: float
    """Mean over the classes that validation has, 0 to 1."""
    pixel_accuracy: float
    learning_rate: float
    """Of the last step."""
    photos_per_s: float
    """Of training, validation left out."""
    validated_per_s: float
    waited: float
    """Share of the training time spent waiting for photos to be decoded, 0 to 1."""


@dataclass(frozen=True)
class Sums:
    """Over the steps of an epoch that is not over, whichever process did them."""

    loss: float = 0.0
    trained_s: float = 0.0
    waited_s: float = 0.0
    """Of `trained_s`, for photos to be decoded."""

    def __add__(self, other: "Sums") -> "Sums":
        """With more steps."""
        return Sums(
            self.loss + other.loss,
            self.trained_s + other.trained_s,
            self.waited_s + other.waited_s,
        )


def best_of(history: Sequence[Epoch]) -> int:
    """Place of the epoch with the highest mIOU, the first of equals; -1 where there is none."""
    return max(range(len(history)), key=lambda place: history[place].miou, default=-1)


def is_enough(history: Sequence[Epoch], chosen: Hyperparameters) -> bool:
    """Whether no further epoch is to be trained.

    An epoch improves on the last that did if its mIOU is more than `1 + tolerance` times as high.
    After `patience` epochs in a row that do not (one at least), and `min_epochs` in all, training
    ends.
    """
    if len(history) >= chosen.epochs:
        return True
    if not chosen.early_stopping or len(history) < max(1, chosen.early_stopping_min_epochs):
        return False
    reference, waited = -1.0, 0
    for epoch in history:
        improves = reference < 0 or epoch.miou > reference * (1 + chosen.early_stopping_tolerance)
        reference, waited = (epoch.miou, 0) if improves else (reference, waited + 1)
    return waited >= max(1, chosen.early_stopping_patience)
