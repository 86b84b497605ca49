"""Photos cut into tiles against the same photos seen whole: every network, both engines."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import read_artifact
from model.convert import graphs_of
from model.engines.engine import AS_THEY_ARE, LargePhotos
from model.engines.onnxruntime import ONNXRuntimeEngine
from model.engines.openvino import OpenVINOEngine
from model.graphs import Graphs
from model.tiling import run
from model.tiling.layout import layout
from model.tiling.plan import read_plan
from tests.artifacts import Recipe, photo_pixels

BINS = (1, 2, 3, 6)
EXACT = [
    Recipe("fcn", "resnet-50"),
    Recipe("psp", "resnet-101"),
    Recipe("deeplab", "resnet-50"),
    Recipe("icnet"),
    Recipe("deeplabplus", "xception"),
    Recipe("fastscnn", "none"),
]
Engine = OpenVINOEngine | ONNXRuntimeEngine


@pytest.fixture(scope="session")
def graphs(
    artifact_of: Callable[[Recipe], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Recipe], Graphs]:
    """Converts an artifact, once a session."""
    cache = tmp_path_factory.mktemp("tiled")
    return lambda recipe: graphs_of(
        read_artifact(artifact_of(recipe)), BINS, cache=cache, timeout_s=300
    )


@pytest.fixture
def halo_of_all_it_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "halo_of", lambda reach, stride, _: -(-reach // stride) * stride)


def build(engine: str, graphs: Graphs, tile_pixels: int = 0) -> Engine:
    large = LargePhotos(tile_pixels=tile_pixels) if tile_pixels else AS_THEY_ARE
    if engine == "openvino":
        return OpenVINOEngine(graphs, precision="f32", threads=2, large=large)
    return ONNXRuntimeEngine(graphs, precision="f32", threads=2, large=large, device="cpu")


def logits(engine: Engine, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    found = engine.predict(image).logits
    array: NDArray[np.float32] = found if isinstance(found, np.ndarray) else found.numpy()
    return array.copy()  # ONNX Runtime's is a view, of what goes with the prediction


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("recipe", EXACT, ids=lambda recipe: recipe.algorithm)
@pytest.mark.usefixtures("halo_of_all_it_reaches")
def test_with_a_wide_halo_the_logits_are_those_of_the_whole(
    engine: str, recipe: Recipe, graphs: Callable[[Recipe], Graphs]
) -> None:
    """Strips, so that they may be long: three tiles or more, in either direction."""
    converted = graphs(recipe)
    plan = read_plan(converted.folder)
    halo = -(-plan.reach // plan.stride) * plan.stride
    longest = 2 * halo + 6 * plan.stride
    whole = build(engine, converted)
    length = 2 * halo + 15 * plan.stride
    for size in ((length + 5, 41), (37, length + 1)):
        bound = longest * min(size)
        tiles = layout(size, stride=plan.stride, halo=halo, max_pixels=bound)
        assert len(list(tiles)) >= 3
        tiled = build(engine, converted, bound)
        image = photo_pixels(*size)
        expected, found = logits(whole, image), logits(tiled, image)
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_attention_is_each_tiles_own_and_still_answers(
    engine: str, graphs: Callable[[Recipe], Graphs]
) -> None:
    image = photo_pixels(300, 461)
    prediction = build(engine, graphs(Recipe("danet", aux=False)), 1 << 16).predict(image)
    assert prediction.mask().shape == (300, 461)
    assert prediction.mask().max() <= 4


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_trained_network_marks_the_same_cat(engine: str, tmp_path: Path) -> None:
    demo = graphs_of(read_artifact(Path("demo/model")), BINS, cache=tmp_path, timeout_s=300)
    image = photo_pixels(1203, 1807)
    whole, tiled = build(engine, demo).predict(image), build(engine, demo, 1_000_000).predict(image)
    assert (whole.mask() == tiled.mask()).mean() >= 0.995
    assert np.abs(whole.scores() - tiled.scores()).mean() < 0.005
