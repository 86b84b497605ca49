"""Small numbers under the names of GluonCV's Mask R-CNN, where it does not matter what is found."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.instances.gluon import _stems
from model.instances.layers import shapes_of
from model.instances.networks import NETWORKS

NAME = "mask_rcnn_fpn_resnet18_v1b_coco"


@cache
def _arrays(name: str, *, exported: bool) -> dict[str, NDArray[Any]]:
    network = NETWORKS[name]
    rng = np.random.default_rng(0)
    found = {}
    for layer, shape in shapes_of(network, 3, 8).items():
        stem, norm = _stems(network, layer, exported=exported)
        fan = int(np.prod(shape[1:]))
        outputs = shape[1] if layer == "mask.upscale" else shape[0]
        found[f"{stem}weight"] = rng.normal(0, fan**-0.5, shape).astype(np.float32)
        if norm is None:
            found[f"{stem}bias"] = rng.normal(0, 0.05, outputs).astype(np.float32)
        else:
            for part in ("gamma", "beta", "running_mean", "running_var"):
                found[f"{norm}{part}"] = rng.uniform(0.5, 1, outputs).astype(np.float32)
    return found


def gluon_arrays(name: str = NAME, *, exported: bool = False) -> dict[str, NDArray[Any]]:
    """All that a network needs to tell 3 classes apart, small numbers, under GluonCV's names."""
    return dict(_arrays(name, exported=exported))
