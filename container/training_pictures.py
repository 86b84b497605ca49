"""What a training job leaves to look at.

    curves.png                  loss, mIOU and pixel accuracy over the epochs
    validation/<name>.png       photo, annotation, the model's mask, and where the two differ

`name` is the photo's path in its channel without the suffix, with _ for /. Files appear whole or
not at all, so a job that runs may write them again after every epoch.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from container.whole_file import write_whole
from model.engines.engine import Engine
from serve.encode.png import encode_png
from serve.labels import Labels
from serve.render.comparison import Compared, comparison_picture
from serve.render.curves import Point, curves_picture

CURVES, COMPARISONS = "curves.png", "validation"
MOST_COMPARED = 8
"""Samples."""
_MOST_NAME_BYTES = 200  # file systems allow 255, with what comes before and after

Sample = tuple[str, NDArray[np.uint8], NDArray[np.uint8]]
"""A name, an (H, W, 3) RGB photo, and its (H, W) labels, 255 for pixels that do not count."""


def write_curves(folder: Path, points: Sequence[Point], title: str) -> Path:
    """Write `curves.png`; returns where.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / CURVES
    write_whole(path, encode_png(curves_picture(points, title)))
    return path


def write_comparisons(
    folder: Path, samples: Iterable[Sample], engine: Engine, labels: Labels
) -> list[Path]:
    """Run the engine on every sample and write a picture of each.

    Args:
        folder: pictures go into its `validation`.
        samples: taken one after the other, so that one alone need be in memory.
        engine: of the model that was trained.
        labels: its classes' names and colours.

    Returns:
        Where the pictures are, in the samples' order.

    Raises:
        ValueError: labels are not of their photo's size.
        OSError: a picture cannot be written; those before it are there.
    """
    paths: list[Path] = []
    for name, image, annotation in samples:
        path = _free(folder / COMPARISONS, name, paths)
        compared = Compared(image, annotation, engine.predict(image).mask())
        write_whole(path, encode_png(comparison_picture(compared, labels, name)))
        paths.append(path)
    return paths


def _free(folder: Path, name: str, taken: Sequence[Path]) -> Path:
    """Where a sample's picture goes: a/b and a_b are two samples."""
    plain = name.replace("/", "_").replace("\0", "_")
    stem = plain.encode("utf-8", "surrogateescape")[:_MOST_NAME_BYTES].decode("utf-8", "ignore")
    path, count = folder / f"{stem}.png", 2
    while path in taken:
        path, count = folder / f"{stem}-{count}.png", count + 1
    return path
