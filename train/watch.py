"""Between a job and whoever started it: what it shows, and how it is asked to stop."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from train.history import Epoch


class Interrupted(Exception):  # noqa: N818  # nothing is wrong
    """The job was asked to stop. Whoever catches it may still have a checkpoint to write."""


class Watch(Protocol):
    """Whoever started the job and looks on."""

    def is_stopping(self) -> bool:
        """Whether the job is to end at the next step."""

    def shown(self, items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
        """The items, with a progress bar where there is a terminal."""

    def epoch_over(self, history: Sequence[Epoch]) -> None:
        """Called after each epoch with all epochs so far."""
