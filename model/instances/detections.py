"""What the box head says of regions → things, the surest first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import Floats, clipped, decoded, falling, suppressed
from model.instances.network import MAX_DETECTIONS, Rules


@dataclass(frozen=True)
class Detections:
    """N things, their boxes as the network gave them: they may reach beyond the photo."""

    boxes: Floats
    classes: NDArray[np.int64]
    scores: Floats

    def at(self, places: NDArray[np.int64]) -> "Detections":
        """Some of them."""
        return Detections(self.boxes[places], self.classes[places], self.scores[places])


@dataclass(frozen=True)
class Said:
    """What the box head says of N regions."""

    logits: Floats
    """(N, C + 1), the background first."""
    deltas: Floats
    """(N, C, 4), before they are scaled."""


def detections_of(said: Said, regions: Floats, size: tuple[int, int], rules: Rules) -> Detections:
    """At most MAX_DETECTIONS things, each class suppressing its own.

    Args:
        said: of the regions.
        regions: (N, 4), the surest first.
        size: (height, width) of the photo as the body saw it.
        rules: of the network.
    """
    scores = softmax(said.logits)[:, 1:]
    found = []
    for kind in range(scores.shape[1]):
        own = scores[:, kind]
        order = falling(own, len(own))
        order = order[own[order] > rules.min_score]
        deltas = said.deltas[order, kind] * np.array(rules.delta_scale, np.float32)
        boxes = decoded(deltas, regions[order], limit=rules.delta_limit)
        boxes = clipped(boxes, *size) if rules.cut_first else boxes
        # Of one class no more can be among the surest of all.
        kept = suppressed(boxes, overlap=rules.overlap, most=MAX_DETECTIONS)
        found.append((boxes[kept], own[order[kept]]))
    boxes = np.concatenate([boxes for boxes, _ in found])
    sure = np.concatenate([sure for _, sure in found])
    kinds = np.repeat(np.arange(len(found)), [len(sure) for _, sure in found])
    best = falling(sure, MAX_DETECTIONS)
    return Detections(boxes[best], kinds[best], sure[best])


def softmax(logits: Floats) -> Floats:
    """(N, C) probabilities."""
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = exp / exp.sum(axis=1, keepdims=True)
    return probabilities
