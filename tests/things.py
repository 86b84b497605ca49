"""An engine that finds what it is told to, wherever it looks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import clipped
from model.instances.instances import Instances

SIDE = 28


@dataclass(frozen=True)
class Told:
    """One thing: its class, score, and its box in shares of the photo: left, top, right, bottom.

    The box may reach beyond the photo.
    """

    class_id: int
    score: float
    box: tuple[float, float, float, float]
    mask: NDArray[np.float32] | None = None
    """(28, 28); an ellipse that touches the box where there is none."""


def ellipse() -> NDArray[np.float32]:
    """Falls from 1 in the middle to a half at the edge of the box."""
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE * 2 - 1
    inside: NDArray[np.float32] = np.clip(1.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return inside


TWO_CATS_AND_A_DOG = (
    Told(15, 0.98, (0.1, 0.2, 0.5, 0.9)),
    Told(16, 0.81, (0.6, 0.1, 0.95, 0.6)),
    Told(15, 0.62, (0.4, 0.5, 0.8, 1.0)),
    Told(0, 0.31, (0.0, 0.0, 0.2, 0.2)),
)


class ThingsEngine:
    """Notes the shapes that it saw. Has COCO's 80 classes and no batches."""

    name = "things"
    precision = "f32"
    classes = 80

    def __init__(self, told: Sequence[Told] = TWO_CATS_AND_A_DOG) -> None:
        self.told = told
        self.seen: list[tuple[int, ...]] = []

    def predict(self, image: NDArray[np.uint8]) -> Instances:
        self.seen.append(image.shape)
        height, width, _ = image.shape
        shares = np.array([thing.box for thing in self.told], np.float32).reshape(-1, 4)
        boxes = shares * np.array([width, height] * 2, np.float32)
        masks = [ellipse() if thing.mask is None else thing.mask for thing in self.told]
        return Instances(
            boxes=clipped(boxes, height, width),
            classes=np.array([thing.class_id for thing in self.told], np.int64),
            scores=np.array([thing.score for thing in self.told], np.float32),
            masks=np.array(masks, np.float32).reshape(-1, SIDE, SIDE),
            mask_boxes=boxes,
        )
