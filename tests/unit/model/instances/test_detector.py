"""What lies between the graphs, on graphs that are told what to say."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.instances.detector import Detector
from model.instances.networks import NETWORKS


@pytest.mark.parametrize("name", ["mask_rcnn_fpn_resnet50_v1b_coco", "mask_rcnn_tensorpack"])
def test_where_no_anchor_says_anything_there_are_no_things(name: str) -> None:
    network = NETWORKS[name]
    sides = [64 // stride for stride in network.strides]
    anchors = 3 * sum(side * side for side in sides)

    def run(graph: str, _feeds: Mapping[str, Any]) -> Mapping[str, NDArray[np.float32]]:
        assert graph == "body"
        maps = {
            own: np.zeros((1, side, side, 256), np.float32)
            for own, side in zip(network.map_names, sides, strict=False)
        }
        scores = np.full(anchors, -200, np.float32)  # a sigmoid of 0
        return {**maps, "scores": scores, "deltas": np.zeros((anchors, 4), np.float32)}

    found = Detector(network, None, run).predict(np.zeros((64, 64, 3), np.uint8))
    assert found.boxes.shape == found.mask_boxes.shape == (0, 4)
    assert found.masks.shape == (0, 28, 28)
    assert len(found.scores) == len(found.classes) == 0
