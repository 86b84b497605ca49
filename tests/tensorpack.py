"""TensorPack's weights: seeded, and decisive enough that a small photo has some things in it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.instances.layers import shapes_of
from model.instances.network import Network
from model.instances.tensorpack import name_of

CLASSES = 5
_HIDDEN = 256


def tensorpack_arrays(network: Network) -> dict[str, NDArray[np.float32]]:
    """All arrays of the network, by TensorPack's names, in its layouts; and some of training's."""
    rng = np.random.default_rng(5)
    arrays: dict[str, NDArray[Any]] = {
        "global_step": np.array(5, np.int64),
        "learning_rate": np.array(0.1, np.float32),
        "conv0/W/Momentum": np.zeros((7, 7, 3, 64), np.float32),
        "EMA/rpn_losses/total": np.array(1, np.float32),
    }
    for layer, shape in shapes_of(network, CLASSES, _HIDDEN).items():
        name = name_of(layer)
        spread = np.sqrt(_GAINS.get(layer, 2.0) / np.prod(shape[1:]))
        stored = (shape[0] + 4, shape[1]) if layer == "box.deltas" else shape  # the background's
        weight = rng.normal(0, spread, stored).astype(np.float32)
        order = (1, 0) if len(shape) == 2 else (2, 3, 1, 0)
        arrays[f"{name}/W"] = np.ascontiguousarray(weight.transpose(order))
        outputs = shape[1] if layer == "mask.upscale" else stored[0]
        if layer.startswith(("stem", "stage")):
            arrays |= _norm(name, outputs, rng, last=layer.endswith(".2"))
        else:
            arrays[f"{name}/b"] = rng.normal(0, 0.1, outputs).astype(np.float32)
    return arrays


_GAINS = {"rpn.scores": 6.0, "rpn.deltas": 0.05, "box.scores": 9.0, "box.deltas": 0.5}


def _norm(
    name: str, outputs: int, rng: np.random.Generator, *, last: bool
) -> dict[str, NDArray[np.float32]]:
    largest = 0.3 if last else 1.2
    parts = {
        "gamma": rng.uniform(largest / 2, largest, outputs),
        "beta": rng.normal(0, 0.2, outputs),
        "mean/EMA": rng.normal(0, 0.2, outputs),
        "variance/EMA": rng.uniform(0.5, 1.5, outputs),
    }
    return {f"{name}/bn/{part}": values.astype(np.float32) for part, values in parts.items()}
