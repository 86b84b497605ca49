"""Which engine runs a Mask R-CNN, and in what."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.engines import EngineChoice
from model.errors import EngineError
from model.instances.artifact import InstanceArtifact, read_instance_artifact
from model.instances.engines import prepare_instances
from model.instances.network import Resizing
from model.params import write_params
from tests.artifacts import photo_pixels
from tests.gluon_arrays import NAME, gluon_arrays


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> InstanceArtifact:
    folder = tmp_path_factory.mktemp("model")
    told = {"algorithm": NAME, "short": 64, "max_size": 96}
    (folder / "hyperparams.json").write_text(json.dumps(told))
    write_params(folder / "model_best.params", gluon_arrays())
    return read_instance_artifact(folder)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(
    ("engine", "precision"),
    [("openvino", "f32"), ("openvino", "bf16"), ("onnxruntime", "f32"), ("onnxruntime", "f16")],
)
def test_an_engine_says_what_it_is_and_finds_things(
    artifact: InstanceArtifact, cache: Path, engine: str, precision: str
) -> None:
    built = prepare_instances(artifact, EngineChoice(engine, precision), cache)()
    assert (built.name, built.precision, built.classes) == (engine, precision, 3)
    found = built.predict(photo_pixels(70, 51))
    assert len(found.scores) == len(found.boxes) == len(found.masks) > 0
    assert np.isfinite(found.masks).all()
    assert found.boxes.max() <= 70


def test_auto_is_an_engine_for_it(artifact: InstanceArtifact, cache: Path) -> None:
    assert prepare_instances(artifact, EngineChoice(), cache)().classes == 3


def test_the_reference_is_no_engine_for_it(artifact: InstanceArtifact, cache: Path) -> None:
    with pytest.raises(EngineError, match="openvino in f32 or bf16, onnxruntime in f32 or f16"):
        prepare_instances(artifact, EngineChoice("mxnet"), cache)


def test_a_photo_is_seen_no_larger_than_is_wanted(artifact: InstanceArtifact, cache: Path) -> None:
    whole, small = (
        prepare_instances(artifact, EngineChoice("openvino", "f32", max_side=side), cache)()
        for side in (0, 48)
    )
    image = photo_pixels(70, 51)
    assert small.predict(image).scores.tolist() != whole.predict(image).scores.tolist()
    half = replace(artifact, resizing=Resizing(64, 48))
    seen = prepare_instances(half, EngineChoice("openvino", "f32"), cache)().predict(image)
    np.testing.assert_array_equal(small.predict(image).boxes, seen.boxes)
