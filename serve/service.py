"""A model that is loaded, or being loaded, and all that goes with it."""

from dataclasses import dataclass, field

from serve.labels import Labels
from serve.predictor import Predictor
from serve.s3 import S3
from serve.settings import Settings
from serve.task import SEMANTIC, Task


@dataclass(frozen=True)
class Service:
    """What answers requests."""

    settings: Settings
    predictor: Predictor
    labels: Labels
    title: str = ""
    """Which network it is, for people."""
    s3: S3 = field(default_factory=S3)
    task: Task = SEMANTIC
    """What it is for."""
