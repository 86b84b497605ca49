"""GluonCV's names for a Mask R-CNN's layers, and what their arrays make.

Two spellings: that of `save_parameters`, by structure (`rpn.rpn_head.score.weight`), in which a
pyramid's backbone alone keeps its symbol's names (`features.resnetv1b_layers1_conv0_weight`); and
the exporter's, by global names (`arg:maskrcnn0_rpn0_rpnhead0_conv1_weight`). Sources: GluonCV
0.10.5 `model_zoo/rcnn`, `nn/feature.py`.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.instances.arrays import Arrays, classes_by, expect_none, taken
from model.instances.layers import Layer, Layers, deviation, folded, shapes_of
from model.instances.network import Network

Stems = tuple[str, str | None]
"""How the names of a layer's arrays begin, and those of the normalisation that follows."""

_EPSILON = 1e-5
_SYMBOL_EPSILON = 1e-3  # in a pyramid it is MXNet's bare operator, which takes every gamma for 1
_ANCHORS = re.compile(r"rpn\.anchor_generator\.(\d\.)?anchors|.*rpnanchorgenerator\d+_anchor_")


def own_names(stored: Arrays) -> dict[str, NDArray[Any]]:
    """Without the exporter's `arg:`, `aux:` and the counters of all that one process ever built."""
    names = {re.sub(r"^(arg:|aux:)?(maskrcnn\d+_)?", _kept, name): name for name in stored}
    found = [re.match(r"dense(\d+)_", name) for name in names]
    counters = sorted({int(each[1]) for each in found if each})
    places = {f"dense{counter}_": f"dense{place}_" for place, counter in enumerate(counters)}
    own = {re.sub(r"^dense\d+_", lambda found: places[found[0]], name): name for name in names}
    if len(own) < len(stored):
        msg = "two arrays have the same name but for what the exporter adds to it"
        raise ArtifactError(msg)
    return {short: stored[names[name]] for short, name in own.items()}


def class_count(network: Network, arrays: Arrays) -> int:
    """Things the network tells apart, by its last layer.

    Raises:
        ArtifactError: it is not there.
    """
    name = f"{_stems(network, 'box.scores', exported=_is_exported(arrays))[0]}bias"
    return classes_by(arrays, name, network.name)


def layers_of(network: Network, arrays: Arrays) -> Layers:
    """Every layer, its shape checked, its normalisation folded in.

    Args:
        network: whose.
        arrays: by `own_names`.

    Raises:
        ArtifactError: an array is missing, not known, of another shape, no number or not finite.
    """
    exported = _is_exported(arrays)
    left = {name: array for name, array in arrays.items() if not _ANCHORS.fullmatch(name)}
    hidden = left.get(f"{_stems(network, 'rpn.hidden', exported=exported)[0]}bias", np.empty(0))
    shapes = shapes_of(network, class_count(network, arrays), len(hidden))
    layers = {}
    for name, shape in shapes.items():
        layers[name] = _layer(left, name, shape, _stems(network, name, exported=exported))
    expect_none(left, network.name)
    return layers


def _kept(found: re.Match[str]) -> str:
    """The network's own layers are kept apart: they are called dense0 and so on as well."""
    return "own_" if found[2] else ""


def _is_exported(arrays: Arrays) -> bool:
    return not any("." in name for name in arrays)


def _layer(left: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...], stems: Stems) -> Layer:
    stem, norm = stems
    axis = 1 if name == "mask.upscale" else 0
    outputs = (shape[axis],)
    weight = taken(left, f"{stem}weight", shape)
    has_bias = norm is None or f"{stem}bias" in left  # of a ResNet's convolutions none has
    bias = taken(left, f"{stem}bias", outputs) if has_bias else np.zeros(outputs, np.float32)
    layer = Layer(weight, bias)
    return layer if norm is None else folded(layer, _norm(left, norm, outputs), axis=axis)


def _norm(
    left: dict[str, NDArray[Any]], stem: str, shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], ...]:
    is_symbol = f"{stem}moving_mean" in left
    kind, epsilon = ("moving", _SYMBOL_EPSILON) if is_symbol else ("running", _EPSILON)
    gamma, beta = (taken(left, f"{stem}{part}", shape) for part in ("gamma", "beta"))
    mean, variance = (taken(left, f"{stem}{kind}_{part}", shape) for part in ("mean", "var"))
    if is_symbol:
        gamma = np.ones_like(gamma)
    return gamma / deviation(variance, epsilon, f"{stem}{kind}_var"), beta, mean


