"""A Mask R-CNN, from its artifact to the notebook's answer, by a real server."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from container.__main__ import main
from model.instances.networks import network_of
from tests.checkpoints import write_checkpoint
from tests.mask_rcnn import Recipe, write_mask_rcnn
from tests.server import CAT, DEMO_MODEL, RunningServer
from tests.tensorpack import tensorpack_arrays

SIZE = (300, 451)
ASKED = {"img_id": CAT.name, "img_data": base64.b64encode(CAT.read_bytes()).decode()}


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "things"
    write_mask_rcnn(folder, Recipe("mask_rcnn_fpn_resnet18_v1b_coco"))
    return folder


@pytest.fixture(scope="module")
def server(artifact: Path) -> Iterator[RunningServer]:
    with RunningServer(artifact) as running:
        yield running.wait_until_ready()


def annotations(server: RunningServer, **more: Any) -> list[dict[str, Any]]:
    body = json.dumps({**ASKED, **more}).encode()
    status, content_type, answer = server.post(body, Content_Type="application/json")
    assert (status, content_type) == (200, "application/json"), answer
    told = json.loads(answer)
    assert told["img_id"] == CAT.name
    found: list[dict[str, Any]] = told["annotations"]
    return found


def test_the_notebooks_request_has_the_notebooks_answer(server: RunningServer) -> None:
    found = annotations(server)
    assert found
    for each in found:
        assert each.keys() == {"bbox", "category_id", "category_name", "segmentation"}
        assert each["segmentation"]["size"] == [*SIZE]
        assert sum(each["segmentation"]["counts"]) == SIZE[0] * SIZE[1]
        assert all(isinstance(number, int) for number in each["bbox"])
        assert 1 <= each["category_id"] <= 80


def test_fewer_are_told_of_where_more_is_asked_of_them(server: RunningServer) -> None:
    every = [each["score"] for each in annotations(server, score_threshold=0.01, scores=True)]
    assert every == sorted(every, reverse=True)
    last = int(np.argmax(-np.diff(every)))  # before the widest gap: what is told is rounded
    between = (every[last] + every[last + 1]) / 2
    sure = [each["score"] for each in annotations(server, score_threshold=between, scores=True)]
    assert sure == every[: last + 1]


def test_pictures_show_what_is_told(server: RunningServer) -> None:
    status, _, ids = server.post(CAT.read_bytes(), Accept="image/png")
    assert status == 200
    numbers = np.asarray(Image.open(io.BytesIO(ids)))
    assert numbers.shape == SIZE
    assert 0 < numbers.max() <= len(annotations(server))
    status, _, picture = server.post(CAT.read_bytes(), Accept="image/png-overlay;legend=1")
    assert status == 200
    assert Image.open(io.BytesIO(picture)).width >= SIZE[1]


def test_probabilities_of_pixels_there_are_none(server: RunningServer) -> None:
    accept = "application/x-recordio-protobuf"
    status, _, answer = server.post(CAT.read_bytes(), Accept=accept)
    assert (status, json.loads(answer)["code"]) == (406, "not-acceptable")


def test_beside_a_model_of_the_other_kind(artifact: Path) -> None:
    base = artifact.parents[1]
    models = base / "models"
    models.mkdir(exist_ok=True)
    for name, path in (("pixels", DEMO_MODEL), ("things", artifact)):
        target = models / name
        target.mkdir()
        for file in ("hyperparams.json", "model_best.params"):
            (target / file).write_bytes((path / file).read_bytes())
    with RunningServer(SEG_MODELS="refuse", SAGEMAKER_BASE_DIR=str(base)) as running:
        running.wait_until_ready()
        for name in ("pixels", "things"):
            asked = json.dumps({"model_name": name, "url": str(models / name)}).encode()
            status, _, answer = running.post(asked, "/models", Content_Type="application/json")
            assert status == 200, answer
        keys = []
        for name in ("pixels", "things"):
            route = f"/models/{name}/invoke"
            status, _, answer = running.post(CAT.read_bytes(), route, Accept="application/json")
            assert status == 200, answer
            keys.append("annotations" in json.loads(answer))
        assert keys == [False, True]


def test_what_is_packaged_starts_without_converting(
    artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "model.tar.gz"
    assert main(["package", str(artifact), "-o", str(packed)]) == 0
    assert main(["inspect", str(packed)]) == 0
    said = capsys.readouterr().out
    assert "instances" in said
    assert "inside; it starts at once" in said
    with RunningServer(packed) as running:
        assert annotations(running.wait_until_ready())


def test_a_checkpoint_alone_is_served_once_somebody_says_whose_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whose = "mask_rcnn_aws_samples"  # it sees photos at their own size, which is soon done
    arrays = tensorpack_arrays(network_of(whose))
    write_checkpoint(tmp_path, 900, arrays)
    assert main(["inspect", str(tmp_path)]) == 3
    assert "SEG_ALGORITHM" in capsys.readouterr().err
    with RunningServer(tmp_path, SEG_ALGORITHM=whose) as running:
        found = annotations(running.wait_until_ready(), score_threshold=0.1, scores=True)
        assert all(each["category_name"].startswith("class ") for each in found)
