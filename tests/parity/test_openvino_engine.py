"""The CPU engine against MXNet, over every network and odd sizes; artifacts made decisive."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from model.artifact import read_artifact
from model.convert import graphs_of
from model.engines.mxnet import MXNetEngine
from model.engines.openvino import OpenVINOEngine
from model.graph import PHOTO
from model.graphs import Graphs
from model.preprocess import normalize
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


def mxnet_logits(engine: MXNetEngine, image: NDArray[np.uint8]) -> Any:
    photo = mx.nd.array(normalize(image))
    inputs = (photo if name == PHOTO else engine._weights[name] for name in engine._inputs)
    return engine._operator(*inputs).asnumpy()[0]


def openvino_logits(engine: OpenVINOEngine, image: NDArray[np.uint8]) -> Any:
    """At the photo's size, by MXNet's own resize."""
    logits = mx.nd.array(engine._body.infer({"image": image[None]})[0])
    height, width, _ = image.shape
    return mx.nd.contrib.BilinearResize2D(logits, height=height, width=width).asnumpy()[0]


def test_f32_equals_mxnet(
    recipe: Recipe, artifact_of: Callable[[Recipe], Path], graphs: Callable[[Recipe], Graphs]
) -> None:
    reference = MXNetEngine(read_artifact(artifact_of(recipe)), BINS)
    engine = OpenVINOEngine(graphs(recipe), precision="f32", threads=2)
    for height, width in SIZES:
        image = photo_pixels(height, width)
        scores, mask = engine.scores(image), engine.mask(image)
        np.testing.assert_array_equal(mask, scores.argmax(axis=0))
        expected = reference.scores(image)
        top = np.sort(expected, axis=0)
        clear = top[-1] - top[-2] > 1e-4
        np.testing.assert_array_equal(mask[clear], expected.argmax(axis=0)[clear])
        np.testing.assert_allclose(scores, expected, atol=2e-3)
        if min(height, width) >= reference._min_side:
            logits = mxnet_logits(reference, image)
            furthest = np.abs(openvino_logits(engine, image) - logits).max()
            assert furthest <= 1e-4 * np.abs(logits).max()


def test_the_graphs_are_valid_onnx_and_batch_norm_is_folded(
    recipe: Recipe, graphs: Callable[[Recipe], Graphs]
) -> None:
    for name in ("body", "mask", "scores"):
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
    exact = OpenVINOEngine(pets, precision="f32", threads=2).mask(image)
    blunt = OpenVINOEngine(pets, precision="bf16", threads=2).mask(image)
    assert (exact == blunt).mean() >= 0.985
