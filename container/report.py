"""Outcomes as a table to read and as JSON values."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from container.outcome import Outcome
from model.metrics import accuracy_of, iou_of, mean_of, pixel_accuracy

_GAP = "   "


def table(outcomes: Sequence[Outcome], names: Sequence[str]) -> str:
    """A column an engine; under it the classes that its mean leaves out.

    Where no photo has labels, nothing is said of them.
    """
    labelled = [outcome for outcome in outcomes if outcome.confusion.any()]
    ious = [iou_of(outcome.confusion) for outcome in labelled]
    rows = [
        ("", [outcome.title for outcome in outcomes]),
        *(_rights(labelled, ious, names) if labelled else ()),
        ("s a photo, median", [f"{outcome.median_s:.4f}" for outcome in outcomes]),
    ]
    if len(outcomes) > 1:
        rows += [
            ("same ids as the first, %", [_per_cent(each.same_ids) for each in outcomes]),
            ("on the worst photo, %", [_per_cent(each.same_ids_worst) for each in outcomes]),
        ]
    left = [_left_out(outcome, iou, names) for outcome, iou in zip(labelled, ious, strict=True)]
    return "\n".join([*_aligned(rows), *filter(None, left)])


def _rights(
    outcomes: Sequence[Outcome], ious: Sequence[NDArray[np.float64]], names: Sequence[str]
) -> list[tuple[str, list[str]]]:
    return [
        ("mIoU", [_figure(mean_of(iou)) for iou in ious]),
        ("pixel accuracy", [_figure(pixel_accuracy(outcome.confusion)) for outcome in outcomes]),
        *(
            (f"IoU {name}", [_figure(iou[class_id]) for iou in ious])
            for class_id, name in enumerate(names)
        ),
    ]


def json_values(outcomes: Sequence[Outcome], names: Sequence[str]) -> dict[str, Any]:
    """The table's figures in full, and more: by class id, null where there is none."""
    return {
        "photos": len(outcomes[0].seconds),
        "pixels": int(outcomes[0].confusion.sum()),
        "classes": list(names),
        "engines": [_json_of(outcome) for outcome in outcomes],
    }


def _json_of(outcome: Outcome) -> dict[str, Any]:
    iou = iou_of(outcome.confusion)
    return {
        "engine": outcome.engine,
        "precision": outcome.precision,
        "mean_iou": _or_none(mean_of(iou)),
        "pixel_accuracy": _or_none(pixel_accuracy(outcome.confusion)),
        "iou": [_or_none(figure) for figure in iou.tolist()],
        "accuracy": [_or_none(figure) for figure in accuracy_of(outcome.confusion).tolist()],
        "same_ids": outcome.same_ids,
        "same_ids_worst_photo": outcome.same_ids_worst,
        "seconds": outcome.median_s,
        "confusion": outcome.confusion.tolist(),
    }


def _aligned(rows: Sequence[tuple[str, list[str]]]) -> list[str]:
    first = max(len(label) for label, _ in rows)
    widths = [max(map(len, column)) for column in zip(*(cells for _, cells in rows), strict=True)]
    return [
        _GAP.join([label.ljust(first), *map(str.rjust, cells, widths)]) for label, cells in rows
    ]


def _left_out(outcome: Outcome, iou: NDArray[np.float64], names: Sequence[str]) -> str:
    left = [name for name, figure in zip(names, iou, strict=True) if np.isnan(figure)]
    if not left:
        return ""
    return f"{outcome.title}: left out of mIoU, neither labelled nor predicted: {', '.join(left)}"


def _figure(figure: float) -> str:
    return "-" if math.isnan(figure) else f"{figure:.4f}"


def _per_cent(share: float) -> str:
    """Rounded down: 100 is all of them."""
    return "100" if share == 1 else f"{math.floor(share * 1e6) / 1e4:.4f}"


def _or_none(figure: float) -> float | None:
    return None if math.isnan(figure) else figure
