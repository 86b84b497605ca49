"""The weights that training begins with.

    channel `model` has an earlier job's model.tar.gz     all of it: incremental training
    channel `model` has a backbone's .params file         the backbone
    the image has one                                     the backbone, with use_pretrained_model
    neither                                               random weights, and the log says so

Nothing is ever fetched over the network. A backbone's file is GluonCV's own, `resnet50_v1s*.params`
or `resnet101_v1s*.params`; its layers for classifying are passed over.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.algorithms import NO_BACKBONE, title_of
from model.archive import unpack
from model.artifact import Artifact, read_artifact
from model.errors import ArtifactError
from model.hyperparams import FILE_NAME
from model.params import read_params
from train.errors import AlgorithmError, ClientError
from train.hyperparameters import Hyperparameters
from train.pairs import listed

BACKBONE = ("conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4.")
"""How the names of a ResNet's layers begin."""

Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Start:
    """Weights by Gluon's names, and a sentence for the log."""

    words: str
    weights: Weights = field(default_factory=dict)
    whole: bool = False
    """They are the whole network's but for the auxiliary head, not a backbone's."""
    aux: Weights = field(default_factory=dict)
    is_short: bool = False
    """Whether the job asked for more than there is."""


def find_start(channel: Path | None, backbones: Path, chosen: Hyperparameters) -> Start:
    """Look into the channel `model`, then into the image.

    Args:
        channel: its folder; None where the job has none.
        backbones: where the image may have files of backbones; need not be there.
        chosen: algorithm, backbone, classes, use_pretrained_model.

    Raises:
        ClientError: the channel has something else, or of another network.
        AlgorithmError: the image's backbone cannot be read.
    """
    if channel is not None and (start := _from_channel(channel, chosen)):
        return start
    if not chosen.use_pretrained_model or chosen.gluon_backbone == NO_BACKBONE:
        return Start("training from scratch, from random weights")
    name = _backbone_files(chosen)
    if files := sorted(backbones.glob(name)):
        try:
            return _from_backbone(files[0])
        except ClientError as err:
            raise AlgorithmError(str(err)) from err
    return Start(
        "use_pretrained_model=True, but the image has no backbone and channel model gives none "
        f"({name}): training from scratch, from random weights, which needs many more epochs",
        is_short=True,
    )


def _from_channel(channel: Path, chosen: Hyperparameters) -> Start | None:
    if (channel / FILE_NAME).is_file():
        return _from_artifact(_read(channel), chosen, "channel model")
    archives = _files(channel, "*.tar.gz")
    if len(archives) == 1:
        with tempfile.TemporaryDirectory(prefix="model.") as folder:
            try:
                unpack(archives[0], Path(folder))
            except ArtifactError as err:
                msg = f"channel model: {err}"
                raise ClientError(msg) from err
            return _from_artifact(_read(Path(folder)), chosen, archives[0].name)
    allowed = "one model.tar.gz of an earlier job"
    if chosen.gluon_backbone != NO_BACKBONE:
        if files := _files(channel, _backbone_files(chosen)):
            return _from_backbone(files[0]) if chosen.use_pretrained_model else None
        allowed += f", or a backbone's {_backbone_files(chosen)}"
    names = (path.relative_to(channel).as_posix() for path in _files(channel, "*"))
    msg = f"channel model has {listed(names) or 'nothing'}; allowed: {allowed}"
    raise ClientError(msg)


def _backbone_files(chosen: Hyperparameters) -> str:
    """What the files of its backbone are called."""
    return f"{chosen.gluon_backbone}_v1s*.params"


def _files(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder and of those within it, but what is hidden."""
    files = (path for path in sorted(folder.rglob(pattern)) if path.is_file())
    parts_of = ((path, path.relative_to(folder).parts) for path in files)
    return [path for path, parts in parts_of if not any(part.startswith(".") for part in parts)]


def _read(folder: Path) -> Artifact:
    """Read an artifact.

    Raises:
        ClientError: it is none.
    """
    try:
        return read_artifact(folder)
    except ArtifactError as err:
        msg = f"channel model: {err}"
        raise ClientError(msg) from err


def _from_artifact(artifact: Artifact, chosen: Hyperparameters, source: str) -> Start:
    wanted = title_of(chosen.algorithm, chosen.gluon_backbone, chosen.num_classes)
    if artifact.title != wanted:
        msg = f"channel model has {artifact.title}, the job trains {wanted}; both must be the same"
        raise ClientError(msg)
    words = f"going on from {source}, {artifact.title}"
    return Start(words, _arrays(artifact.weights), whole=True, aux=_arrays(artifact.aux_weights))


def _from_backbone(path: Path) -> Start:
    try:
        stored = read_params(path)
    except ArtifactError as err:
        raise ClientError(str(err)) from err
    layers = {name: array for name, array in stored.items() if name.startswith(BACKBONE)}
    if not layers:
        msg = f"{path.name} has no layer conv1 to layer4 under Gluon's dotted names"
        raise ClientError(msg)
    return Start(f"the backbone begins with the weights of {path.name}", _arrays(layers))


def _arrays(weights: Mapping[str, NDArray[np.generic]]) -> Weights:
    """Copies: the files they are views of may be temporary."""
    return {name: np.array(array, np.float32) for name, array in weights.items()}
