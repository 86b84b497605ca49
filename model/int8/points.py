"""Which tensors are quantized, and for whom.

A convolution runs in int8 where its input and its weights are quantized. Two things beyond that are
needed for speed:

- a MaxPool between a tensor and the convolution works on bytes as well: quantized is what it reads;
- OpenVINO fuses a residual's Add into the convolution before it and then reads the other summand
  while it writes: that one must be in bytes too (an FCN is 1.76 times as fast as bf16 without it,
  1.98 times with it). The fused convolution's own output must not be quantized there.
"""

from dataclasses import dataclass

from model.int8.net import Convolution, Net

_SUMMANDS = 2


@dataclass(frozen=True)
class Point:
    """A tensor, and the node that is to read it quantized."""

    tensor: str
    reader: str


def points_of(net: Net, convolution: Convolution) -> tuple[Point, ...]:
    """All that one convolution needs."""
    source = convolution.source
    maker = net.makers[source]
    if maker.op_type == "MaxPool":
        points = (Point(maker.input[0], maker.name),)
    else:
        points = (Point(source, convolution.name),)
    return (*points, *_residual(net, convolution))


def _residual(net: Net, convolution: Convolution) -> tuple[Point, ...]:
    """The other summand, where the convolution's output goes into a sum alone."""
    readers = net.readers[convolution.output]
    if [node.op_type for node in readers] != ["Add"]:
        return ()
    (add,) = readers
    others = [name for name in add.input if name != convolution.output]
    if len(others) != _SUMMANDS - 1 or others[0] in net.constants:
        return ()
    other = net.makers[others[0]]
    if other.op_type == "Conv" and net.order[other.name] > net.order[convolution.name]:
        return ()  # a sum of two: the later one is fused, and this one is its other summand
    return (Point(others[0], add.name),)
