"""All that is settled before a job's first step."""

from dataclasses import dataclass

from model.algorithms import ALGORITHMS
from model.classes import Classes
from model.engines import EngineChoice
from train.augment import Sizes
from train.dataset import Dataset
from train.hyperparameters import Hyperparameters, as_strings
from train.job import Job
from train.order import steps_of
from train.start import Start


@dataclass(frozen=True)
class Plan:
    """What stays the same from the first step to the last."""

    job: Job
    dataset: Dataset
    start: Start
    classes: Classes
    choice: EngineChoice
    """The engine that validates."""

    @property
    def chosen(self) -> Hyperparameters:
        """The job's hyperparameters."""
        return self.job.hyperparameters

    @property
    def sizes(self) -> Sizes:
        """Of the crops: multiples of what the network needs a side to have at least."""
        chosen = self.chosen
        stride = max(8, ALGORITHMS[chosen.algorithm].min_side)
        return Sizes(chosen.base_size, chosen.crop_size, stride)

    @property
    def steps(self) -> int:
        """In an epoch."""
        return steps_of(len(self.dataset.train.pairs), self.chosen.mini_batch_size)

    @property
    def identity(self) -> dict[str, str]:
        """What a checkpoint must agree with."""
        splits = {"train": self.dataset.train, "validation": self.dataset.validation}
        samples = {f"samples of {name}": str(len(split.pairs)) for name, split in splits.items()}
        return as_strings(self.chosen) | samples
