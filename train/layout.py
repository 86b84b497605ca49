"""Where a training job finds and leaves things, below one folder.

    input/config/{hyperparameters,inputdataconfig,resourceconfig}.json
    input/data/<channel>/      photos, annotations, label maps, a model to go on from
    input/data/<channel>_0     in Pipe mode: a FIFO with the channel's records, once; _1 once more
    checkpoints/               kept while a spot instance is away
    model/                     becomes model.tar.gz
    output/data/               becomes output.tar.gz
    output/failure             its first 1024 characters become the job's FailureReason

Source: SageMaker's developer guide, your-algorithms-training-algo and the pages below it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The paths; nothing need be there."""

    base: Path = Path("/opt/ml")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Layout":
        """Below SAGEMAKER_BASE_DIR, or /opt/ml where that is unset or empty."""
        return cls(Path(env["SAGEMAKER_BASE_DIR"])) if env.get("SAGEMAKER_BASE_DIR") else cls()

    @property
    def config(self) -> Path:
        """The folder of the three JSON files."""
        return self.base / "input" / "config"

    @property
    def model(self) -> Path:
        """Where the artifact goes."""
        return self.base / "model"

    @property
    def checkpoints(self) -> Path:
        """What is written there is there again when the job goes on."""
        return self.base / "checkpoints"

    @property
    def output(self) -> Path:
        """Where files beside the artifact go."""
        return self.base / "output" / "data"

    @property
    def failure(self) -> Path:
        """The file that says why a job failed."""
        return self.base / "output" / "failure"

    def channel(self, name: str) -> Path:
        """The folder of one channel."""
        return self.base / "input" / "data" / name

    def pipe(self, name: str) -> Path:
        """The FIFO of one channel's first pass."""
        return self.base / "input" / "data" / f"{name}_0"