def _stems(network: Network, name: str, *, exported: bool) -> Stems:
    part, *rest = name.split(".")
    if part.startswith(("stem", "stage")):
        by_symbol = exported or network.pyramid
        stems = _symbol_stems if by_symbol else _block_stems
        prefix = "" if exported or not network.pyramid else "features."
        stem, norm = stems(network, name)
        return f"{prefix}{stem}", f"{prefix}{norm}"
    if not rest:
        stem, norm = _pyramid_stems(name)
        prefix = "" if exported else "features."
        return f"{prefix}{stem}", f"{prefix}{norm}" if network.norms else None
    heads = _exported_heads(network) if exported else _heads(network)
    return heads[name]


def _symbol_stems(network: Network, name: str) -> tuple[str, str]:
    """`stage2.1.0` is the fourth convolution of a bottleneck's second stage: `layers2_conv3_`."""
    prefix = "resnetv1d_" if network.backbone.deep else "resnetv1b_"
    norm = "syncbatchnorm" if network.norms else "batchnorm"
    place, *numbers = name.split(".")
    if place == "stem":
        return f"{prefix}conv{numbers[0]}_", f"{prefix}{norm}{numbers[0]}_"
    stage, (block, convolution) = place[-1], numbers
    if convolution == "shortcut":
        return f"{prefix}down{stage}_conv0_", f"{prefix}down{stage}_{norm}0_"
    count = int(block) * (3 if network.backbone.bottleneck else 2) + int(convolution)
    return f"{prefix}layers{stage}_conv{count}_", f"{prefix}layers{stage}_{norm}{count}_"


def _block_stems(network: Network, name: str) -> tuple[str, str]:
    """Without a pyramid, by structure."""
    place, *numbers = name.split(".")
    if place == "stem":
        if not network.backbone.deep:
            return "features.0.", "features.1."
        first = 3 * int(numbers[0])
        return f"features.0.{first}.", "features.1." if first == 6 else f"features.0.{first + 1}."  # noqa: PLR2004
    stage, (block, convolution) = int(place[-1]), numbers
    root = f"top_features.0.{block}." if stage == 4 else f"features.{3 + stage}.{block}."  # noqa: PLR2004
    if convolution == "shortcut":
        first = 1 if network.backbone.deep else 0
        return f"{root}downsample.{first}.", f"{root}downsample.{first + 1}."
    count = int(convolution) + 1
    return f"{root}conv{count}.", f"{root}bn{count}."


def _pyramid_stems(name: str) -> tuple[str, str]:
    kind, level = name[:-1], name[-1]
    if kind == "lateral":
        return f"P{level}_conv_lat_", "P5_lat_bn_" if level == "5" else f"P{level}_conv1_bn_"
    return f"P{level}_conv1_", "P6_pre_bn_" if level == "6" else f"P{level}_bn_"


def _heads(network: Network) -> dict[str, Stems]:
    rpn = "rpn.rpn_head." if network.pyramid else "rpn."
    first = 1 if network.halved else 0
    count, step = network.mask_convolutions, 3 if network.norms else 2
    last = f"{count * step}." if network.pyramid else ""
    heads: dict[str, Stems] = {
        "rpn.hidden": (f"{rpn}conv1.0.", None),
        "rpn.scores": (f"{rpn}score.", None),
        "rpn.deltas": (f"{rpn}loc.", None),
        "box.scores": ("class_predictor.", None),
        "box.deltas": ("box_predictor.", None),
        "mask.upscale": (
            f"mask.deconv.{last}",
            f"mask.deconv.{count * step + 1}." if network.norms else None,
        ),
        "mask.masks": ("mask.mask.", None),
    }
    for index in range(count):
        norm = f"mask.deconv.{index * step + 1}." if network.norms else None
        heads[f"mask.hidden.{index}"] = (f"mask.deconv.{index * step}.", norm)
    if network.norms:
        return heads | {
            "box.conv": ("box_features.0.", "box_features.1."),
            "box.hidden.0": ("box_features.3.", None),
        }
    hidden = {f"box.hidden.{i}": (f"box_features.{first + 2 * i}.", None) for i in (0, 1)}
    return heads | hidden


def _exported_heads(network: Network) -> dict[str, Stems]:
    if network.norms:
        msg = f"{network.name} is read as save_parameters writes it, not as the exporter does"
        raise ArtifactError(msg)
    rpn = "own_rpn0_rpnhead0_conv" if network.pyramid else "own_rpn0_conv"
    masks = [f"mask.hidden.{index}" for index in range(network.mask_convolutions)]
    masks += ["mask.upscale", "mask.masks"]
    names = {
        "rpn.hidden": f"{rpn}0_",
        "rpn.scores": f"{rpn}1_",
        "rpn.deltas": f"{rpn}2_",
        "box.hidden.0": "dense0_",
        "box.hidden.1": "dense1_",
        "box.scores": "own_dense0_",
        "box.deltas": "own_dense1_",
    }
    names |= {name: f"own_mask0_conv{place}_" for place, name in enumerate(masks)}
    return {name: (stem, None) for name, stem in names.items()}
