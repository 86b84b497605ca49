"""A Mask R-CNN's model directory.

    hyperparams.json    algorithm: the network's name; optional: short, max_size, num_classes
    model_best.params   GluonCV's weights (model/instances/gluon.py), or
    model-<step>.index, model-<step>.data-...    TensorPack's, a TensorFlow checkpoint, or
    *.npz               the same as NumPy arrays (model/instances/tensorpack.py)
    classes.json        names and colours, optional (model/classes.py)
    graphs/             the network converted, optional (model/instances/convert.py)

`short` and `max_size` are pixels, 800 and 1333 where they are left out: what GluonCV's networks
carry under these names. `num_classes` counts things, without a background. TensorPack wrote no
hyperparams.json: what it would say can be told from outside (`told`), and is overruled by the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from model.artifact import WEIGHT_FILES, weights_file_in
from model.classes import FILE_NAME as CLASSES_FILE
from model.classes import Classes, read_classes
from model.errors import ArtifactError
from model.hyperparams import FILE_NAME
from model.instances import gluon, tensorpack
from model.instances.arrays import Arrays
from model.instances.layers import Layers
from model.instances.network import Network, Resizing
from model.instances.networks import TENSORPACK, network_of
from model.json_file import read_json_object
from model.params import read_params

PREFIX = "mask_rcnn"
MIN_SIDE, MAX_SIDE = 32, 4096


@dataclass(frozen=True)
class InstanceArtifact:
    """A model directory that was read and is consistent in itself."""

    folder: Path
    network: Network
    resizing: Resizing | None
    """None: the network sees photos at their own size."""
    weights_files: tuple[Path, ...]
    """All that the weights are read from."""
    weights: Arrays
    """By the names of GluonCV or TensorPack."""
    classes: int
    named: Classes | None
    """What the classes are called, where the artifact says so."""
    told: Mapping[str, str]
    """What was told from outside of what hyperparams.json may say."""

    @property
    def algorithm_name(self) -> str:
        """As hyperparams.json spells it, or nearly so."""
        return self.network.name

    @property
    def backbone_name(self) -> str:
        """GluonCV's."""
        return self.network.backbone.name

    @property
    def weights_file(self) -> Path:
        """The file that names them."""
        return self.weights_files[0]

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
            if self.network.family == "gluoncv":
                return gluon.layers_of(self.network, self.weights)
            return tensorpack.layers_of(self.network, self.weights)
        except ArtifactError as err:
            msg = f"{self.weights_file.name}: {err}"
            raise ArtifactError(msg) from err


NOTHING: Mapping[str, str] = {}
_WHOSE = (
    f"SEG_ALGORITHM, or algorithm in {FILE_NAME}, may be mask_rcnn_tensorpack or "
    "mask_rcnn_aws_samples"
)


def has_instances(folder: Path, told: Mapping[str, str] = NOTHING) -> bool:
    """Whether a model directory names a Mask R-CNN.

    Args:
        folder: the directory.
        told: what its hyperparams.json would say where that is missing or silent.

    Raises:
        ArtifactError: its hyperparams.json is no JSON object; or has no algorithm, nor is one told,
            where the weights are of a family that does not write it.
    """
    name = _said(folder).get("algorithm")
    if name is None:
        if not tensorpack.has_weights(folder) or _has_params(folder):
            return False
        if "algorithm" not in told:
            msg = f"whose network this is, the weights do not say: {_WHOSE}"
            raise ArtifactError(msg)
        return True
    return str(name).strip().strip('"').lower().replace("-", "_").startswith(PREFIX)


def _has_params(folder: Path) -> bool:
    return any((folder / name).is_file() for name in WEIGHT_FILES)


def read_instance_artifact(folder: Path, told: Mapping[str, str] = NOTHING) -> InstanceArtifact:
    """Read a Mask R-CNN's model directory; its layers are not looked at yet.

    Args:
        folder: the directory.
        told: what its hyperparams.json would say where that is missing or silent: `algorithm`,
            `short`, `max_size`; and `resnet_arch`, of TensorPack's, as RESNET_ARCH spells it.

    Raises:
        ArtifactError: a file is missing, damaged, or two of them contradict each other.
    """
    values = said_of(folder, told)
    try:
        network = network_of(str(values.get("algorithm", "")))
    except ArtifactError as err:
        msg = f"{FILE_NAME}: {err}"
        raise ArtifactError(msg) from err
    if network.family != "gluoncv":
        files = tensorpack.weight_files(folder)
    else:
        files = (weights_file_in(folder, WEIGHT_FILES),)
    network, weights, classes = _weights(files[0], network, values)
    if _number(values, "num_classes", classes, 1, 10**9) != classes:
        said = f"{FILE_NAME} says {values['num_classes']}"
        msg = f"{files[0].name} tells {classes} classes apart, {said}"
        raise ArtifactError(msg)
    return InstanceArtifact(
        folder=folder,
        network=network,
        resizing=_resizing(values, network.rules.resizing),
        weights_files=files,
        weights=weights,
        classes=classes,
        named=read_classes(folder / CLASSES_FILE, classes),
        told=told,
    )


def said_of(folder: Path, told: Mapping[str, str]) -> dict[str, object]:
    """What hyperparams.json says of a network, and what was told where it is silent.

    Raises:
        ArtifactError: the file is no JSON object.
    """
    return {**told, **_said(folder)}


def _said(folder: Path) -> dict[str, object]:
    """Null and empty texts are the same as nothing, and so is no file."""
    path = folder / FILE_NAME
    values = read_json_object(path) if path.exists() else {}
    return {name: value for name, value in values.items() if value not in (None, "")}


def _weights(
    path: Path, network: Network, values: Mapping[str, object]
) -> tuple[Network, Arrays, int]:
    try:
        if network.family != "gluoncv":
            weights = tensorpack.read_arrays(path)
            arch = values.get("resnet_arch")
            network = tensorpack.on_backbone(network, weights, None if arch is None else str(arch))
            return network, weights, tensorpack.class_count(network, weights)
        weights = gluon.own_names(read_params(path))
        return network, weights, gluon.class_count(network, weights)
    except ArtifactError as err:
        msg = str(err) if str(err).startswith(path.name) else f"{path.name}: {err}"
        raise ArtifactError(msg) from err


def _resizing(values: Mapping[str, object], usual: Resizing | None) -> Resizing | None:
    if usual is None and not {"short", "max_size"} & values.keys():
        return None
    start = usual or TENSORPACK.resizing or Resizing(800, 1344)
    short = _number(values, "short", start.short, MIN_SIDE, MAX_SIDE)
    longest = _number(values, "max_size", max(start.longest, short), MIN_SIDE, MAX_SIDE)
    if longest < short:
        msg = f"{FILE_NAME}: max_size {longest} is less than short {short}"
        raise ArtifactError(msg)
    return replace(start, short=short, longest=longest)


def _number(told: Mapping[str, object], key: str, usual: int, least: int, most: int) -> int:
    text = str(told.get(key, "")).strip().strip('"')
    if not text:
        return usual
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:  # noqa: PLR2004
        return int(text)
    msg = f"{FILE_NAME}: {key} is {text[:80]!r}; it must be a whole number from {least} to {most}"
    raise ArtifactError(msg)
