"""Mask R-CNN artifacts with seeded, decisive weights, and GluonCV itself to compare with.

Untrained weights find everything everywhere, or nothing. Here the backbone's statistics are those
of a real photo, and each head is scaled until what it says varies: a few regions are things, most
are background, masks have an inside and an outside.
"""

import contextlib
import importlib
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.instances.networks import NETWORKS
from tests.artifacts import photo_pixels

MAX_DETECTIONS = 100
_SIZE = (160, 224)
_FEW = 50  # regions, while weights are scaled


@dataclass(frozen=True)
class Recipe:
    """Which network to write, and how."""

    name: str = "mask_rcnn_fpn_resnet50_v1b_coco"
    short: int = 160
    max_size: int = 256
    seed: int = 7
    background: float = 4.0
    """Logits that the background is ahead; a thing's have a standard deviation of 3."""
    regions: int = 1000
    """That the box head sees; 1000 in GluonCV's networks."""

    @property
    def hyperparams(self) -> dict[str, str]:
        """What hyperparams.json says."""
        return {
            "algorithm": self.name,
            "short": str(self.short),
            "max_size": str(self.max_size),
        }


def write_mask_rcnn(folder: Path, recipe: Recipe) -> Any:
    """Write hyperparams.json and model_best.params; returns GluonCV's network."""
    with sound_pooling():
        network = _decisive(recipe)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hyperparams.json").write_text(json.dumps(recipe.hyperparams))
    network.save_parameters(str(folder / "model_best.params"))
    return network


def normalized(image: NDArray[np.uint8]) -> Any:
    """(H, W, 3) → MXNet's (1, 3, H, W), by GluonCV's own steps."""
    tensor = mx.nd.image.to_tensor(mx.nd.array(image, dtype="uint8"))
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    return mx.nd.image.normalize(tensor, mean=mean, std=std).expand_dims(0)


def reference(network: Any, recipe: Recipe) -> Callable[[NDArray[np.uint8]], tuple[Any, ...]]:
    """GluonCV on a photo, its preprocessing included: ids, scores, boxes in the photo, masks."""
    transforms = importlib.import_module("gluoncv.data.transforms.image")

    def found(image: NDArray[np.uint8]) -> tuple[Any, ...]:
        photo = mx.nd.array(image, dtype="uint8")
        seen = transforms.resize_short_within(photo, recipe.short, recipe.max_size, interp=1)
        with sound_pooling():
            outputs = network(normalized(seen.asnumpy()))
            ids, scores, boxes, masks = (output.asnumpy()[0] for output in outputs)
        scale = [image.shape[1] / seen.shape[1], image.shape[0] / seen.shape[0]] * 2
        boxes = boxes * np.array(scale)
        within = np.clip(boxes, 0, [image.shape[1], image.shape[0]] * 2)
        # Where it has too few regions GluonCV goes on with boxes at -1, -1: they are no things.
        real = (ids[:, 0] >= 0) & np.all(within[:, 2:] > within[:, :2], axis=1)
        return ids[real, 0], scores[real, 0], boxes[real], masks[real]

    return found


@contextlib.contextmanager
def sound_pooling() -> Iterator[None]:
    """MXNet 1.9.1's ROIAlign leaves a region that it is to skip as it finds it in memory.

    Its code for the CPU should write zeros there and writes one, into another region. GluonCV skips
    the regions of other levels and sums, so what it answers on a CPU is not even the same twice.
    Here they are not shown to the operator, and zeros.
    """
    original = mx.nd.contrib.ROIAlign

    def sound(features: Any, regions: Any, *arguments: Any, **more: Any) -> Any:
        (places,) = np.nonzero(regions[:, 0].asnumpy() >= 0)
        size = arguments[0]
        pooled = mx.nd.zeros((len(regions), features.shape[1], *size))
        if len(places):
            index = mx.nd.array(places)
            pooled[index] = original(features, mx.nd.take(regions, index), *arguments, **more)
        return pooled

    mx.nd.contrib.ROIAlign = sound
    try:
        yield
    finally:
        mx.nd.contrib.ROIAlign = original


