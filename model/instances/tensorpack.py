"""TensorPack's names for a Mask R-CNN's layers, and AWS Samples', which are the same.

    conv0/W, conv0/bn/gamma, .../beta, .../mean/EMA, .../variance/EMA
    group0..3/block0../conv1..3/W and bn, group0..3/block0/convshortcut/W and bn
    fpn/lateral_1x1_c2..5, fpn/posthoc_3x3_p2..5, rpn/conv0, rpn/class, rpn/box: W and b
    fastrcnn/fc6, fc7, outputs/class, outputs/box, maskrcnn/fcn0..3, deconv, conv: W and b

Convolutions are (height, width, in, out), the transposed one (height, width, out, in), dense layers
(in, out); the network takes BGR; deltas are those of the background too. Rows of fc6 are in the
order channels, rows, columns in TensorPack and rows, columns, channels in AWS Samples: nothing in a
file says which, the network's name does. Sources: tensorpack `examples/FasterRCNN` (modeling,
convert_d2), `tensorpack/tfutils/varmanip.py`; aws-samples/mask-rcnn-tensorflow.
"""

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.instances.arrays import Arrays, classes_by, expect_none, taken
from model.instances.checkpoint import data_files, newest_index, read_checkpoint
from model.instances.layers import Layer, Layers, deviation, folded, shapes_of
from model.instances.network import MAP_CHANNELS, Backbone, Network
from model.instances.networks import RESNET50, RESNET101

MAX_NPZ_BYTES = 4 << 30
SCORES = "fastrcnn/outputs/class/b"
_EPSILON = 1e-5
_OF_NETWORK = re.compile(
    r"(conv0|group\d|fpn|rpn|fastrcnn|maskrcnn)/(.*/)?(W|b|gamma|beta|mean/EMA|variance/EMA)"
)
_LAST_OF_101 = "group2/block22/conv1/W"
_NAMES = {
    "rpn.hidden": "rpn/conv0",
    "rpn.scores": "rpn/class",
    "rpn.deltas": "rpn/box",
    "box.hidden.0": "fastrcnn/fc6",
    "box.hidden.1": "fastrcnn/fc7",
    "box.scores": "fastrcnn/outputs/class",
    "box.deltas": "fastrcnn/outputs/box",
    "mask.upscale": "maskrcnn/deconv",
    "mask.masks": "maskrcnn/conv",
}


def has_weights(folder: Path) -> bool:
    """Whether something here may be weights of these families."""
    return any(next(folder.glob(pattern), None) for pattern in ("model-*.index", "*.npz"))


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The newest checkpoint's index and data, or the one `.npz` where there is no checkpoint.

    Raises:
        ArtifactError: there is neither, or several `.npz`.
    """
    index = newest_index(folder)
    if index is not None:
        return (index, *data_files(index))
    archives = sorted(path for path in folder.glob("*.npz") if path.is_file())
    if len(archives) == 1:
        return (archives[0],)
    found = ", ".join(path.name for path in archives[:5]) or "none"
    msg = (
        "the model directory has no checkpoint, model-<step>.index beside its data,"
        f" and not one .npz: found {found}"
    )
    raise ArtifactError(msg)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What a network needs of a checkpoint, by its index, or of a `.npz`: all else is training's.

    Raises:
        ArtifactError: the file cannot be read.
    """
    if path.suffix == ".index":
        return read_checkpoint(path, lambda name: bool(_OF_NETWORK.fullmatch(name)))
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_NPZ_BYTES:
            msg = f"{path.name} unpacks to more than {MAX_NPZ_BYTES} bytes"
            raise ArtifactError(msg)
        with np.load(path, allow_pickle=False) as stored:
            names = {name.removesuffix(":0"): name for name in stored.files}
            found = {own: stored[names[own]] for own in names if _OF_NETWORK.fullmatch(own)}
    except ArtifactError:
        raise
    except Exception as err:  # of zipfile, of each compression, of Python's parser, of numpy
        msg = f"{path.name} is no NumPy archive of arrays, damaged, or too large for the memory"
        raise ArtifactError(msg) from err
    for own, array in found.items():
        if not isinstance(array, np.ndarray):  # a member whose name does not end in .npy
            msg = f"{path.name}: {own!r} is no array"
            raise ArtifactError(msg)
    return found


