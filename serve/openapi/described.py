"""What is described: a server of one model, or one that holds several by name.

`serve.service.Service` is the one, `NoModelInParticular` stands for the other.
"""

from dataclasses import dataclass
from typing import Protocol

from serve.labels import Labels
from serve.options import MAX_CLASSES
from serve.settings import Settings
from serve.task import SEMANTIC, Task


class Described(Protocol):
    """As much of a server as its document is made of."""

    @property
    def settings(self) -> Settings:
        """All of them."""

    @property
    def labels(self) -> Labels | None:
        """The model's classes; None where several models have classes of their own."""

    @property
    def title(self) -> str:
        """Which network it is, for people; may be empty."""

    @property
    def task(self) -> Task:
        """What the network is for."""


@dataclass(frozen=True)
class NoModelInParticular:
    """A server of several models, which come and go: what is said must hold for any."""

    settings: Settings
    labels: None = None
    title: str = ""
    task: Task = SEMANTIC
    """Of most; those that find things answer as docs/instances.md says."""


def has_many(server: Described) -> bool:
    """Whether models are asked by name."""
    return server.labels is None


def most_classes(labels: Labels | None) -> int:
    """The model's number of classes, or the most that any may have."""
    return MAX_CLASSES if labels is None else len(labels.names)