def construct(name: str) -> Any:
    """GluonCV's network, without weights."""
    models = importlib.import_module("gluoncv.model_zoo.rcnn.mask_rcnn.predefined_models")
    with mx.name.NameManager(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of types inferred later, of counting GPUs
        network = getattr(models, name)(pretrained_base=False)
    network._rcnn_max_dets = MAX_DETECTIONS
    return network


def _decisive(recipe: Recipe) -> Any:
    network = construct(recipe.name)
    rng = np.random.default_rng(recipe.seed)
    mx.random.seed(recipe.seed)
    network.initialize()
    photo = normalized(photo_pixels(*_SIZE))
    many = network._rpn_test_post_nms
    _look_at(network, _FEW)
    network(photo)[0].wait_to_read()  # settles the shapes that GluonCV leaves open
    parameters = network._collect_params_with_prefix()
    backbone = _backbone(recipe, photo, rng)
    for name, parameter in parameters.items():
        if parameter.name in backbone:
            parameter.set_data(backbone[parameter.name])
        else:
            _fill(name, parameter, rng)
    _scale_maps(network, parameters, photo)
    _scale_heads(network, recipe, photo)
    _look_at(network, min(many, recipe.regions))
    return network


def _look_at(network: Any, regions: int) -> None:
    """Of how many regions GluonCV asks its heads."""
    network._rpn_test_post_nms = network.rpn._test_post_nms = regions


def _backbone(recipe: Recipe, photo: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Weights of a ResNet whose statistics are the photo's, by their global names."""
    resnets = importlib.import_module("gluoncv.model_zoo.resnetv1b")
    backbone = NETWORKS[recipe.name].backbone
    chosen: dict[str, Any] = {}
    if "syncbn" in recipe.name:
        chosen["norm_layer"] = mx.gluon.contrib.nn.SyncBatchNorm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # as above
        block = getattr(resnets, backbone.name)(dilated=False, **chosen)
    block.initialize(mx.init.MSRAPrelu())
    block.apply(_remember_last_batch)
    block(photo).wait_to_read()
    for name, parameter in block._collect_params_with_prefix().items():
        last = "bn3.gamma" if backbone.bottleneck else "bn2.gamma"
        if name.endswith(last):
            parameter.set_data(mx.nd.array(rng.uniform(0.1, 0.3, parameter.shape)))
        elif name.endswith("gamma"):
            parameter.set_data(mx.nd.array(rng.uniform(0.5, 1.5, parameter.shape)))
        elif name.endswith("beta"):
            parameter.set_data(mx.nd.array(rng.normal(0, 0.3, parameter.shape)))
    with mx.autograd.record():
        total = block(photo).sum()
    total.backward()
    return {name: parameter.data() for name, parameter in block.collect_params().items()}


def _remember_last_batch(layer: Any) -> None:
    if "momentum" in getattr(layer, "_kwargs", {}):
        layer._kwargs["momentum"] = 0.0


def _fill(name: str, parameter: Any, rng: np.random.Generator) -> None:
    shape = parameter.shape
    if name.endswith("weight"):
        fan = int(np.prod(shape[1:]))
        values = rng.normal(0, np.sqrt(2 / fan), shape)
        if name.startswith("mask"):  # as smooth as masks are: every convolution blurs
            values = np.broadcast_to(values.mean(axis=(2, 3), keepdims=True), shape)
        parameter.set_data(mx.nd.array(values))
    elif name.endswith(("bias", "beta", "mean")):
        parameter.set_data(mx.nd.array(rng.normal(0, 0.1, shape)))
    elif name.endswith(("gamma", "var")):
        parameter.set_data(mx.nd.array(rng.uniform(0.7, 1.4, shape)))


def _scale_maps(network: Any, parameters: Any, photo: Any) -> None:
    """So that each map of a pyramid has a standard deviation of 1."""
    if "features.P2_conv1_weight" not in parameters:
        return
    for level, tensor in enumerate(network.features(photo), 2):
        for part in ("weight", "bias"):
            parameter = parameters[f"features.P{level}_conv1_{part}"]
            parameter.set_data(parameter.data() / _spread(tensor))


def _scale_heads(network: Any, recipe: Recipe, photo: Any) -> None:
    """One after the other, for each sees what the last one let through."""
    rpn = network.rpn.rpn_head if hasattr(network.rpn, "rpn_head") else network.rpn
    for layer, spread in (
        (rpn.score, 3.0),
        (rpn.loc, 0.4),
        (network.class_predictor, 3.0),
        (network.box_predictor, 1.0),
        (network.mask.mask, 3.0),
    ):
        _scale(layer, spread, network, photo)
    bias = network.class_predictor.bias
    ahead = np.zeros(bias.shape, np.float32)
    ahead[0] = recipe.background
    bias.set_data(bias.data() + mx.nd.array(ahead))


def _scale(layer: Any, spread: float, network: Any, photo: Any) -> None:
    seen: list[Any] = []
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(output))
    network(photo)[0].wait_to_read()
    hook.detach()
    bias = layer.bias.data()
    shape = (1, -1) + (1,) * (seen[0].ndim - 2)
    largest = max(seen, key=lambda output: output.size)
    layer.weight.set_data(layer.weight.data() * (spread / _spread(largest - bias.reshape(shape))))


def _spread(tensor: Any) -> float:
    values = tensor.asnumpy()
    axes = (0, *range(2, values.ndim))
    return float((values - values.mean(axis=axes, keepdims=True)).std())
