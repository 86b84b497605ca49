"""How well masks agree with labels: a confusion matrix, and what is read off it.

`confusion[t, p]` counts the pixels labelled t and predicted p. Matrices of photos add up, so every
figure here is over all pixels of all photos, not a mean over photos. IoU is the PASCAL VOC
challenge's: tp / (tp + fp + fn). Figures that are a division by nothing are NaN.

Knows nothing of files or networks.
"""

import numpy as np
from numpy.typing import NDArray

IGNORED = 255
"""The label of pixels that do not count, whatever is predicted there."""


def confusion_of(
    labels: NDArray[np.uint8], mask: NDArray[np.uint8], classes: int
) -> NDArray[np.int64]:
    """Count one photo's pixels by label and prediction.

    >>> confusion_of(np.uint8([[0, 1, 255]]), np.uint8([[0, 0, 1]]), 2)
    array([[1, 0],
           [1, 0]])

    Args:
        labels: (H, W) uint8, class ids or IGNORED.
        mask: (H, W) uint8, class ids.
        classes: C, 2 to 254.

    Returns:
        (C, C) int64, a new array; exact.

    Raises:
        ValueError: the shapes differ, or an id is none of a class.
    """
    if labels.shape != mask.shape:
        msg = f"labels of shape {labels.shape} have a mask of shape {mask.shape}"
        raise ValueError(msg)
    counts = labels != IGNORED
    true, predicted = labels[counts], mask[counts]
    if true.size and max(true.max(), predicted.max()) >= classes:
        msg = f"an id is past the last class, {classes - 1}"
        raise ValueError(msg)
    places = true.astype(np.uint16) * np.uint16(classes) + predicted  # at most 254 * 254 - 1
    confusion = np.bincount(places, minlength=classes * classes).astype(np.int64)
    return confusion.reshape(classes, classes)


def iou_of(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(C, C) → (C,) IoU in 0..1; NaN for classes neither labelled nor predicted anywhere."""
    hits = np.diagonal(confusion)
    return _divided(hits, confusion.sum(axis=0) + confusion.sum(axis=1) - hits)


def accuracy_of(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(C, C) → (C,) share of a class's labelled pixels that are found; NaN if it has none."""
    return _divided(np.diagonal(confusion), confusion.sum(axis=1))


def pixel_accuracy(confusion: NDArray[np.int64]) -> float:
    """Share of all counted pixels that are right, in 0..1; NaN if there are none."""
    return float(_divided(np.trace(confusion), confusion.sum()))


def mean_of(figures: NDArray[np.float64]) -> float:
    """Mean of the figures that are not NaN; NaN if all are."""
    there = figures[~np.isnan(figures)]
    return float(there.mean()) if there.size else float("nan")


def shares_of(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(C, C) → (C, C) shares of each row, in 0..1; NaN in rows never labelled."""
    return _divided(confusion, np.broadcast_to(confusion.sum(axis=1)[:, None], confusion.shape))


def _divided(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    quotients = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=quotients, where=np.asarray(whole) > 0)
