"""Artifacts with seeded weights, in the built-in algorithm's layout.

Untrained weights answer the same everywhere and hide faults, so these are made decisive: batch
statistics are those of a real photo, shaken; the last convolution is scaled until the logits vary
over the photo with a standard deviation of 3 or more.
"""

import contextlib
import importlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.algorithms import ALGORITHMS
from model.preprocess import normalize

PHOTO = Path("demo/photos/chelsea.jpg")
_SIDE = 96
_SPREAD = 6.0


@dataclass(frozen=True)
class Recipe:
    """Which network to write, and how."""

    algorithm: str
    backbone: str = "resnet-50"
    classes: int = 5
    crop_size: int = 128
    aux: bool = True
    seed: int = 7

    @property
    def hyperparams(self) -> dict[str, str]:
        """As the built-in algorithm writes them: all strings."""
        return {
            "algorithm": self.algorithm,
            "backbone": self.backbone,
            "num_classes": str(self.classes),
            "crop_size": str(self.crop_size),
        }


def construct(recipe: Recipe, crop_size: int) -> Any:
    """GluonCV's network, without weights."""
    algorithm = ALGORITHMS[recipe.algorithm]
    module, name = algorithm.network.split(".")
    network = getattr(importlib.import_module(f"gluoncv.model_zoo.{module}"), name)
    backbone = recipe.backbone.replace("-", "")
    chosen = {} if algorithm.backbones == ("none",) else {"backbone": backbone}
    aux = recipe.aux and bool(algorithm.aux)
    with contextlib.redirect_stdout(io.StringIO()), mx.name.NameManager():
        return network(
            recipe.classes, aux=aux, pretrained_base=False, crop_size=crop_size, **chosen
        )


def write_artifact(folder: Path, recipe: Recipe) -> Any:
    """Write hyperparams.json and model_best.params; returns the block that wrote them."""
    block = _decisive(recipe)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hyperparams.json").write_text(json.dumps(recipe.hyperparams))
    block.save_parameters(str(folder / "model_best.params"))
    return block


def reference(folder: Path, recipe: Recipe, crop_size: int) -> Callable[[NDArray[np.uint8]], Any]:
    """GluonCV itself on the artifact, loaded strictly: image → logits (C, H, W)."""
    block = construct(recipe, crop_size)
    block.load_parameters(str(folder / "model_best.params"))
    free = recipe.algorithm in {"fcn", "psp", "deeplab", "danet"}

    def logits(image: NDArray[np.uint8]) -> Any:
        photo = mx.nd.array(normalize(image))
        out = block.predict(photo) if free else block(photo)
        return (out[0] if isinstance(out, (tuple, list)) else out).asnumpy()[0]

    return logits


def softmax(logits: Any) -> Any:
    """(C, H, W) logits → probabilities over the classes, in double precision."""
    exp = np.exp(logits.astype(np.float64) - logits.max(axis=0))
    return exp / exp.sum(axis=0)


def photo_pixels(height: int, width: int) -> NDArray[np.uint8]:
    """(height, width, 3) of a real photo, scaled."""
    with Image.open(PHOTO) as photo:
        return np.asarray(photo.resize((width, height), Image.Resampling.BICUBIC))


def _decisive(recipe: Recipe) -> Any:
    block = construct(recipe, _SIDE)
    rng = np.random.default_rng(recipe.seed)
    mx.random.seed(recipe.seed)
    block.initialize(mx.init.MSRAPrelu(), force_reinit=True)
    block.apply(_remember_last_batch)
    photo = normalize(photo_pixels(2 * _SIDE, 2 * _SIDE))
    quarters = [photo[:, :, i : i + _SIDE, j : j + _SIDE] for i in (0, _SIDE) for j in (0, _SIDE)]
    batch = mx.nd.array(np.concatenate(quarters))
    block(batch)  # settles the shapes that GluonCV leaves open
    for name, parameter in block._collect_params_with_prefix().items():
        _fill(name, parameter, rng)
    with mx.autograd.record():
        total = mx.nd.add_n(*[out.sum() for out in block(batch)])
    total.backward()  # MXNet updates the running statistics here
    for parameter in block.collect_params().values():
        _shake(parameter, rng)
    logits = block(batch)[0].asnumpy()
    spread = (logits - logits.mean(axis=(0, 2, 3), keepdims=True)).std()
    weight, bias = _classifier(block, recipe)
    weight.set_data(weight.data() * float(_SPREAD / spread))
    if bias is not None:
        bias.set_data(mx.nd.array(rng.normal(0, 1, bias.shape)))
    return block


def _remember_last_batch(layer: Any) -> None:
    if isinstance(layer, mx.gluon.nn.BatchNorm):
        layer._kwargs["momentum"] = 0.0


def _fill(name: str, parameter: Any, rng: np.random.Generator) -> None:
    if name.endswith("bn3.gamma"):  # a residual's last: as small as training makes it, or the
        # network is chaotic and multiplies every rounding error on its way
        parameter.set_data(mx.nd.array(rng.uniform(0.1, 0.3, parameter.shape)))
    elif name.endswith("gamma"):
        parameter.set_data(mx.nd.array(rng.uniform(0.5, 1.5, parameter.shape)))
    elif name.endswith(("beta", "bias")):
        parameter.set_data(mx.nd.array(rng.normal(0, 0.3, parameter.shape)))


def _shake(parameter: Any, rng: np.random.Generator) -> None:
    if parameter.name.endswith(("running_mean", "running_var")):
        factors = mx.nd.array(rng.uniform(0.8, 1.25, parameter.shape))
        parameter.set_data(parameter.data() * factors + 1e-3)


def _classifier(block: Any, recipe: Recipe) -> tuple[Any, Any]:
    parameters = block._collect_params_with_prefix()
    name = ALGORITHMS[recipe.algorithm].classifier[0]
    return parameters[name], parameters.get(name.replace("weight", "bias"))
