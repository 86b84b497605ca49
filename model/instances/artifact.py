"""A Mask R-CNN's model directory.

    hyperparams.json    algorithm: the network's name; optional: short, max_size, num_classes
    model_best.params   GluonCV's weights (model/instances/gluon.py)
    classes.json        names and colours, optional (model/classes.py)
    graphs/             the network converted, optional (model/instances/convert.py)

`short` and `max_size` are pixels, 800 and 1333 where they are left out: what GluonCV's networks
carry under these names. `num_classes` counts things, without a background.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from model.artifact import WEIGHT_FILES, weights_file_in
from model.classes import FILE_NAME as CLASSES_FILE
from model.classes import Classes, read_classes
from model.errors import ArtifactError
from model.hyperparams import FILE_NAME
from model.instances import gluon
from model.instances.layers import Layers
from model.instances.network import Network, Resizing, network_of
from model.json_file import read_json_object
from model.params import read_params

PREFIX = "mask_rcnn"
MIN_SIDE, MAX_SIDE = 32, 4096


@dataclass(frozen=True)
class InstanceArtifact:
    """A model directory that was read and is consistent in itself."""

    folder: Path
    network: Network
    resizing: Resizing
    weights_file: Path
    weights: Mapping[str, NDArray[Any]]
    """Read-only views of the file, by GluonCV's names."""
    classes: int
    named: Classes | None
    """What the classes are called, where the artifact says so."""

    @property
    def algorithm_name(self) -> str:
        """As hyperparams.json spells it, or nearly so."""
        return self.network.name

    @property
    def backbone_name(self) -> str:
        """GluonCV's."""
        return self.network.backbone.name

    @property
    def weights_files(self) -> tuple[Path, ...]:
        """All that the weights are read from."""
        return (self.weights_file,)

    @property
    def title(self) -> str:
        """Such as `mask_rcnn_fpn_resnet50_v1b_coco with 80 classes`."""
        return f"{self.network.name} with {self.classes} classes"

    def layers(self) -> Layers:
        """Every layer, checked and float32.

        Raises:
            ArtifactError: one is missing, of another shape or not finite, or there is one more.
        """
        try:
            return gluon.layers_of(self.network, self.weights)
        except ArtifactError as err:
            msg = f"{self.weights_file.name}: {err}"
            raise ArtifactError(msg) from err


def has_instances(folder: Path) -> bool:
    """Whether a model directory names a Mask R-CNN.

    Raises:
        ArtifactError: its hyperparams.json is missing or no JSON object.
    """
    name = str(read_json_object(folder / FILE_NAME).get("algorithm", ""))
    return name.strip().strip('"').lower().replace("-", "_").startswith(PREFIX)


def read_instance_artifact(folder: Path) -> InstanceArtifact:
    """Read a Mask R-CNN's model directory; its layers are not looked at yet.

    Raises:
        ArtifactError: a file is missing, damaged, or two of them contradict each other.
    """
    told = read_json_object(folder / FILE_NAME)
    try:
        network = network_of(str(told.get("algorithm", "")))
    except ArtifactError as err:
        msg = f"{FILE_NAME}: {err}"
        raise ArtifactError(msg) from err
    path = weights_file_in(folder, WEIGHT_FILES)
    weights, classes = _weights(path, network)
    if _number(told, "num_classes", classes, 1, 10**9) != classes:
        msg = f"{path.name} tells {classes} classes apart, {FILE_NAME} says {told['num_classes']}"
        raise ArtifactError(msg)
    return InstanceArtifact(
        folder=folder,
        network=network,
        resizing=_resizing(told, network.rules.resizing),
        weights_file=path,
        weights=weights,
        classes=classes,
        named=read_classes(folder / CLASSES_FILE, classes),
    )


def _weights(path: Path, network: Network) -> tuple[Mapping[str, NDArray[Any]], int]:
    try:
        weights = gluon.own_names(read_params(path))
        return weights, gluon.class_count(network, weights)
    except ArtifactError as err:
        msg = str(err) if str(err).startswith(path.name) else f"{path.name}: {err}"
        raise ArtifactError(msg) from err


def _resizing(told: Mapping[str, object], usual: Resizing) -> Resizing:
    short = _number(told, "short", usual.short, MIN_SIDE, MAX_SIDE)
    longest = _number(told, "max_size", max(usual.longest, short), MIN_SIDE, MAX_SIDE)
    if longest < short:
        msg = f"{FILE_NAME}: max_size {longest} is less than short {short}"
        raise ArtifactError(msg)
    return Resizing(short, longest)


def _number(told: Mapping[str, object], key: str, usual: int, least: int, most: int) -> int:
    text = str(told.get(key, "")).strip().strip('"')
    if not text:
        return usual
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:  # noqa: PLR2004
        return int(text)
    msg = f"{FILE_NAME}: {key} is {text[:80]!r}; it must be a whole number from {least} to {most}"
    raise ArtifactError(msg)
