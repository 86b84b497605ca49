"""Anchors and proposals, against GluonCV's own."""

import importlib
import warnings
from dataclasses import replace
from typing import Any

import mxnet as mx
import numpy as np
import pytest

from model.instances.networks import NETWORKS
from model.instances.proposals import anchors_of, regions_of

PYRAMID = NETWORKS["mask_rcnn_fpn_resnet50_v1b_coco"]
SINGLE = NETWORKS["mask_rcnn_resnet50_v1b_coco"]
SIZES = ((90, 151), (23, 38), (12, 19), (6, 10), (3, 5), (2, 3))


def gluon_rpn(*, pyramid: bool) -> Any:
    """With few channels: what is compared follows them."""
    rpn = importlib.import_module("gluoncv.model_zoo.rcnn.rpn").RPN
    strides: Any = (4, 8, 16, 32, 64) if pyramid else 16
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = rpn(
            channels=4,
            strides=strides,
            base_size=16,
            scales=(2, 4, 8, 16, 32),
            ratios=(0.5, 1, 2),
            alloc_size=(128, 128),
            clip=4.42,
            nms_thresh=0.7,
            train_pre_nms=100,
            train_post_nms=100,
            test_pre_nms=300,
            test_post_nms=80,
            min_size=1,
            multi_level=pyramid,
        )
    network.initialize(mx.init.Normal(0.7))
    return network


@pytest.mark.parametrize("pyramid", [True, False])
def test_anchors_are_gluoncvs(*, pyramid: bool) -> None:
    rpn = gluon_rpn(pyramid=pyramid)
    generators = rpn.anchor_generator if pyramid else [rpn.anchor_generator]
    for place, generator in enumerate(generators):
        expected = generator(mx.nd.zeros((1, 1, 5, 8))).asnumpy()[0]
        np.testing.assert_array_equal(
            anchors_of((5, 8), place, pyramid=pyramid, centred=False), expected
        )


@pytest.mark.parametrize("network", [PYRAMID, SINGLE], ids=["pyramid", "single"])
def test_regions_are_gluoncvs(network: Any) -> None:
    rpn = gluon_rpn(pyramid=network.pyramid)
    sizes = (SIZES[0], *(SIZES[1:] if network.pyramid else SIZES[3:4]))
    rng = np.random.default_rng(3)
    features = [mx.nd.array(rng.normal(size=(1, 6, *size))) for size in sizes[1:]]
    photo = mx.nd.zeros((1, 3, *sizes[0]))
    _, boxes = rpn(photo, *features)
    boxes = boxes.asnumpy()[0]
    scores, deltas = [], []
    for feature in features:
        head = rpn.rpn_head if network.pyramid else rpn
        hidden = head.conv1(feature)
        scores.append(head.score(hidden).transpose((0, 2, 3, 1)).reshape((-1,)).asnumpy())
        deltas.append(head.loc(hidden).transpose((0, 2, 3, 1)).reshape((-1, 4)).asnumpy())
    rules = replace(network.rules, proposals_before=300, proposals=80)
    ours = replace(network, rules=rules)
    found = regions_of(np.concatenate(scores), np.concatenate(deltas), sizes, ours)
    assert 20 < len(found) <= 80
    np.testing.assert_allclose(found, boxes[: len(found)], atol=1e-3)
