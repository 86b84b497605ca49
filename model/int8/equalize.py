"""Cross-layer equalization: channels of one range where a convolution feeds another.

    first ─ (Relu) ─ tensor ─ second        first' = first / s      second' = second · s

A tensor has one step for all its channels, so a channel that is ten times smaller than the largest
has ten times fewer levels. Dividing a channel by a positive s passes through Relu, and what reads
it multiplies by s again: the function stays, but for float32's rounding. Possible where the second
convolution is all that reads the tensor. Source: Nagel et al. 2019, "Data-Free Quantization Through
Weight Equalization and Bias Correction"; the ranges here are those of photos, not of batch norms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.int8.net import Convolution, Net

_LEAST = 1e-3
"""Channels that are never active would be divided by nothing."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """Two convolutions with at most a Relu between them."""

    first: Convolution
    second: Convolution

    @property
    def tensor(self) -> str:
        """What the second reads."""
        return self.second.source


def pairs_of(net: Net) -> tuple[Pair, ...]:
    """All that can be equalized, in the order they run."""
    firsts = {each.output: each for each in net.convolutions}
    found = []
    for second in net.convolutions:
        made = _through_relu(net, second.source)
        if made in firsts and _is_sole(net, second.source, made):
            pair = Pair(firsts[made], second)
            if _has_own_constants(net, pair) and _can_absorb(net, second):
                found.append(pair)
    return tuple(found)


def equalized(net: Net, peaks: Mapping[str, Array]) -> Net:
    """The same function with other weights.

    Args:
        net: not changed.
        peaks: by `Pair.tensor`: (C,) largest absolute value of each channel.
    """
    constants: dict[str, NDArray[Any]] = dict(net.constants)
    for pair in pairs_of(net):
        first, second = pair.first, pair.second
        depthwise = net.is_depthwise(second)
        scale = scales(peaks[pair.tensor], constants[second.weight], depthwise=depthwise)
        constants[first.weight] = constants[first.weight] / scale[:, None, None, None]
        if first.bias:
            constants[first.bias] = constants[first.bias] / scale
        along = scale[:, None, None, None] if depthwise else scale[None, :, None, None]
        constants[second.weight] = constants[second.weight] * along
    return replace(net, constants=constants)


def scales(peak: Array, weight: Array, *, depthwise: bool) -> Array:
    """What to divide the channels by.

    A depthwise reader has a step for each of its channels, so all of the difference goes there;
    any other reader takes half of it, as its channels share a step too.

    Args:
        peak: (C,) largest absolute values.
        weight: the reader's, (C, 1, kh, kw) where it is depthwise, else (K, C, kh, kw).
        depthwise: which of the two.

    Returns:
        (C,) float32, positive.
    """
    if depthwise:
        wanted = peak / max(peak.max(), np.finfo(np.float32).tiny)
    else:
        largest = np.abs(weight).max(axis=(0, 2, 3))
        wanted = np.sqrt(np.divide(peak, largest, out=np.ones_like(peak), where=largest > 0))
    floored: Array = np.maximum(wanted, _LEAST).astype(np.float32)
    return floored


def _through_relu(net: Net, tensor: str) -> str:
    maker = net.makers[tensor]
    return maker.input[0] if maker.op_type == "Relu" else tensor


def _is_sole(net: Net, tensor: str, made: str) -> bool:
    """Whether nothing else reads the tensor, before the Relu or after."""
    return all(len(net.readers[name]) == 1 for name in (tensor, made))


def _has_own_constants(net: Net, pair: Pair) -> bool:
    names = (pair.first.weight, pair.first.bias, pair.second.weight)
    return all(len(net.readers[name]) == 1 for name in names if name)


def _can_absorb(net: Net, second: Convolution) -> bool:
    return second.groups == 1 or net.is_depthwise(second)
