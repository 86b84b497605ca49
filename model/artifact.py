"""A model artifact: what lies in /opt/ml/model after SageMaker has unpacked model.tar.gz.

    hyperparams.json    what the training job was told (model/hyperparams.py)
    model_best.params   weights of the best epoch; what is served
    model_algo-1        weights of the last epoch; served when model_best.params is not there
    classes.json        names and colours, optional (model/classes.py)
    graphs/             the network converted, optional (model/graphs.py)

Weights carry Gluon's dotted names (`head.block.4.weight`), its older prefixed names
(`_fcnhead0_hybridsequential0_conv1_weight`), or the exporter's (`arg:fcn0__fcnhead0_...`); all
three are read. Reads with numpy alone; whether every layer fits is `model/networks.py`'s to say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.algorithms import MAX_CLASSES, MIN_CLASSES, Algorithm, title_of
from model.classes import FILE_NAME as CLASSES_FILE
from model.classes import Classes, read_classes
from model.errors import ArtifactError
from model.hyperparams import FILE_NAME, Hyperparams, read_hyperparams
from model.params import read_params

WEIGHT_FILES = ("model_best.params", "model_algo-1")

_CONV_NDIM = 4


@dataclass(frozen=True)
class Artifact:
    """A model directory that was read and is consistent in itself."""

    folder: Path
    hyperparams: Hyperparams
    weights_file: Path
    weights: Mapping[str, NDArray[np.generic]]
    """Read-only views of the file, by the network's own names, the auxiliary head left out."""
    dotted: bool
    """Names are structural (`head.block.4.weight`) rather than prefixed."""
    aux_weights: Mapping[str, NDArray[np.generic]]
    """The same of the auxiliary head, which only training has a use for; may be empty."""
    classes: int
    named: Classes | None
    """What the classes are called, where the artifact says so."""

    @property
    def has_aux_head(self) -> bool:
        """Whether any of it is there."""
        return bool(self.aux_weights)

    @property
    def weights_files(self) -> tuple[Path, ...]:
        """All that the weights are read from."""
        return (self.weights_file,)

    @property
    def algorithm_name(self) -> str:
        """As hyperparams.json spells it, or nearly so."""
        return self.hyperparams.algorithm.name

    @property
    def backbone_name(self) -> str:
        """GluonCV's, or `none`."""
        return self.hyperparams.backbone

    @property
    def title(self) -> str:
        """Such as `psp on resnet50 with 21 classes`."""
        told = self.hyperparams
        return title_of(told.algorithm.name, told.backbone, self.classes)


def read_artifact(folder: Path) -> Artifact:
    """Read a model directory and check what can be checked without building the network.

    Raises:
        ArtifactError: a file is missing, damaged, or two of them contradict each other.
    """
    if not folder.is_dir():
        msg = f"there is no model directory at {folder}"
        raise ArtifactError(msg)
    path = weights_file_in(folder, WEIGHT_FILES)
    hyperparams = read_hyperparams(folder)
    stored = read_params(path)
    weights = _own_names(stored, hyperparams.algorithm)
    served, aux = _parted(weights, hyperparams.algorithm)
    _check_floats(path, served)
    classes = _classes(path, served, hyperparams)
    return Artifact(
        folder=folder,
        hyperparams=hyperparams,
        weights_file=path,
        weights=served,
        dotted=any("." in name for name in served),
        aux_weights=aux,
        classes=classes,
        named=read_classes(folder / CLASSES_FILE, classes),
    )


def weights_file_in(folder: Path, names: Sequence[str]) -> Path:
    """The first of `names` that is there.

    Raises:
        ArtifactError: none is.
    """
    for name in names:
        if (folder / name).is_file():
            return folder / name
    inner = [path for name in names for path in sorted(folder.glob(f"*/{name}"))]
    hint = f"; {str(inner[0].relative_to(folder))[:80]!r} belongs at the top" if inner else ""
    msg = f"{' and '.join(names)} are both missing from the model directory{hint}"
    raise ArtifactError(msg)


def _own_names(
    stored: Mapping[str, NDArray[np.generic]], algorithm: Algorithm
) -> dict[str, NDArray[np.generic]]:
    """Names as the network itself knows them."""
    network = algorithm.network.partition(".")[2].lower()
    decoration = re.compile(rf"(arg:|aux:)?({network}\d+_)?")
    names = [(name, decoration.sub("", name, count=1)) for name in stored]
    own = {short: stored[name] for name, short in names}
    return own if len(own) == len(stored) else dict(stored)


def _parted(
    weights: Mapping[str, NDArray[np.generic]], algorithm: Algorithm
) -> tuple[dict[str, NDArray[np.generic]], dict[str, NDArray[np.generic]]]:
    """What is served, and the auxiliary head."""
    aux = {name: array for name, array in weights.items() if name.startswith(algorithm.aux or "\0")}
    return {name: array for name, array in weights.items() if name not in aux}, aux


def _check_floats(path: Path, weights: Mapping[str, NDArray[np.generic]]) -> None:
    for name, array in weights.items():
        if array.dtype.kind != "f":
            found = f"{path.name}: {name[:80]!r} holds {array.dtype} values"
            msg = f"{found}; weights must be floating point"
            raise ArtifactError(msg)


def _classes(
    path: Path, weights: Mapping[str, NDArray[np.generic]], hyperparams: Hyperparams
) -> int:
    """The class count is the number of filters of the last convolution."""
    algorithm = hyperparams.algorithm
    found = [weights[name] for name in algorithm.classifier if name in weights]
    if not found or found[0].ndim != _CONV_NDIM:
        msg = (
            f"{path.name} has no {algorithm.classifier[0]}, the last convolution of the "
            f"{algorithm.name} network that {FILE_NAME} names; it may belong to another algorithm"
        )
        raise ArtifactError(msg)
    classes = int(found[0].shape[0])
    if not MIN_CLASSES <= classes <= MAX_CLASSES:
        allowed = f"{MIN_CLASSES} to {MAX_CLASSES}"
        msg = f"{path.name} was trained for {classes} classes; {allowed} can be served"
        raise ArtifactError(msg)
    if hyperparams.num_classes not in {None, classes}:
        msg = (
            f"{path.name} was trained for {classes} classes, "
            f"but {FILE_NAME} says num_classes {hyperparams.num_classes}"
        )
        raise ArtifactError(msg)
    return classes
