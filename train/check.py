"""Pairs whose files can be trained on: readable, of one size, with labels that mean something.

An annotation is decoded whole, for its labels. Of a JPEG the bytes are read through but only an
eighth of each side is computed, which finds one cut short at half the cost. Many pairs go to
processes of their own, started afresh: mxnet's threads do not survive a fork.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.errors import AlgorithmError, ClientError
from train.label_map import LabelMap
from train.pairs import Pair
from train.picture import PHOTO_FORMATS, opened, read_mask

_CHUNK = 64
"""Pairs handed to a process at once; fewer than four times as many are not worth one."""


@dataclass(frozen=True)
class Finding:
    """What one pair's files are like."""

    error: str = ""
    """Why the pair cannot be used; empty where it can."""
    unmapped: frozenset[int] = frozenset()
    """Pixel values in the annotation that the label map leaves out."""


def check_pairs(
    channel: str, pairs: Sequence[Pair], label_map: LabelMap, *, workers: int
) -> list[Finding]:
    """Open every file; one finding a pair, in the same order.

    Raises:
        AlgorithmError: a process that decoded pictures died.
    """
    check = partial(_check, channel, label_map)
    if workers < 2 or len(pairs) < 4 * _CHUNK:  # noqa: PLR2004  # one process is this one
        return [check(pair) for pair in pairs]
    try:
        return _in_processes(check, pairs, workers)
    except BrokenProcessPool as err:
        msg = f"a process that checked the pictures of {channel} died; was memory short?"
        raise AlgorithmError(msg) from err


def _in_processes(
    check: Callable[[Pair], Finding], pairs: Sequence[Pair], workers: int
) -> list[Finding]:
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(check, pairs, chunksize=_CHUNK))


def _check(channel: str, label_map: LabelMap, pair: Pair) -> Finding:
    name = f"{channel}/{pair.name}{pair.image.suffix}"
    try:
        size = _checked_size(pair.image)
        name = f"{channel}_annotation/{pair.name}{pair.annotation.suffix}"
        mask = read_mask(pair.annotation)
    except ClientError as err:
        return Finding(f"{name} {err}")
    if mask.shape != size:
        found = f"{mask.shape[1]}x{mask.shape[0]}, its photo {size[1]}x{size[0]} pixels"
        return Finding(f"{name} is {found} (width x height, as stored)")
    return _judged(name, mask, label_map)


def _checked_size(path: Path) -> tuple[int, int]:
    """Return a photo's (height, width) once all its bytes were read."""
    with opened(path, PHOTO_FORMATS) as photo:
        width, height = photo.size
        photo.draft("RGB", (1, 1))  # of JPEG alone: compute an eighth of each side
        photo.load()
    return height, width


def _judged(name: str, mask: NDArray[np.uint8], label_map: LabelMap) -> Finding:
    present = frozenset(np.flatnonzero(Image.fromarray(mask).histogram()).tolist())
    if refused := sorted(present & label_map.refused):
        values = ", ".join(map(str, refused[:5]))
        count = label_map.num_classes
        return Finding(f"{name} has pixel value {values}, no label of {count} classes")
    return Finding(unmapped=present & label_map.unmapped)
