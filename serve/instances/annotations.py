"""`application/json`: things one by one, as the Mask R-CNN containers told of them.

    {"img_id": "000000000139.jpg",
     "annotations": [{"bbox": [x, y, width, height], "category_id": 17, "category_name": "cat",
                      "segmentation": {"counts": [...], "size": [height, width]}}, ...]}

The surest first. `bbox` is whole numbers without their decimals, `category_id` counts classes from
1, `counts` go row by row (serve/instances/runs.py); options change each of them. `img_id` is there
where the request has one.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.instances.instances import Instances
from serve.answers.answer import Photo, Size
from serve.instances.answer import InstancesAnswer
from serve.instances.paste import Patch
from serve.instances.runs import coco_rle, row_rle
from serve.render.polygons import Ring, polygons_of
from serve.stages import Stages

_SEGMENTATIONS: Mapping[str, Callable[[Patch, Size], Any]] = {"rows": row_rle, "rle": coco_rle}
_DECIMALS = 6  # of a score; a box's have two


class AnnotationsAnswer(InstancesAnswer):
    """`application/json`."""

    def write(self, found: Instances, photo: Photo, stages: Stages) -> bytes:
        """UTF-8 JSON."""
        with stages.timed("render"):
            annotations = [
                self._annotation(found, place, photo.size) for place in range(len(found.scores))
            ]
        body: dict[str, Any] = {} if self._asked.img_id is None else {"img_id": self._asked.img_id}
        body["annotations"] = annotations
        with stages.timed("encode"):
            return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def _annotation(self, found: Instances, place: int, size: Size) -> dict[str, Any]:
        options, labels = self._asked.options, self._choice.labels
        class_id = int(found.classes[place])
        told: dict[str, Any] = {
            "bbox": _bbox(found.boxes[place], as_whole=options.boxes == "int"),
            "category_id": labels.numbers[class_id],
            "category_name": labels.names[class_id],
        }
        if options.scores:
            told["score"] = round(float(found.scores[place]), _DECIMALS)
        patch = partial(self._choice.patch, found, place, size)
        regions = options.regions or "rows"
        if regions in _SEGMENTATIONS:
            told["segmentation"] = _SEGMENTATIONS[regions](patch(), size)
        elif regions == "polygons":
            told["polygons"] = _polygons(patch())
        return told


def _bbox(box: NDArray[np.float32], *, as_whole: bool) -> list[int] | list[float]:
    """[x1, y1, x2, y2] → [x, y, width, height]."""
    x1, y1, x2, y2 = box.tolist()
    sides = [x1, y1, x2 - x1, y2 - y1]
    return [int(side) for side in sides] if as_whole else [round(side, 2) for side in sides]


def _polygons(patch: Patch) -> list[list[Ring]]:
    """Of the patch, in pixels of the photo."""
    return [
        [[[x + patch.left, y + patch.top] for x, y in ring] for ring in polygon]
        for polygon in polygons_of(patch.inside)
    ]
