"""GluonCV's network as it is trained: with its auxiliary head, on crops of one size.

Names are Gluon's dotted ones (`head.block.4.weight`), which is how they stand in the files that are
written and how plain GluonCV loads them, strictly.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.algorithms import ALGORITHMS
from model.networks import construct
from train.errors import ClientError
from train.hyperparameters import Hyperparameters
from train.start import BACKBONE, Start, Weights


def build(
    chosen: Hyperparameters, side: int, contexts: tuple[Any, ...], start: Start | None = None
) -> Any:
    """The network on every device, with the weights of `start` and random ones (He et al. 2015).

    Gluon's own default, uniform within 0.07 whatever the layer, does not train a deep network. The
    heads learn ten times as fast as a backbone that was trained before, which is GluonCV's way;
    beside one that was not they would diverge, and all learns at one rate.

    Raises:
        ClientError: the weights are not this network's.
    """
    algorithm = ALGORITHMS[chosen.algorithm]
    norm = _synchronized(chosen, len(contexts))
    classes = chosen.num_classes
    block = construct(algorithm, chosen.gluon_backbone, classes, side=side, aux=True, **norm)
    he = mx.init.Xavier(rnd_type="gaussian", factor_type="in", magnitude=2)
    block.initialize(he, ctx=list(contexts), force_reinit=True)
    try:
        _settle_shapes(block, side)
    except mx.base.MXNetError as err:
        msg = f"no network can be built for crops of {side} pixels; try a smaller crop_size"
        raise ClientError(msg) from err
    if start and start.weights:
        _begin(block, start)
    if not start or not start.weights or start.whole:
        block.collect_params().setattr("lr_mult", 1.0)
    block.hybridize(static_alloc=True)
    return block


def weights_of(block: Any) -> Weights:
    """Every parameter, float32, new arrays; batch statistics as the mean over the devices.

    Raises:
        ClientError: not all are finite. A step's loss is that of the weights before it, so the last
            step before this may have spoilt them.
    """
    weights = {
        name: np.mean([data.asnumpy() for data in parameter.list_data()], axis=0, dtype=np.float32)
        for name, parameter in block._collect_params_with_prefix().items()
    }
    if not all(np.isfinite(array).all() for array in weights.values()):
        msg = "the weights are no finite numbers any more; try a lower learning_rate"
        raise ClientError(msg)
    return weights


def load(block: Any, weights: Mapping[str, NDArray[Any]]) -> None:
    """Overwrite the parameters that `weights` names.

    Raises:
        ClientError: there is no such parameter, it has another shape, or a value is not finite.
    """
    parameters = block._collect_params_with_prefix()
    for name, array in weights.items():
        if name not in parameters:
            msg = f"the weights to begin with have {name[:80]!r}, which the network lacks"
            raise ClientError(msg)
        if parameters[name].shape != array.shape:
            found = f"the weights to begin with: {name[:80]} has shape {array.shape}"
            msg = f"{found}, the network needs {parameters[name].shape}"
            raise ClientError(msg)
        if not np.isfinite(array).all():
            msg = f"the weights to begin with: {name[:80]} has values that are no finite numbers"
            raise ClientError(msg)
        parameters[name].set_data(mx.nd.array(array, dtype=np.float32))


def _settle_shapes(block: Any, side: int) -> None:
    """Shapes that GluonCV leaves open, by inference alone.

    A photo would do it too, but oneDNN then changes the layout of weights in place, later and in
    another thread: what reads them next may find, and keep, other values (apache/mxnet pull 9862).
    """
    block.infer_shape(mx.nd.zeros((1, 3, side, side)))
    for parameter in block.collect_params().values():
        parameter._finish_deferred_init()


def _begin(block: Any, start: Start) -> None:
    """Load what there is to begin with, which must be all that it says it is."""
    weights = _dotted(block, start.weights)
    names = block._collect_params_with_prefix().keys()
    needed = {name for name in names if not name.startswith("auxlayer.")}
    if not start.whole:
        needed = {name for name in names if name.startswith(BACKBONE)}
    if missing := sorted(needed - weights.keys()):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        msg = f"the weights to begin with lack {missing[0]}{more}"
        raise ClientError(msg)
    load(block, weights)
    load(block, _dotted(block, start.aux))


def _dotted(block: Any, weights: Weights) -> Weights:
    """Gluon's older files have names that are prefixed (`_fcnhead0_..._conv1_weight`)."""
    if any("." in name for name in weights):
        return weights
    parameters = block._collect_params_with_prefix()
    own = {
        parameter.name.removeprefix(block.prefix): name for name, parameter in parameters.items()
    }
    return {own.get(name, name): array for name, array in weights.items()}


def _synchronized(chosen: Hyperparameters, devices: int) -> dict[str, Any]:
    """Batch statistics over all devices, where there is more than one and the job asks for it."""
    if not chosen.syncbn or devices == 1:
        return {}
    # FastSCNN passes norm_kwargs on to some layers only, which would then wait for every GPU.
    return {"norm_layer": partial(mx.gluon.contrib.nn.SyncBatchNorm, num_devices=devices)}
