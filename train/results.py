"""The artifact that a job leaves in `model/`, and the one of each epoch that may become it.

    hyperparams.json    every hyperparameter, as strings
    classes.json        names and colours
    model_best.params   weights of the epoch with the highest mIOU
    model_algo-1        weights of the last epoch
    graphs/             the best epoch's network converted, so that serving starts at once

Whatever ends the job, what lies there can be served: an epoch's files are made beside it and then
take the others' places, the weights last.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from model.algorithms import DEFAULT_PSP_BINS, NO_BACKBONE
from model.artifact import Artifact, read_artifact
from model.classes import FILE_NAME as CLASSES_FILE
from model.classes import Classes, write_classes
from model.convert import write_graphs
from model.graphs import FOLDER
from model.hyperparams import FILE_NAME
from model.params import write_params
from train.hyperparameters import Hyperparameters, as_strings
from train.start import Weights

_BEST, _LAST = "model_best.params", "model_algo-1"


@dataclass(frozen=True)
class Results:
    """The folder `model/`."""

    folder: Path
    chosen: Hyperparameters
    classes: Classes

    @contextmanager
    def candidate(self, weights: Weights) -> Iterator[Artifact]:
        """An artifact of these weights, complete, for as long as it takes to judge it."""
        with TemporaryDirectory(prefix="epoch.") as name:
            folder = Path(name)
            (folder / FILE_NAME).write_text(json.dumps(_told(self.chosen), indent=2) + "\n")
            write_classes(folder / CLASSES_FILE, self.classes)
            write_params(folder / _BEST, weights)
            artifact = read_artifact(folder)
            (folder / FOLDER).mkdir()
            write_graphs(artifact, DEFAULT_PSP_BINS, folder / FOLDER)
            yield artifact

    def keep_best(self, artifact: Artifact) -> None:
        """Put a candidate's files in the places of those before."""
        own = artifact.folder
        paths = [path.relative_to(own) for path in sorted(own.rglob("*")) if path.is_file()]
        paths.sort(key=lambda path: path.name == _BEST)
        for path in paths:
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.part")
            shutil.copyfile(own / path, part)
            part.replace(target)

    def keep_last(self, weights: Weights) -> None:
        """Write the last epoch's weights; what a killed job has left half written is removed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for half in self.folder.rglob(".*.part"):
            half.unlink(missing_ok=True)
        write_params(self.folder / _LAST, weights)


def _told(chosen: Hyperparameters) -> dict[str, str]:
    """Without the backbone of a network that has none."""
    told = as_strings(chosen)
    if chosen.gluon_backbone == NO_BACKBONE:
        del told["backbone"]
    return told
