"""mask and probabilities → what there is in a photo, as JSON values.

    {"id": 1, "name": "cat", "pixels": 61234, "share": 0.45, "mean_score": 0.93,
     "box": [x, y, width, height]}

`share` is of the photo's pixels, `mean_score` the mean probability of the class where it wins,
`box` the smallest upright rectangle around it, as COCO writes it. Largest first.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serve.labels import Labels
from serve.render.polygons import polygons_of
from serve.render.rle import encode_rle

_REGIONS: Mapping[str, Callable[[NDArray[np.bool_]], Any]] = {
    "rle": encode_rle,
    "polygons": polygons_of,
}


def summary(
    mask: NDArray[np.uint8],
    top: NDArray[np.float32],
    labels: Labels,
    *,
    ids: tuple[int, ...],
    regions: str = "none",
) -> list[dict[str, Any]]:
    """Every class found.

    Args:
        mask: (H, W) ids.
        top: (H, W) their probabilities.
        labels: names.
        ids: classes wanted, found or not; empty for those found.
        regions: `none`, or `rle` or `polygons` for a key of that name.
    """
    pixels = np.bincount(mask.ravel(), minlength=256)
    scores = np.bincount(mask.ravel(), top.ravel(), minlength=256)
    wanted = ids or tuple(np.flatnonzero(pixels).tolist())
    found = []
    for class_id in sorted(wanted, key=lambda each: -pixels[each]):
        count = int(pixels[class_id])
        entry: dict[str, Any] = {
            "id": class_id,
            "name": labels.names[class_id],
            "pixels": count,
            "share": round(count / mask.size, 6),
            "mean_score": round(float(scores[class_id]) / count, 6) if count else None,
        }
        inside = mask == class_id
        entry["box"] = box_of(inside) if count else None
        if regions != "none":
            entry[regions] = _REGIONS[regions](inside)
        found.append(entry)
    return found


def box_of(inside: NDArray[np.bool_]) -> list[int]:
    """[x, y, width, height] of what is inside; something is."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return [x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1]
