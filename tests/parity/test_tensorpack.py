"""TensorPack's Mask R-CNN, stage by stage, against MXNet's operators and plain numpy.

TensorFlow is not among what the tests install, so what its code says is computed in other ways:
GluonCV's ResNet, which has the same shape, MXNet's convolutions, dense layers and pooling, and
loops for boxes.
"""

import importlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mxnet as mx
import numpy as np
import pytest
from numpy.typing import NDArray

from model.graphs import Graphs
from model.instances.artifact import InstanceArtifact, read_instance_artifact
from model.instances.convert import instance_graphs_of
from model.instances.detections import Said, detections_of
from model.instances.engines import DetectorEngine, onnxruntime_engine, openvino_engine
from model.instances.instances import Instances
from model.instances.networks import NETWORKS
from model.instances.photo import fitted_size
from model.instances.proposals import anchors_of, regions_of
from model.instances.regions import Cells, pooled
from tests.artifacts import photo_pixels
from tests.checkpoints import write_checkpoint
from tests.tensorpack import CLASSES, tensorpack_arrays

if TYPE_CHECKING:
    from model.instances.network import Rules

NAMES = ("mask_rcnn_tensorpack", "mask_rcnn_aws_samples")
TENSORPACK, AWS = (NETWORKS[name] for name in NAMES)
TOLD = {"short": "96", "max_size": "160"}
SIZES = ((83, 121), (96, 128), (150, 64))
RATIOS = (0.5, 1, 2)

Floats = NDArray[Any]


@pytest.fixture(scope="module")
def arrays() -> dict[str, Floats]:
    return tensorpack_arrays(TENSORPACK)


@pytest.fixture(scope="module")
def npz(arrays: dict[str, Floats], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("npz")
    stored: dict[str, Any] = {f"{name}:0": array for name, array in arrays.items()}
    np.savez(folder / "COCO-MaskRCNN.npz", **stored)
    return folder


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest, npz: Path) -> tuple[InstanceArtifact, Graphs]:
    artifact = read_instance_artifact(npz, {"algorithm": request.param} | TOLD)
    return artifact, instance_graphs_of(artifact, cache=npz / "cache", timeout_s=300)


def runner(model: tuple[InstanceArtifact, Graphs]) -> Any:
    return openvino_engine(*model, precision="f32", threads=2)._detector._run


