"""`checkpoints/`: all that a job needs to go on as if it had not been interrupted.

    step-000000340.params    weights, the optimizer's memory, the best epoch's weights, and `facts`

One file a checkpoint, in MXNet's parameter format (model/params.py), so that there is no half of
one: it appears whole, and one cut short on its way to or from S3 does not read; one with a bit
changed fails its checksum. `facts` is JSON as an array of bytes. The one before is kept until the
new one is there, and taken if that is damaged.
"""

import json
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.params import read_params, write_params
from train.errors import AlgorithmError, ClientError
from train.history import Epoch, Sums
from train.start import Weights

_FORMAT = 2
_NAMES = "step-*.params"
_GROUPS = ("weights", "states", "best")
_CHECKSUM = "crc32"


@dataclass(frozen=True)
class Checkpoint:
    """Where a job stands."""

    seed: int
    """Of the order of the samples, their augmentation and dropout."""
    step: int
    """Steps done."""
    sums: Sums
    """Of the epoch that is not over."""
    history: tuple[Epoch, ...]
    weights: Weights
    states: Mapping[str, NDArray[np.float32]]
    """The optimizer's (train/learner.py)."""
    best: Weights
    """Of the best epoch; empty before the first is over."""


def beginning() -> Checkpoint:
    """Where a job stands that has not begun; its weights are the network's."""
    return Checkpoint(
        seed=secrets.randbelow(2**31),
        step=0,
        sums=Sums(),
        history=(),
        weights={},
        states={},
        best={},
    )


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one job."""

    folder: Path
    job: Mapping[str, str]
    """What the job was told, and how many samples it has; another job's are refused."""

    def newest(self) -> Checkpoint | None:
        """The last that can be read; None where there is none.

        Raises:
            ClientError: it is another job's.
            AlgorithmError: there are some, and none can be read.
        """
        paths = sorted(self.folder.glob(_NAMES), reverse=True)
        for path in paths:
            if stored := _read(path):
                job, checkpoint = stored
                self._check(job)
                return checkpoint
        if paths:
            msg = f"no checkpoint in {self.folder} can be read: damaged, or of another version"
            raise AlgorithmError(msg)
        return None

    def write(self, checkpoint: Checkpoint) -> None:
        """Add one, and remove all before it but the last.

        Those of later steps stay: they could not be read, or the job would have gone on from them.

        Raises:
            OSError: it cannot be written; those before it stay.
        """
        facts = {
            "format": _FORMAT,
            "job": dict(self.job),
            "seed": checkpoint.seed,
            "step": checkpoint.step,
            "sums": asdict(checkpoint.sums),
            "history": [asdict(epoch) for epoch in checkpoint.history],
        }
        arrays: dict[str, NDArray[Any]] = {
            "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)
        }
        for group in _GROUPS:
            for name, array in getattr(checkpoint, group).items():
                arrays[f"{group}/{name}"] = array
        arrays[_CHECKSUM] = np.array([_checksum(arrays)], np.int64)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"step-{checkpoint.step:09}.params"
        write_params(path, arrays)
        halves = self.folder.glob(".step-*.part")  # of processes that were killed
        before = sorted(other for other in self.folder.glob(_NAMES) if other.name < path.name)
        for other in (*halves, *before[:-1]):
            other.unlink(missing_ok=True)

    def _check(self, told: Mapping[str, str]) -> None:
        names = sorted(told.keys() | self.job.keys())
        for name in names:
            if told.get(name) != self.job.get(name):
                msg = (
                    f"the checkpoints are of a job with {name}={told.get(name)}, this one has "
                    f"{self.job.get(name)}; a job of its own needs another CheckpointConfig S3Uri"
                )
                raise ClientError(msg)


def _read(path: Path) -> tuple[dict[str, str], Checkpoint] | None:
    """What a file says of its job, and the rest; None if it is damaged or of another version."""
    try:
        arrays = read_params(path)
        facts = json.loads(arrays["facts"].tobytes())
        if facts["format"] != _FORMAT or arrays.pop(_CHECKSUM).tolist() != [_checksum(arrays)]:
            return None
        del arrays["facts"]
        return dict(facts["job"]), _checkpoint_of(facts, arrays)
    except (ArtifactError, KeyError, TypeError, ValueError):
        return None


def _checkpoint_of(facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Checkpoint:
    groups: dict[str, dict[str, NDArray[Any]]] = {group: {} for group in _GROUPS}
    for name, array in arrays.items():
        group, _, short = name.partition("/")
        groups[group][short] = np.array(array)  # a copy: the file may soon be removed
    return Checkpoint(
        seed=facts["seed"],
        step=facts["step"],
        sums=Sums(**facts["sums"]),
        history=tuple(Epoch(**epoch) for epoch in facts["history"]),
        **groups,
    )


def _checksum(arrays: Mapping[str, NDArray[Any]]) -> int:
    """CRC-32 of names, types, shapes and values, by name."""
    checksum = 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        kind = f"{name} {array.dtype.str} {array.shape}"
        checksum = zlib.crc32(array.data, zlib.crc32(kind.encode(), checksum))
    return checksum
