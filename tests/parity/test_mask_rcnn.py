"""Our Mask R-CNN against GluonCV's on MXNet: every network, odd sizes, decisive weights."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.graphs import Graphs
from model.instances.artifact import InstanceArtifact, read_instance_artifact
from model.instances.convert import instance_graphs_of
from model.instances.engines import DetectorEngine, onnxruntime_engine, openvino_engine
from model.instances.instances import Instances
from serve.instances.choice import choice_of
from serve.instances.labels import thing_labels_of
from serve.options import Options
from tests.artifacts import photo_pixels
from tests.mask_rcnn import Recipe, reference, write_mask_rcnn
from tests.unit.serve.instances.scene import full

SIZES = ((97, 143), (160, 224), (211, 133), (75, 301))
OTHERS = [
    Recipe(f"mask_rcnn_{name}_coco", regions=50)
    for name in (
        "fpn_resnet18_v1b",
        "fpn_syncbn_resnet18_v1b",
        "fpn_resnet101_v1d",
        "resnet18_v1b",
        "resnet50_v1b",
        "resnet101_v1d",
    )
]

Found = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
Model = tuple[InstanceArtifact, Graphs, Callable[[NDArray[np.uint8]], Found]]


def made(recipe: Recipe, folder: Path) -> Model:
    network = write_mask_rcnn(folder / "model", recipe)
    artifact = read_instance_artifact(folder / "model")
    graphs = instance_graphs_of(artifact, cache=folder / "cache", timeout_s=300)
    rules = replace(artifact.network.rules, proposals=recipe.regions)
    artifact = replace(artifact, network=replace(artifact.network, rules=rules))
    return artifact, graphs, reference(network, recipe)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The network most people have."""
    return made(Recipe(), tmp_path_factory.mktemp("mask_rcnn"))


def openvino(model: Model, precision: str = "f32") -> DetectorEngine:
    return openvino_engine(model[0], model[1], precision=precision, threads=2)


def pasted(mask: NDArray[Any], box: NDArray[Any], size: tuple[int, int]) -> NDArray[np.bool_]:
    """The photo's pixels that a mask covers: padded by zeros, bilinear at the pixels' middles."""
    (x1, y1, x2, y2), side, padded = box, len(mask), np.pad(mask, 1)
    y, x = (np.arange(length) + 0.5 for length in size)
    rows, columns = (y - y1) / (y2 - y1) * side + 0.5, (x - x1) / (x2 - x1) * side + 0.5
    covered: NDArray[np.bool_] = bilinear(bilinear(padded, rows).T, columns).T >= 0.5
    return covered


def bilinear(values: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    """Rows between the rows, the outermost beyond."""
    return np.array([np.interp(places, np.arange(len(values)), column) for column in values.T]).T


def check(found: Instances, expected: Found, size: tuple[int, int]) -> None:
    ids, scores, boxes, masks = expected
    assert len(found.scores) == len(scores)
    assert (np.diff(found.scores) <= 0).all()
    height, width = size
    within = np.clip(boxes, 0, [width, height, width, height])
    choice = choice_of(Options(), thing_labels_of(80))
    seen = 0
    for place, own in enumerate(places_of(found, (ids, scores, within, masks))):
        np.testing.assert_allclose(found.mask_boxes[own], boxes[place], atol=0.5)
        np.testing.assert_allclose(found.masks[own], masks[place], atol=1e-3)
        patch = choice.patch(found, own, size)
        ours = full(patch.top, patch.left, patch.inside, size)
        theirs = pasted(masks[place], boxes[place], size)
        covered = int((ours | theirs).sum())
        # An IoU of 0.99; of a mask of less than 100 pixels one may lie just at the threshold.
        assert int((ours ^ theirs).sum()) <= max(1, 0.01 * covered)
        seen += covered > 0
    assert seen >= 0.25 * len(scores)


def places_of(found: Instances, expected: Found) -> list[int]:
    """Where each expected thing is among those found; two as sure may have changed places."""
    ids, scores, boxes, _ = expected
    free = np.ones(len(ids), bool)
    places = []
    for kind, score, box in zip(ids, scores, boxes, strict=True):
        near = np.abs(found.scores - score) < 1e-3
        near &= np.abs(found.boxes - box).max(axis=1) < 0.5
        (candidates,) = np.nonzero(near & (found.classes == kind) & free)
        assert len(candidates), (kind, score, box)
        free[candidates[0]] = False
        places.append(int(candidates[0]))
    return places


@pytest.mark.parametrize("size", SIZES)
def test_openvino_finds_what_gluoncv_finds(usual: Model, size: tuple[int, int]) -> None:
    image = photo_pixels(*size)
    expected = usual[2](image)
    assert len(expected[0]) > 50
    assert len(set(expected[0])) > 4
    check(openvino(usual).predict(image), expected, size)


def test_onnxruntime_finds_what_gluoncv_finds(usual: Model) -> None:
    image = photo_pixels(97, 143)
    engine = onnxruntime_engine(usual[0], usual[1], precision="f32", threads=2)
    check(engine.predict(image), usual[2](image), (97, 143))


@pytest.mark.parametrize("recipe", OTHERS, ids=lambda recipe: recipe.name)
def test_other_backbones_and_heads_too(recipe: Recipe, tmp_path: Path) -> None:
    model = made(recipe, tmp_path)
    image = photo_pixels(97, 143)
    expected = model[2](image)
    assert len(expected[0]) > 10
    check(openvino(model).predict(image), expected, (97, 143))


def test_in_a_photo_without_things_there_are_none(tmp_path: Path) -> None:
    recipe = Recipe("mask_rcnn_fpn_resnet18_v1b_coco", background=40, regions=50)
    model = made(recipe, tmp_path)
    image = photo_pixels(97, 143)
    assert len(model[2](image)[0]) == 0
    found = openvino(model).predict(image)
    assert found.boxes.shape == (0, 4)
    assert found.masks.shape == (0, 14, 14)
    assert len(found.scores) == len(found.classes) == 0


def test_what_is_found_lies_within_the_photo_and_is_typed_as_promised(usual: Model) -> None:
    found = openvino(usual).predict(photo_pixels(75, 301))
    assert (found.boxes[:, :2] >= 0).all()
    assert (found.boxes[:, 2:] <= (301, 75)).all()
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()
    assert found.classes.dtype == np.int64
    assert {found.boxes.dtype, found.scores.dtype, found.masks.dtype} == {np.dtype(np.float32)}
    assert found.masks.shape[1:] == (28, 28)
    assert found.masks.min() >= 0
    assert found.masks.max() <= 1


def test_bf16_finds_the_sure_things(usual: Model) -> None:
    """On random weights, which amplify every rounding."""
    image = photo_pixels(160, 224)
    exact, blunt = (openvino(usual, precision).predict(image) for precision in ("f32", "bf16"))
    sure = exact.scores > 0.9
    near = [
        np.abs(blunt.boxes[blunt.classes == kind] - box).max(axis=1).min(initial=np.inf) < 8
        for kind, box in zip(exact.classes[sure], exact.boxes[sure], strict=True)
    ]
    assert sum(near) >= 0.9 * len(near)
