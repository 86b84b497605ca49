"""The engines on converted graphs against MXNet: every network, odd sizes, decisive artifacts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from model.artifact import read_artifact
from model.convert import graphs_of
from model.engines.engine import AS_THEY_ARE, LargePhotos
from model.engines.mxnet import MXNetEngine, MXNetPrediction
from model.engines.onnxruntime import ONNXRuntimeEngine
from model.engines.openvino import OpenVINOEngine
from model.graphs import HEADS, Graphs
from serve.encode.npy import as_dtype
from tests.artifacts import Recipe, photo_pixels

BINS = (1, 2, 3, 6)
RECIPES = [
    Recipe("fcn", "resnet-50"),
    Recipe("psp", "resnet-101"),
    Recipe("deeplab", "resnet-50"),
    Recipe("danet", aux=False),
    Recipe("icnet"),
    Recipe("deeplabplus", "xception"),
    Recipe("fastscnn", "none"),
]
# Attention amplifies rounding, MXNet's too: there 3e-5 of the largest logit, which is 64, is 2e-3.
MARGINS = {("onnxruntime", "danet"): 2e-4}
SIZES = ((201, 317), (100, 157), (33, 300), (7, 300), (1, 1))


@pytest.fixture(scope="session")
def graphs(
    artifact_of: Callable[[Recipe], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Recipe], Graphs]:
    """Converts an artifact, once a session."""
    cache = tmp_path_factory.mktemp("graphs")
    return lambda recipe: graphs_of(
        read_artifact(artifact_of(recipe)), BINS, cache=cache, timeout_s=300
    )


@pytest.fixture(params=RECIPES, ids=lambda recipe: recipe.algorithm)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    chosen: Recipe = request.param
    return chosen


def build(
    engine: str, graphs: Graphs, large: LargePhotos = AS_THEY_ARE
) -> OpenVINOEngine | ONNXRuntimeEngine:
    if engine == "openvino":
        return OpenVINOEngine(graphs, precision="f32", threads=2, large=large)
    return ONNXRuntimeEngine(graphs, precision="f32", threads=2, large=large, device="cpu")


def check_logits(found: Any, expected: MXNetPrediction) -> None:
    exact = expected.logits.asnumpy()
    assert found.shape == exact.shape
    assert np.abs(found - exact).max() <= 1e-4 * np.abs(exact).max()


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_f32_equals_mxnet(
    engine: str,
    recipe: Recipe,
    artifact_of: Callable[[Recipe], Path],
    graphs: Callable[[Recipe], Graphs],
) -> None:
    reference = MXNetEngine(read_artifact(artifact_of(recipe)), BINS)
    ours = build(engine, graphs(recipe))
    for height, width in SIZES:
        image = photo_pixels(height, width)
        prediction, expected = ours.predict(image), reference.predict(image)
        logits = prediction.logits
        check_logits(logits if engine == "openvino" else logits.numpy(), expected)
        scores, mask, exact = prediction.scores(), prediction.mask(), expected.scores()
        np.testing.assert_allclose(scores, exact, atol=2e-3)
        ranked = np.sort(exact, axis=0)
        clear = ranked[-1] - ranked[-2] > MARGINS.get((engine, recipe.algorithm), 1e-4)
        np.testing.assert_array_equal(mask[clear], exact.argmax(axis=0)[clear])


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime", "mxnet"])
def test_whatever_is_read_off_a_prediction_agrees_to_the_last_bit(
    engine: str, artifact_of: Callable[[Recipe], Path], graphs: Callable[[Recipe], Graphs]
) -> None:
    recipe = Recipe("fcn", "resnet-50")
    ours = (
        MXNetEngine(read_artifact(artifact_of(recipe)), BINS)
        if engine == "mxnet"
        else build(engine, graphs(recipe))
    )
    for height, width in ((7, 300), (150, 1100)):  # the second is wider than a tile
        prediction = ours.predict(photo_pixels(height, width))
        scores = prediction.scores()
        mask, top = prediction.top()
        np.testing.assert_array_equal(prediction.mask(), scores.argmax(axis=0))
        np.testing.assert_array_equal(mask, scores.argmax(axis=0))
        np.testing.assert_array_equal(top, scores.max(axis=0))
        ids, best = prediction.top_k(3)
        np.testing.assert_array_equal(ids, np.argsort(-scores, axis=0, kind="stable")[:3])
        np.testing.assert_array_equal(best, np.sort(scores, axis=0)[::-1][:3])
        for dtype in ("float16", "uint8"):
            small = prediction.small_scores(dtype)
            assert small.dtype == dtype
            np.testing.assert_array_equal(small, as_dtype(scores, dtype))
        for class_id in range(recipe.classes):
            np.testing.assert_array_equal(prediction.plane(class_id), scores[class_id])


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_photos_at_once_are_answered_as_each_alone(
    engine: str, recipe: Recipe, graphs: Callable[[Recipe], Graphs]
) -> None:
    ours = build(engine, graphs(recipe))
    for height, width, count in ((67, 95, 4), (7, 120, 2)):
        wide = photo_pixels(height, width + count)
        images = [wide[:, left : left + width] for left in range(count)]
        together = ours.predict_many(images)
        alone = [ours.predict(image) for image in images]
        assert np.abs(alone[0].scores() - alone[1].scores()).max() > 1e-3
        for found, expected in zip(together, alone, strict=True):
            np.testing.assert_allclose(found.scores(), expected.scores(), atol=1e-5)
            assert found.nbytes == expected.nbytes


def test_a_prediction_of_a_batch_keeps_nothing_of_the_others(
    graphs: Callable[[Recipe], Graphs],
) -> None:
    images = [photo_pixels(64, 64)] * 4
    for found in build("openvino", graphs(Recipe("fcn", "resnet-50"))).predict_many(images):
        assert found.logits.base is None
        assert found.logits.nbytes == found.nbytes


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_photo_larger_than_max_side_is_answered_at_its_own_size(
    engine: str, artifact_of: Callable[[Recipe], Path], graphs: Callable[[Recipe], Graphs]
) -> None:
    recipe = Recipe("psp", "resnet-101")
    reference = MXNetEngine(read_artifact(artifact_of(recipe)), BINS, max_side=100)
    ours = build(engine, graphs(recipe), LargePhotos(max_side=100))
    for height, width in ((201, 317), (6, 400), (100, 90)):
        image = photo_pixels(height, width)
        prediction, expected = ours.predict(image), reference.predict(image)
        assert max(expected.logits.shape[2:]) <= 13
        assert prediction.mask().shape == (height, width)
        np.testing.assert_allclose(prediction.scores(), expected.scores(), atol=2e-3)


def test_the_graphs_are_valid_onnx_and_batch_norm_is_folded(
    recipe: Recipe, graphs: Callable[[Recipe], Graphs]
) -> None:
    for name in ("body", *HEADS):
        path = graphs(recipe).path(name)
        onnx.checker.check_model(path, full_check=True)
        model = onnx.load(path, load_external_data=False)
        assert "BatchNormalization" not in {node.op_type for node in model.graph.node}


def test_the_auxiliary_head_is_left_out(graphs: Callable[[Recipe], Graphs]) -> None:
    model = onnx.load(graphs(Recipe("fcn", "resnet-50")).path("body"), load_external_data=False)
    shapes = {tuple(tensor.dims) for tensor in model.graph.initializer}
    assert (512, 2048, 3, 3) in shapes  # the head
    assert (256, 1024, 3, 3) not in shapes  # the auxiliary one


def test_bf16_marks_the_same_cat(tmp_path: Path) -> None:
    """On trained weights; what it does to random ones is in docs/engines.md."""
    artifact = read_artifact(Path("demo/model"))
    pets = graphs_of(artifact, BINS, cache=tmp_path, timeout_s=300)
    image = photo_pixels(300, 451)
    exact = OpenVINOEngine(pets, precision="f32", threads=2).predict(image).mask()
    blunt = OpenVINOEngine(pets, precision="bf16", threads=2).predict(image).mask()
    assert (exact == blunt).mean() >= 0.985
