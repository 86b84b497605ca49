"""A Mask R-CNN's layers by one set of names, whatever the file called them; its shapes are checked.

    stem.0 (stem.1, stem.2)             first convolutions
    stage1.0.0 ...                      stage, block, convolution; stage1.0.shortcut
    lateral2..5, smooth2..5, extra6     the feature pyramid
    rpn.hidden, rpn.scores, rpn.deltas  region proposals
    box.conv, box.hidden.0.., box.scores, box.deltas
    mask.hidden.0.., mask.upscale, mask.masks

A convolution's weight is (out, in, height, width), mask.upscale's, which is transposed, (in, out,
height, width), a dense layer's (out, in). Batch normalisation is folded into what stands before it.
Scores have the background first; deltas are those of things alone, dx, dy, dw, dh each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.instances.network import MAP_CHANNELS, WIDTHS, Backbone, Network

_RATIOS = 3
_SIZES_OF_ONE_MAP = 5
_DENSE = 1024


@dataclass(frozen=True)
class Layer:
    """Weight and bias, float32."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


Layers = Mapping[str, Layer]
Shapes = dict[str, tuple[int, ...]]


def shapes_of(network: Network, classes: int, hidden: int) -> Shapes:
    """The shape of each layer's weight, in the order photos go through them.

    Args:
        network: whose.
        classes: things it tells apart, background not counted.
        hidden: channels of the region proposals' hidden layer.
    """
    shapes = dict(_backbone(network.backbone))
    top = WIDTHS[3] * network.backbone.expansion
    channels = MAP_CHANNELS if network.pyramid else WIDTHS[2] * network.backbone.expansion
    anchors = _RATIOS * (1 if network.pyramid else _SIZES_OF_ONE_MAP)
    if network.pyramid:
        shapes |= _pyramid(network)
    shapes |= {
        "rpn.hidden": (hidden, channels, 3, 3),
        "rpn.scores": (anchors, hidden, 1, 1),
        "rpn.deltas": (4 * anchors, hidden, 1, 1),
    }
    if network.pyramid:
        shapes |= _box_hidden(network)
    last = _DENSE if network.pyramid else top
    shapes |= {"box.scores": (classes + 1, last), "box.deltas": (4 * classes, last)}
    for index in range(network.mask_convolutions):
        shapes[f"mask.hidden.{index}"] = (MAP_CHANNELS, MAP_CHANNELS, 3, 3)
    entering = MAP_CHANNELS if network.pyramid else top
    shapes["mask.upscale"] = (entering, MAP_CHANNELS, 2, 2)
    shapes["mask.masks"] = (classes, MAP_CHANNELS, 1, 1)
    return shapes


def deviation(variance: NDArray[np.float32], epsilon: float, name: str) -> NDArray[np.float32]:
    """What a normalisation divides by.

    Raises:
        ArtifactError: a variance is negative, or no number; the array's name is said.
    """
    if not (variance >= 0).all():
        msg = f"{name!r} has negative values, or none; a variance is 0 or more"
        raise ArtifactError(msg)
    divisor: NDArray[np.float32] = np.sqrt(variance + np.float32(epsilon))
    return divisor


def folded(layer: Layer, norm: tuple[NDArray[np.float32], ...], *, axis: int = 0) -> Layer:
    """Y = factor (w x + b - mean) + beta, as w' x + b'.

    Args:
        layer: what stands before the normalisation.
        norm: factor = gamma / sqrt(variance + epsilon); beta; mean.
        axis: the weight's, of its outputs.
    """
    factor, beta, mean = norm
    shape = [1] * layer.weight.ndim
    shape[axis] = -1
    return Layer(layer.weight * factor.reshape(shape), beta + (layer.bias - mean) * factor)


def _backbone(backbone: Backbone) -> Iterator[tuple[str, tuple[int, ...]]]:
    entering = WIDTHS[0]
    if backbone.deep:
        half = entering // 2
        yield "stem.0", (half, 3, 3, 3)
        yield "stem.1", (half, half, 3, 3)
        yield "stem.2", (entering, half, 3, 3)
    else:
        yield "stem.0", (entering, 3, 7, 7)
    for stage, (blocks, width) in enumerate(zip(backbone.blocks, WIDTHS, strict=True), 1):
        leaving = width * backbone.expansion
        for block in range(blocks):
            name = f"stage{stage}.{block}"
            if backbone.bottleneck:
                yield f"{name}.0", (width, entering, 1, 1)
                yield f"{name}.1", (width, width, 3, 3)
                yield f"{name}.2", (leaving, width, 1, 1)
            else:
                yield f"{name}.0", (width, entering, 3, 3)
                yield f"{name}.1", (width, width, 3, 3)
            if block == 0 and (stage > 1 or entering != leaving):
                yield f"{name}.shortcut", (leaving, entering, 1, 1)
            entering = leaving


def _pyramid(network: Network) -> Shapes:
    shapes: Shapes = {}
    for level, width in enumerate(WIDTHS, 2):
        shapes[f"lateral{level}"] = (MAP_CHANNELS, width * network.backbone.expansion, 1, 1)
        shapes[f"smooth{level}"] = (MAP_CHANNELS, MAP_CHANNELS, 3, 3)
    return shapes | ({"extra6": (MAP_CHANNELS, MAP_CHANNELS, 3, 3)} if network.sixth else {})


def _box_hidden(network: Network) -> Shapes:
    cells = MAP_CHANNELS * 7 * 7
    if network.norms:
        return {
            "box.conv": (MAP_CHANNELS, MAP_CHANNELS, 3, 3),
            "box.hidden.0": (_DENSE, cells),
        }
    return {"box.hidden.0": (_DENSE, cells), "box.hidden.1": (_DENSE, _DENSE)}
