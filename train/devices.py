"""Where to train: every GPU of the instance that this mxnet can use, else the CPU."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mxnet as mx

from model.cpu import usable_cores

_DEVICES = Path("/dev")


@dataclass(frozen=True)
class Devices:
    """What trains, in mxnet's terms and in words."""

    contexts: tuple[Any, ...]
    """mx.Context, one a device."""
    words: str
    """A sentence for the log."""


def find_devices(batch: int) -> Devices:
    """The GPUs, no more of them than photos in a batch; the CPU where there are none."""
    count = min(mx.context.num_gpus(), batch)
    if count:
        words = f"training on {count} GPU" + ("s" if count > 1 else "")
        return Devices(tuple(mx.gpu(index) for index in range(count)), words)
    return Devices((mx.cpu(),), _without_gpu(has_gpu=any(_DEVICES.glob("nvidia[0-9]*"))))


def _without_gpu(*, has_gpu: bool) -> str:
    cores = usable_cores()
    words = f"training on {cores} CPU core{'s' if cores > 1 else ''}, which takes tens of times "
    words += "as long as a GPU does"
    if has_gpu:
        words += (
            "; there is a GPU, but the mxnet installed is built without CUDA (docs/training.md)"
        )
    return words