def on_backbone(network: Network, arrays: Arrays, told: str | None) -> Network:
    """The network on the ResNet that the weights are of.

    Args:
        network: as named.
        arrays: its weights.
        told: what `resnet_arch` says, or RESNET_ARCH: `resnet50` or `resnet101`; None: nothing.

    Raises:
        ArtifactError: it says something else, or the weights are of another.
    """
    found = RESNET101 if _LAST_OF_101 in arrays else RESNET50
    if told is not None and re.sub("[-_]", "", told.strip().lower()) != _plain(found):
        allowed = f"resnet50 or resnet101; the weights are of {_plain(found)}"
        msg = f"resnet_arch is {told[:80]!r}, it may be {allowed}"
        raise ArtifactError(msg)
    return replace(network, backbone=found)


def class_count(network: Network, arrays: Arrays) -> int:
    """Things the network tells apart."""
    return classes_by(arrays, SCORES, network.name)


def layers_of(network: Network, arrays: Arrays) -> Layers:
    """Every layer, as `model.instances.layers` has it.

    Raises:
        ArtifactError: an array is missing, not known, of another shape, no number or not finite.
    """
    left = dict(arrays)
    hidden = left.get("rpn/conv0/b", np.empty(0))
    shapes = shapes_of(network, class_count(network, arrays), len(hidden))
    layers = {name: _layer(left, network, name, shape) for name, shape in shapes.items()}
    expect_none(left, network.name)
    stem = layers["stem.0"]
    layers["stem.0"] = Layer(np.ascontiguousarray(stem.weight[:, ::-1]), stem.bias)  # RGB
    return layers


def name_of(layer: str) -> str:
    """How the names of a layer's arrays begin."""
    part, *numbers = layer.split(".")
    if part == "stem":
        return "conv0"
    if part.startswith("stage"):
        block, convolution = numbers
        own = "convshortcut" if convolution == "shortcut" else f"conv{int(convolution) + 1}"
        return f"group{int(part[-1]) - 1}/block{block}/{own}"
    if part.startswith(("lateral", "smooth")):
        kind = "lateral_1x1_c" if part.startswith("lateral") else "posthoc_3x3_p"
        return f"fpn/{kind}{part[-1]}"
    if layer.startswith("mask.hidden"):
        return f"maskrcnn/fcn{numbers[-1]}"
    return _NAMES[layer]


def _layer(
    left: dict[str, NDArray[Any]], network: Network, layer: str, shape: tuple[int, ...]
) -> Layer:
    name = name_of(layer)
    if layer.startswith(("stem", "stage")):
        weight = _convolution(left, name, shape)
        return folded(Layer(weight, np.zeros(shape[0], np.float32)), _norm(left, name, shape[:1]))
    if layer == "box.deltas":
        return _deltas(left, name, shape)
    if len(shape) == 2:  # noqa: PLR2004  # dense
        weight = taken(left, f"{name}/W", shape[::-1]).T
        if layer == "box.hidden.0" and network.family == "aws_samples":
            weight = _channels_first(weight, network.box_cells)
        return Layer(weight, taken(left, f"{name}/b", shape[:1]))
    outputs = shape[1:2] if layer == "mask.upscale" else shape[:1]
    return Layer(_convolution(left, name, shape), taken(left, f"{name}/b", outputs))


def _convolution(
    left: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """(height, width, second, first) → (first, second, height, width), whichever of them is out."""
    first, second, height, width = shape
    weight = taken(left, f"{name}/W", (height, width, second, first))
    return np.ascontiguousarray(weight.transpose(3, 2, 0, 1))


def _norm(
    left: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], ...]:
    parts = ("gamma", "beta", "mean/EMA", "variance/EMA")
    gamma, beta, mean, variance = (taken(left, f"{name}/bn/{part}", shape) for part in parts)
    return gamma / deviation(variance, _EPSILON, f"{name}/bn/{parts[3]}"), beta, mean


def _deltas(left: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> Layer:
    """The background's, which come first, are left out."""
    outputs, inputs = shape
    weight = taken(left, f"{name}/W", (inputs, outputs + 4)).T
    return Layer(weight[4:], taken(left, f"{name}/b", (outputs + 4,))[4:])


def _channels_first(weight: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    outputs, inputs = weight.shape
    cells = weight.reshape(outputs, side, side, MAP_CHANNELS)
    return cells.transpose(0, 3, 1, 2).reshape(outputs, inputs)


def _plain(backbone: Backbone) -> str:
    return backbone.name.partition("_")[0]