def convolved(tensor: Any, arrays: dict[str, Floats], name: str, **more: Any) -> Any:
    weight = arrays[f"{name}/W"].transpose(3, 2, 0, 1)
    side = weight.shape[2]
    return mx.nd.Convolution(
        tensor,
        mx.nd.array(weight),
        mx.nd.array(arrays[f"{name}/b"]),
        kernel=(side, side),
        num_filter=len(weight),
        pad=(side // 2, side // 2),
        **more,
    )


def resnet(arrays: dict[str, Floats], photo: Any) -> list[Any]:
    """What leaves the four stages of GluonCV's ResNet-50 with TensorPack's weights."""
    block = importlib.import_module("gluoncv.model_zoo.resnetv1b").resnet50_v1b(dilated=False)
    block.initialize()
    block(photo).wait_to_read()
    pairs = [(block.conv1, block.bn1, "conv0")]
    for group in range(4):
        for place, unit in enumerate(getattr(block, f"layer{group + 1}")):
            root = f"group{group}/block{place}"
            pairs += [
                (getattr(unit, f"conv{i}"), getattr(unit, f"bn{i}"), f"{root}/conv{i}")
                for i in (1, 2, 3)
            ]
            if unit.downsample is not None:
                pairs.append((unit.downsample[0], unit.downsample[1], f"{root}/convshortcut"))
    for convolution, norm, name in pairs:
        convolution.weight.set_data(mx.nd.array(arrays[f"{name}/W"].transpose(3, 2, 0, 1)))
        for own, part in (
            (norm.gamma, "gamma"),
            (norm.beta, "beta"),
            (norm.running_mean, "mean/EMA"),
            (norm.running_var, "variance/EMA"),
        ):
            own.set_data(mx.nd.array(arrays[f"{name}/bn/{part}"]))
    tensor = block.maxpool(block.relu(block.bn1(block.conv1(photo))))
    stages = []
    for group in range(4):
        tensor = getattr(block, f"layer{group + 1}")(tensor)
        stages.append(tensor)
    return stages


def expected_maps(arrays: dict[str, Floats], image: NDArray[np.uint8]) -> list[Any]:
    """P2 to P6 of a photo, BGR, filled up to multiples of 32 after it was normalized."""
    mean, std = np.array([103.53, 116.28, 123.675]), np.array([57.375, 57.12, 58.395])
    bgr = (image[:, :, ::-1] - mean) / std
    rows, columns = (-side % 32 for side in image.shape[:2])
    filled = np.pad(bgr, ((0, rows), (0, columns), (0, 0)))
    stages = resnet(arrays, mx.nd.array(filled.transpose(2, 0, 1)[None]))
    maps: list[Any] = []
    above = None
    for level in (5, 4, 3, 2):
        lateral = convolved(stages[level - 2], arrays, f"fpn/lateral_1x1_c{level}")
        if above is not None:
            lateral = lateral + mx.nd.UpSampling(above, scale=2, sample_type="nearest")
        above = lateral
        maps.insert(0, convolved(lateral, arrays, f"fpn/posthoc_3x3_p{level}"))
    return [*maps, maps[-1][:, :, ::2, ::2]]


def test_the_body_is_mxnets(
    model: tuple[InstanceArtifact, Graphs], arrays: dict[str, Floats]
) -> None:
    image = photo_pixels(83, 121)
    said = runner(model)("body", {"image": image[None]})
    found = {name: np.array(value) for name, value in said.items()}
    maps = expected_maps(arrays, image)
    for level, expected in enumerate(maps[:4], 2):
        own = expected.asnumpy().transpose(0, 2, 3, 1)
        np.testing.assert_allclose(found[f"map{level}"], own, atol=1e-4 * np.abs(own).max())
    scores, deltas = [], []
    for tensor in maps:
        hidden = mx.nd.relu(convolved(tensor, arrays, "rpn/conv0"))
        scores.append(convolved(hidden, arrays, "rpn/class").transpose((0, 2, 3, 1)))
        deltas.append(convolved(hidden, arrays, "rpn/box").transpose((0, 2, 3, 1)))
    flat = np.concatenate([tensor.asnumpy().ravel() for tensor in scores])
    moves = np.concatenate([tensor.asnumpy().reshape(-1, 4) for tensor in deltas])
    np.testing.assert_allclose(found["scores"], flat, atol=1e-4 * np.abs(flat).max())
    np.testing.assert_allclose(found["deltas"], moves, atol=1e-4 * np.abs(moves).max())


def test_the_heads_are_mxnets(
    model: tuple[InstanceArtifact, Graphs], arrays: dict[str, Floats]
) -> None:
    run, rng = runner(model), np.random.default_rng(0)
    cells = rng.normal(size=(9, 7, 7, 256)).astype(np.float32)
    # Rows of fc6 follow the layout that the features have there.
    is_last = model[0].network.family == "aws_samples"
    tensor = mx.nd.array((cells if is_last else cells.transpose(0, 3, 1, 2)).reshape(9, -1))
    for name in ("fc6", "fc7"):
        weight, bias = (mx.nd.array(arrays[f"fastrcnn/{name}/{part}"]) for part in "Wb")
        tensor = mx.nd.relu(mx.nd.dot(tensor, weight) + bias)
    found = {name: np.array(value) for name, value in run("boxes", {"cells": cells}).items()}
    for name, own, skipped in (("class", "scores", 0), ("box", "deltas", 4)):
        weight, bias = (mx.nd.array(arrays[f"fastrcnn/outputs/{name}/{part}"]) for part in "Wb")
        expected = (mx.nd.dot(tensor, weight) + bias).asnumpy()[:, skipped:]
        np.testing.assert_allclose(found[own], expected, atol=1e-4 * np.abs(expected).max())


def test_the_mask_head_is_mxnets(
    model: tuple[InstanceArtifact, Graphs], arrays: dict[str, Floats]
) -> None:
    cells = np.random.default_rng(0).normal(size=(3, 14, 14, 256)).astype(np.float32)
    kinds = np.array([4, 0, 2])
    tensor = mx.nd.array(cells.transpose(0, 3, 1, 2))
    for place in range(4):
        tensor = mx.nd.relu(convolved(tensor, arrays, f"maskrcnn/fcn{place}"))
    weight = mx.nd.array(arrays["maskrcnn/deconv/W"].transpose(3, 2, 0, 1))
    bias = mx.nd.array(arrays["maskrcnn/deconv/b"])
    tensor = mx.nd.Deconvolution(
        tensor, weight, bias, kernel=(2, 2), stride=(2, 2), num_filter=256, no_bias=False
    )
    planes = convolved(mx.nd.relu(tensor), arrays, "maskrcnn/conv").asnumpy()
    expected = planes[np.arange(3), kinds]
    found = np.array(runner(model)("masks", {"cells": cells, "kinds": kinds})["masks"])
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_anchors_lie_around_their_cells_corner() -> None:
    found = anchors_of((2, 3), 1, pyramid=True, centred=True).reshape(2, 3, 3, 4)
    for row in range(2):
        for column in range(3):
            for place, ratio in enumerate(RATIOS):
                width = np.sqrt(64 * 64 / ratio)
                height, x, y = ratio * width, 8 * column, 8 * row
                corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
                np.testing.assert_allclose(found[row, column, place], corners, rtol=1e-6)


def overlap(one: Floats, other: Floats) -> float:
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - across * down
    return across * down / area if area > 0 else 0.0


def greedy(boxes: list[Floats], most: float, count: int) -> list[int]:
    """Boxes that stay, the surest first."""
    kept: list[int] = []
    for place, box in enumerate(boxes):
        if all(overlap(box, boxes[other]) <= most for other in kept):
            kept.append(place)
    return kept[:count]


def moved(box: Floats, delta: Floats, limit: float, size: tuple[int, int]) -> Floats:
    """One box, in double precision, cut at the photo's edges."""
    width, height = box[2] - box[0], box[3] - box[1]
    x, y = (box[0] + box[2]) / 2 + delta[0] * width, (box[1] + box[3]) / 2 + delta[1] * height
    width *= np.exp(min(delta[2], limit))
    height *= np.exp(min(delta[3], limit))
    corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return np.clip(corners, 0, [size[1], size[0]] * 2)


@pytest.mark.parametrize(
    ("network", "limit", "least"),
    [(TENSORPACK, np.log(1344 / 16), 0), (AWS, np.log(1000 / 16), 0.1)],
)
def test_proposals_are_chosen_level_by_level(network: Any, limit: float, least: float) -> None:
    rng = np.random.default_rng(1)
    photo, maps = (60, 92), [(16, 24), (8, 12), (4, 6), (2, 3), (1, 2)]
    rules = replace(network.rules, proposals_before=40, proposals=30)
    counts = [3 * height * width for height, width in maps]
    scores = rng.normal(0, 3, sum(counts)).astype(np.float32)
    deltas = rng.normal(0, 1, (sum(counts), 4)).astype(np.float32)
    deltas[::7, 2] = 9  # beyond the limit
    deltas[::5, :2] = 40  # beyond the photo
    chosen: list[tuple[float, Floats]] = []
    start = 0
    for place, (size, count) in enumerate(zip(maps, counts, strict=True)):
        anchors = anchors_of(size, place, pyramid=True, centred=True).astype(np.float64)
        order = np.argsort(-scores[start : start + count])[:40]
        boxes = [moved(anchors[i], deltas[start + i], limit, photo) for i in order]
        sides = [min(box[2] - box[0], box[3] - box[1]) for box in boxes]
        large = [i for i, side in enumerate(sides) if side > least]
        kept = greedy([boxes[i] for i in large], 0.7, 30)
        chosen += [(scores[start + order[large[i]]], boxes[large[i]]) for i in kept]
        start += count
    expected = [box for _, box in sorted(chosen, key=lambda pair: -pair[0])[:30]]
    found = regions_of(scores, deltas, (photo, *maps), replace(network, rules=rules))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_things_are_cut_before_they_suppress_each_other() -> None:
    rng = np.random.default_rng(2)
    size, count = (60, 92), 80
    corners = rng.uniform(0, 60, (count, 2))
    regions = np.concatenate([corners, corners + rng.uniform(4, 60, (count, 2))], 1)
    regions = np.clip(regions, 0, [92, 60, 92, 60])
    logits = rng.normal(0, 2, (count, 4))
    deltas = rng.normal(0, 2, (count, 3, 4))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected: list[tuple[float, int, Floats]] = []
    for kind in range(3):
        sure = probabilities[:, kind + 1]
        order = [i for i in np.argsort(-sure) if sure[i] > 0.05]
        scales = np.array([0.1, 0.1, 0.2, 0.2])
        limit = np.log(1344 / 16)
        boxes = [moved(regions[i], deltas[i, kind] * scales, limit, size) for i in order]
        kept = greedy(boxes, 0.5, 1000)
        expected += [(sure[order[i]], kind, boxes[i]) for i in kept]
    expected = sorted(expected, key=lambda thing: -thing[0])[:100]
    said = Said(logits.astype(np.float32), deltas.astype(np.float32))
    found = detections_of(said, regions.astype(np.float32), size, TENSORPACK.rules)
    assert found.classes.tolist() == [kind for _, kind, _ in expected]
    np.testing.assert_allclose(found.scores, [sure for sure, _, _ in expected], rtol=1e-4)
    np.testing.assert_allclose(found.boxes, [box for _, _, box in expected], atol=1e-3)


def test_tensorpacks_cells_are_mxnets_aligned_ones() -> None:
    maps, region = some_maps(), np.array([[1.5, 2, 40, 11], [0, 0, 128, 96]], np.float32)
    found = pooled(maps, region, Cells(7, TENSORPACK.rules)).transpose(0, 3, 1, 2)
    for own, box, level in zip(found, region, (2, 2), strict=True):
        tensor = mx.nd.array(maps[level - 2].transpose(0, 3, 1, 2))
        roi = mx.nd.array(np.concatenate([[0], box])[None])
        more = {"sample_ratio": 2, "aligned": True}
        expected = mx.nd.contrib.ROIAlign(tensor, roi, (7, 7), 1 / 2**level, **more).asnumpy()
        np.testing.assert_allclose(own, expected[0], atol=1e-4)


def test_aws_samples_cells_are_single_samples_at_their_middles() -> None:
    maps, box = some_maps(), np.array([3, 5, 61, 90], np.float32)
    (found,) = pooled(maps, box[None], Cells(7, AWS.rules))
    tensor = maps[0][0]  # stride 4
    for row in range(7):
        for column in range(7):
            x = (box[0] + (column + 0.5) * (box[2] - box[0]) / 7) / 4
            y = (box[1] + (row + 0.5) * (box[3] - box[1]) / 7) / 4
            left, up = int(x), int(y)
            right, low = min(left + 1, 31), min(up + 1, 23)
            lines = tensor[:, left] * (left + 1 - x) + tensor[:, right] * (x - left)
            expected = lines[up] * (up + 1 - y) + lines[low] * (y - up)
            np.testing.assert_allclose(found[row, column], expected, atol=1e-4)


def some_maps() -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    sizes = [(96 // stride, 128 // stride) for stride in (4, 8, 16, 32)]
    return [rng.normal(size=(1, *size, 6)).astype(np.float32) for size in sizes]


@pytest.mark.parametrize(
    ("size", "seen"),
    [((480, 640), (800, 1067)), ((427, 640), (800, 1199)), ((300, 1000), (403, 1344))],
)
def test_photos_are_resized_to_tensorpacks_sizes(
    size: tuple[int, int], seen: tuple[int, int]
) -> None:
    assert TENSORPACK.rules.resizing is not None
    assert fitted_size(size, TENSORPACK.rules.resizing) == seen


def same(one: Instances, other: Instances) -> None:
    for part in ("classes", "boxes", "scores", "masks"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_a_checkpoint_and_an_npz_of_the_same_weights_answer_alike(
    arrays: dict[str, Floats], npz: Path, tmp_path: Path
) -> None:
    write_checkpoint(tmp_path, 9000, {"conv0/W": np.zeros(3, np.float32)})
    write_checkpoint(tmp_path, 10000, arrays, shards=2)
    told = {"algorithm": "mask_rcnn_tensorpack"} | TOLD
    found = []
    for folder in (npz, tmp_path):
        artifact = read_instance_artifact(folder, told)
        graphs = instance_graphs_of(artifact, cache=npz / "cache", timeout_s=300)
        found.append(openvino_engine(artifact, graphs, precision="f32", threads=2))
    for size in SIZES:
        one, other = (engine.predict(photo_pixels(*size)) for engine in found)
        assert 5 < len(one.scores) <= 100
        same(one, other)


def test_both_engines_find_the_same(model: tuple[InstanceArtifact, Graphs]) -> None:
    image = photo_pixels(83, 121)
    engines: list[DetectorEngine] = [
        build(*model, precision="f32", threads=2) for build in (openvino_engine, onnxruntime_engine)
    ]
    one, other = (engine.predict(image) for engine in engines)
    assert len(one.scores) > 5
    assert set(one.classes) <= set(range(CLASSES))
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-3)
    equal = np.abs(one.boxes - other.boxes).max(axis=1) < 0.1
    assert equal.mean() >= 0.95  # two as sure may have changed places
    assert (one.classes == other.classes)[equal].all()
    np.testing.assert_allclose(one.masks[equal], other.masks[equal], atol=1e-2)


def test_aws_samples_sees_photos_at_their_own_size(npz: Path) -> None:
    artifact = read_instance_artifact(npz, {"algorithm": "mask_rcnn_aws_samples"})
    graphs = instance_graphs_of(artifact, cache=npz / "cache", timeout_s=300)
    found = openvino_engine(artifact, graphs, precision="f32", threads=2).predict(
        photo_pixels(45, 70)
    )
    assert (found.boxes[:, 2:] <= (70, 45)).all()
    rules: Rules = artifact.network.rules
    assert rules.resizing is None
