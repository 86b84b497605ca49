"""Artifact → network: GluonCV's own definition, traced once and freed from its size.

GluonCV defines each network, MXNet traces it to a symbol; the artifact's weights must fill that
symbol exactly. The one place that imports gluoncv. Traps it knows:

- the constructors fetch a backbone over the network unless `pretrained_base=False`;
- PSPNet's prints to stdout;
- names depend on how many networks the process built before, unless a NameManager starts afresh;
- importing gluoncv sets Pillow's LOAD_TRUNCATED_IMAGES: half a photo would be served as whole.
"""

import contextlib
import importlib
import io
from dataclasses import dataclass
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from model.algorithms import DEFAULT_PSP_BINS, NO_BACKBONE, Algorithm
from model.artifact import Artifact
from model.errors import ArtifactError
from model.free_size import free_size, with_pool_bins, without_last_resize
from model.graph import PHOTO, Graph, graph_from_json

# Any multiple of 32 gives the same graph; free_size() divides it by what GluonCV baked in.
_TRACED_SIDE = 1024


@dataclass(frozen=True)
class Network:
    """For photos of any size: float32 (1, 3, H, W) in, logits (1, C, h, w) at its stride out."""

    graph: Graph
    weights: dict[str, NDArray[np.float32]]
    """By the name of the graph's variable; every variable but the photo is there."""


def build_network(artifact: Artifact, psp_bins: tuple[int, ...] = DEFAULT_PSP_BINS) -> Network:
    """Trace the artifact's network and pour its weights in.

    Args:
        artifact: as read; its arrays are copied only where they are not float32.
        psp_bins: cells a side in PSPNet's four pooling branches; other networks ignore it.

    Raises:
        ArtifactError: a layer is missing, left over, or of another shape.
    """
    algorithm = artifact.hyperparams.algorithm
    block = construct(algorithm, artifact.hyperparams.backbone, artifact.classes)
    symbol = block(mx.sym.var(PHOTO))[0]  # the others are auxiliary heads, for training
    weights = _fill(symbol, _variable_names(block, dotted=artifact.dotted), artifact)
    graph = graph_from_json(symbol.tojson())
    if algorithm.name == "psp":
        graph = with_pool_bins(graph, psp_bins)
    free = free_size(graph, traced_side=_TRACED_SIDE, photo=PHOTO)
    return Network(without_last_resize(free), weights)


def construct(
    algorithm: Algorithm,
    backbone: str,
    classes: int,
    *,
    side: int = _TRACED_SIDE,
    aux: bool = False,
    **norm: Any,
) -> Any:
    """GluonCV's block, its weights not yet there.

    Args:
        algorithm: which network.
        backbone: one of the algorithm's.
        classes: filters of the last convolution.
        side: height and width of the photos that the block itself can run on.
        aux: with the auxiliary head, for training.
        norm: `norm_layer` and `norm_kwargs`, where not plain batch normalization is wanted.
    """
    module, name = algorithm.network.split(".")
    network = getattr(_import_gluoncv(f"gluoncv.model_zoo.{module}"), name)
    chosen = norm if backbone == NO_BACKBONE else {"backbone": backbone, **norm}
    with contextlib.redirect_stdout(io.StringIO()), mx.name.NameManager():
        return network(classes, aux=aux, pretrained_base=False, crop_size=side, **chosen)


def _import_gluoncv(module: str) -> Any:
    try:
        return importlib.import_module(module)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _variable_names(block: Any, *, dotted: bool) -> dict[str, str]:
    """Name in the file → name of the variable in the traced symbol."""
    if dotted:
        return {name: p.name for name, p in block._collect_params_with_prefix().items()}
    return {name.removeprefix(block.prefix): name for name in block.collect_params()}


def _fill(
    symbol: Any,
    variables: dict[str, str],
    artifact: Artifact,
) -> dict[str, NDArray[np.float32]]:
    shapes = _shapes(symbol)
    needed = {name: shapes[variable] for name, variable in variables.items() if variable in shapes}
    _check_names(artifact, needed.keys(), variables.keys())
    for name, shape in needed.items():
        if artifact.weights[name].shape != shape:
            found = f"{artifact.weights_file.name}: {name} has shape {artifact.weights[name].shape}"
            msg = f"{found}, {artifact.title} needs {shape}"
            raise ArtifactError(msg)
    return {variables[name]: _finite(artifact, name) for name in needed}


def _finite(artifact: Artifact, name: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # a float64 too large for float32 is found below
        weights = artifact.weights[name].astype(np.float32, copy=False)
    if not np.isfinite(weights).all():
        msg = f"{artifact.weights_file.name}: {name} has values that are no finite float32 numbers"
        raise ArtifactError(msg)
    return weights


def _check_names(artifact: Artifact, needed: Any, known: Any) -> None:
    """Every layer the network has must be in the file, and nothing else may be."""
    have = artifact.weights.keys()
    for what, names in (("lacks", needed - have), ("has the unknown layer", have - known)):
        if names:
            first = sorted(names)[0]
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            found = f"{artifact.weights_file.name} {what} {first[:80]!r}{more}"
            msg = f"{found}; {artifact.title} was expected"
            raise ArtifactError(msg)


def _shapes(symbol: Any) -> dict[str, tuple[int, ...]]:
    """Shape of every variable, the photo excepted; GluonCV leaves some for MXNet to infer."""
    photo = {PHOTO: (1, 3, _TRACED_SIDE, _TRACED_SIDE)}
    arguments, _, auxiliary = symbol.infer_shape(**photo)
    names = symbol.list_arguments() + symbol.list_auxiliary_states()
    return {
        name: shape
        for name, shape in zip(names, arguments + auxiliary, strict=True)
        if name != PHOTO
    }
