"""The SageMaker SDK's own predictors and local mode, in an environment of their own.

tests/sdk/ask.py asks; here is what its answers must be. `endpoint` is what boto3 brings, `local`
what local mode's client does, which passes over the status and calls an answer what was asked for.
"""

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from client import read_scores
from tests.server import CAT, RunningServer

PYTHON = Path(".venv-sdk/bin/python")
WAYS = ("endpoint", "local")

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason=".venv-sdk is not there: `make .venv-sdk/ready` makes it"
)


@pytest.fixture(scope="module")
def folder(demo_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the SDK came to."""
    out = tmp_path_factory.mktemp("sdk")
    said = subprocess.run(
        [PYTHON, "tests/sdk/ask.py", str(demo_server.port), CAT, out],
        env={"PATH": os.environ["PATH"], "HOME": str(out)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return out


@pytest.fixture(scope="module")
def scores(demo_server: RunningServer) -> NDArray[np.float32]:
    answer = demo_server.post(CAT.read_bytes(), Accept="application/x-npy")[2]
    loaded: NDArray[np.float32] = np.load(io.BytesIO(answer))
    return loaded


def found(path: Path) -> Any:
    """What a call returned; or, of one that raised, what."""
    raised = path.with_suffix(".txt")
    assert not raised.exists(), raised.read_text()
    return np.load(path) if path.suffix == ".npy" else path.read_bytes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["default", "records", "either", "scores"])
def test_probabilities_come_by_every_deserializer(
    folder: Path, scores: NDArray[np.float32], way: str, name: str
) -> None:
    np.testing.assert_array_equal(found(folder / way / f"{name}.npy"), scores)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["default.rec", "notebook.rec", "path.rec"])
def test_bytes_without_a_deserializer_are_recordio(
    folder: Path, scores: NDArray[np.float32], way: str, name: str
) -> None:
    np.testing.assert_array_equal(read_scores(found(folder / way / name)), scores)


@pytest.mark.parametrize("way", WAYS)
def test_masks_come_as_a_picture_and_as_an_array(
    folder: Path, scores: NDArray[np.float32], way: str
) -> None:
    with Image.open(io.BytesIO(found(folder / way / "notebook.png"))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), scores.argmax(axis=0))
    np.testing.assert_array_equal(found(folder / way / "mask.npy"), scores.argmax(axis=0))


@pytest.mark.parametrize("way", WAYS)
def test_json_is_read_and_sent(folder: Path, way: str) -> None:
    told = json.loads(found(folder / way / "summary.json"))
    assert [each["name"] for each in told["classes"]] == ["cat", "background"]
    assert {*json.loads(found(folder / way / "lambda.json"))} == {"MaskBase64"}


def test_a_type_with_options_and_a_choice_of_types_are_understood(
    folder: Path, scores: NDArray[np.float32]
) -> None:
    np.testing.assert_array_equal(found(folder / "endpoint" / "npy_or_json.npy"), scores)
    typed = found(folder / "endpoint" / "typed_mask.npy")
    np.testing.assert_array_equal(typed, scores.argmax(axis=0))


@pytest.mark.parametrize("name", ["npy_or_json", "typed_mask"])
def test_in_local_mode_the_sdk_itself_cannot_read_these(folder: Path, name: str) -> None:
    """As docs/clients.md says; when this fails, that has become untrue."""
    said = (folder / "local" / f"{name}.txt").read_text()
    assert said.startswith("ValueError: NumpyDeserializer cannot read content type")


def test_a_refusal_is_raised_by_an_endpoint_and_returned_by_local_mode(folder: Path) -> None:
    said = (folder / "endpoint" / "refusal.txt").read_text()
    assert said.startswith("ModelError: ")
    assert "Received client error (400) from primary" in said
    assert json.loads(found(folder / "local" / "refusal.json"))["code"] == "undecodable-image"


def test_local_mode_transforms_a_folder(folder: Path, scores: NDArray[np.float32]) -> None:
    outputs = list((folder / "transform" / "out").iterdir())
    assert [path.name for path in outputs] == ["chelsea.jpg.out"]
    np.testing.assert_array_equal(read_scores(outputs[0]), scores)
