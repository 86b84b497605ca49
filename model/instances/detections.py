"""What the box head says of regions → things, the surest first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import Floats, decoded, falling, suppressed
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


def detections_of(logits: Floats, deltas: Floats, regions: Floats, rules: Rules) -> Detections:
    """At most MAX_DETECTIONS things, each class suppressing its own.

    Args:
        logits: (N, C + 1), the background first.
        deltas: (N, 4 C).
        regions: (N, 4), the surest first.
        rules: of the network.
    """
    scores = softmax(logits)[:, 1:]
    deltas = deltas.reshape(len(regions), -1, 4) * np.array(rules.delta_scale, np.float32)
    found = [
        _of_class(scores[:, kind], deltas[:, kind], regions, rules)
        for kind in range(scores.shape[1])
    ]
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


def _of_class(
    scores: Floats, deltas: Floats, regions: Floats, rules: Rules
) -> tuple[Floats, Floats]:
    order = falling(scores, len(scores))
    order = order[scores[order] > rules.min_score]
    boxes = decoded(deltas[order], regions[order], limit=rules.delta_limit)
    # Of one class no more can be among the surest of all.
    kept = suppressed(boxes, overlap=rules.overlap, most=MAX_DETECTIONS)
    return boxes[kept], scores[order][kept]
