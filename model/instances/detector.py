"""A Mask R-CNN at work on one photo: three graphs, and numpy between them.

    photo ─ body ▶ regions ─ box head ▶ things ─ mask head ▶ masks

The graphs are what convolutions and dense layers do; an inference library runs them. What lies
between them has sizes that depend on the photo's content: sorting, suppression, pooling. In numpy
it is exact, the same under every library and in float32 whatever the graphs run in; and the one
costly part, pooling, takes a fraction of the time that OpenVINO's operator takes for it, which was
as long as the whole body in bfloat16.

Two deviations from GluonCV's own forward, both where that answers amiss. Where suppression leaves
fewer than 1000 regions it goes on with boxes at -1, -1, which can come out as things; here there
are fewer. And boxes reach beyond the photo there, or have no area; here they are cut at its edges,
and a thing of which nothing is left is none. Masks lie where they lie there: in the boxes uncut.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import Floats, clipped
from model.instances.detections import Detections, Said, detections_of
from model.instances.instances import Instances, none_found
from model.instances.network import Network, Resizing
from model.instances.photo import resized, seen_size
from model.instances.proposals import regions_of, sigmoid
from model.instances.regions import Cells, pooled

Run = Callable[[str, Mapping[str, NDArray[Any]]], Mapping[str, Floats]]
"""Graph and inputs → outputs, by name; they need be valid only until that graph runs again."""

# Regions in a head, always: it bounds memory, and a library prepares for one size only. Without a
# pyramid a region has 0.8 MB of cells.
_BOXES_AT_ONCE = {True: 250, False: 50}
_MASKS_AT_ONCE = 10


class Detector:
    """Everything but the library.

    Args:
        network: which.
        resizing: the size it sees photos in; None for their own.
        run: runs `body`, `boxes` and `masks`.
        max_side: of what it sees, pixels; 0 for any.
    """

    def __init__(
        self, network: Network, resizing: Resizing | None, run: Run, *, max_side: int = 0
    ) -> None:
        self._network = network
        self._size_of = partial(seen_size, resizing=resizing, max_side=max_side)
        self._run = run
        rules = network.rules
        self._box_cells = Cells(network.box_pooled, rules, halved=network.halved)
        self._mask_cells = Cells(network.mask_pooled, rules)
        self._boxes_at_once = _BOXES_AT_ONCE[network.pyramid]

    def predict(self, image: NDArray[np.uint8]) -> Instances:
        """See `model.instances.instances.InstanceEngine`."""
        seen = resized(image, self._size_of((image.shape[0], image.shape[1])))
        body = self._run("body", {"image": np.ascontiguousarray(seen)[None]})
        maps = [body[name] for name in self._network.map_names]
        things = self._things(body, maps, (seen.shape[0], seen.shape[1]))
        boxes = things.boxes * self._scale(image, seen)
        within = clipped(boxes, image.shape[0], image.shape[1])
        (seen_at,) = np.nonzero(np.all(within[:, 2:] > within[:, :2], axis=1))
        if not len(seen_at):
            return none_found(self._network.mask_side)
        things, boxes, within = things.at(seen_at), boxes[seen_at], within[seen_at]
        return Instances(
            boxes=within,
            classes=things.classes,
            scores=things.scores,
            masks=self._masks(maps, things),
            mask_boxes=within if self._network.rules.cut_first else boxes,
        )

    def _scale(self, image: NDArray[np.uint8], seen: NDArray[np.uint8]) -> Floats:
        """(4,) what boxes in `seen` are multiplied by."""
        down, across = image.shape[0] / seen.shape[0], image.shape[1] / seen.shape[1]
        if self._network.rules.one_scale:
            down = across = (down * across) ** 0.5
        return np.array([across, down, across, down], np.float32)

    def _things(
        self, body: Mapping[str, Floats], maps: list[Floats], size: tuple[int, int]
    ) -> Detections:
        sizes = [(tensor.shape[1], tensor.shape[2]) for tensor in maps]
        if self._network.pyramid:
            sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
        regions = regions_of(body["scores"], body["deltas"], (size, *sizes), self._network)
        if not len(regions):
            return Detections(regions, np.empty(0, np.int64), np.empty(0, np.float32))
        count = self._boxes_at_once
        said = [
            self._said(maps, regions[first : first + count]) for first in _firsts(regions, count)
        ]
        scores, deltas = (np.concatenate(parts) for parts in zip(*said, strict=True))
        said_of_all = Said(scores, deltas.reshape(len(regions), -1, 4))
        return detections_of(said_of_all, regions, size, self._network.rules)

    def _said(self, maps: list[Floats], regions: Floats) -> tuple[Floats, Floats]:
        """Scores and deltas, copies."""
        cells = _padded(pooled(maps, regions, self._box_cells), self._boxes_at_once)
        found = self._run("boxes", {"cells": cells})
        return found["scores"][: len(regions)].copy(), found["deltas"][: len(regions)].copy()

    def _masks(self, maps: list[Floats], things: Detections) -> Floats:
        """0..1, of the network's own boxes."""
        cells, count = pooled(maps, things.boxes, self._mask_cells), _MASKS_AT_ONCE
        found = []
        for first in _firsts(cells, count):
            own = things.classes[first : first + count]
            feeds = {
                "cells": _padded(cells[first : first + count], count),
                "kinds": _padded(own, count),
            }
            found.append(sigmoid(self._run("masks", feeds)["masks"][: len(own)]))
        return np.concatenate(found)


def _firsts(rows: Floats, count: int) -> range:
    return range(0, len(rows), count)


def _padded(rows: NDArray[Any], count: int) -> NDArray[Any]:
    """`count` rows, zeros after those there are."""
    if len(rows) == count:
        return rows
    padding = np.zeros((count - len(rows), *rows.shape[1:]), rows.dtype)
    return np.concatenate([rows, padding])
