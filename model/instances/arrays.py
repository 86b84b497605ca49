"""Named arrays on their way to layers, taken one by one and looked at."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError

Arrays = Mapping[str, NDArray[Any]]


def taken(left: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The array of a name, which is not in `left` any more.

    Raises:
        ArtifactError: it is missing, of another shape, no floating point number or not finite.
    """
    array = left.pop(name, None)
    if array is None:
        msg = f"{name!r} is missing"
        raise ArtifactError(msg)
    if array.shape != shape:
        msg = f"{name!r} has shape {array.shape}, the network takes {shape}"
        raise ArtifactError(msg)
    if array.dtype.kind != "f":
        msg = f"{name!r} holds {array.dtype} values; weights must be floating point"
        raise ArtifactError(msg)
    with np.errstate(over="ignore"):  # found below
        floats = array.astype(np.float32)
    if not np.isfinite(floats).all():
        msg = f"{name!r} has values that are not finite in float32"
        raise ArtifactError(msg)
    return floats


def expect_none(left: Arrays, network: str) -> None:
    """Raise unless all were taken."""
    if left:
        msg = f"{min(left)[:80]!r} is not known to {network}"
        raise ArtifactError(msg)


def classes_by(arrays: Arrays, name: str, network: str) -> int:
    """Things that a network tells apart, by the bias of its scores: one more, the background.

    Raises:
        ArtifactError: it is not there.
    """
    bias = arrays.get(name)
    if bias is None or bias.ndim != 1 or len(bias) < 2:  # noqa: PLR2004  # background and a thing
        msg = f"there is no {name}, the scores of {network}; it may belong to another network"
        raise ArtifactError(msg)
    return len(bias) - 1
