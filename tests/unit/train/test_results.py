"""The artifact that a job leaves; weights are the demo model's, which is quickly converted."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.artifact import Artifact, read_artifact
from model.classes import Classes
from model.graphs import FOLDER
from model.params import read_params
from tests.unit.train.weights import Shapes, write_artifact
from train.hyperparameters import Hyperparameters
from train.results import Results
from train.start import Weights

CLASSES = Classes(("background", "cat", "dog"), ((0, 0, 0), (220, 60, 60), (60, 90, 220)))
DEMO = Path("demo/model")
HEAD: Shapes = {"head.block.4.weight": (3, 2, 1, 1)}


def results(folder: Path, algorithm: str = "fastscnn", **told: Any) -> Results:
    chosen = Hyperparameters(num_classes=3, num_training_samples=8, algorithm=algorithm, **told)
    return Results(folder, chosen, CLASSES)


@pytest.fixture(scope="module")
def weights() -> Weights:
    """Not to be changed."""
    arrays = read_artifact(DEMO).weights
    return {name: np.array(array, np.float32) for name, array in arrays.items()}


@pytest.fixture(scope="module")
def candidate(weights: Weights) -> Iterator[Artifact]:
    """Not to be changed."""
    with results(Path("unused")).candidate(weights) as artifact:
        yield artifact


def files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths}


def test_a_candidate_is_complete(candidate: Artifact, weights: Weights) -> None:
    assert candidate.title == "fastscnn with 3 classes"
    assert candidate.named == CLASSES
    assert candidate.weights.keys() == weights.keys()
    graphs = {name for name in files(candidate.folder) if name.startswith(f"{FOLDER}/")}
    assert graphs
    assert files(candidate.folder) - graphs == {
        "hyperparams.json",
        "classes.json",
        "model_best.params",
    }


def test_a_network_without_backbone_is_told_none(candidate: Artifact) -> None:
    told = json.loads((candidate.folder / "hyperparams.json").read_text())
    assert "backbone" not in told
    assert told["algorithm"] == "fastscnn"
    assert {type(value) for value in told.values()} == {str}


def test_a_candidate_is_gone_once_it_is_judged(weights: Weights) -> None:
    with pytest.raises(KeyError), results(Path("unused")).candidate(weights) as artifact:
        raise KeyError
    assert not artifact.folder.exists()


def test_the_best_and_the_last_stand_side_by_side(
    tmp_path: Path, candidate: Artifact, weights: Weights
) -> None:
    kept = results(tmp_path / "model")
    kept.keep_best(candidate)
    assert files(kept.folder) == files(candidate.folder)
    kept.keep_last({name: array + 1 for name, array in weights.items()})
    assert files(kept.folder) == files(candidate.folder) | {"model_algo-1"}
    served = read_artifact(kept.folder)
    assert served.weights_file.name == "model_best.params"
    for name, array in read_params(kept.folder / "model_algo-1").items():
        assert np.array_equal(served.weights[name], weights[name])
        assert np.array_equal(array, weights[name] + 1)


def test_a_better_epoch_takes_every_place_of_the_one_before(tmp_path: Path) -> None:
    kept = results(tmp_path / "model", "fcn")
    for number, name in enumerate(("worse", "better")):
        artifact = read_artifact(write_artifact(tmp_path / name, HEAD, epochs=str(number)))
        kept.keep_best(artifact)
    for name in files(kept.folder):
        assert (kept.folder / name).read_bytes() == (tmp_path / "better" / name).read_bytes()
    assert files(kept.folder) == {"hyperparams.json", "model_best.params"}


def test_what_a_killed_job_left_half_written_goes(tmp_path: Path, weights: Weights) -> None:
    kept = results(tmp_path / "model")
    (kept.folder / FOLDER).mkdir(parents=True)
    halves = [kept.folder / ".model_best.params.part", kept.folder / FOLDER / ".body.bin.part"]
    for path in halves:
        path.touch()
    kept.keep_last(weights)
    assert files(kept.folder) == {"model_algo-1"}


def test_the_weights_take_their_place_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_artifact(tmp_path / "epoch", HEAD)
    (folder / "z" / "z").mkdir(parents=True)
    (folder / "z" / "z" / "last.txt").touch()
    places: list[str] = []

    def copyfile(source: Path, target: Path) -> None:
        places.append(source.name)
        target.write_bytes(source.read_bytes())

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    results(tmp_path / "model", "fcn").keep_best(read_artifact(folder))
    assert sorted(places) == ["hyperparams.json", "last.txt", "model_best.params"]
    assert places[-1] == "model_best.params"
