"""The built image, as SageMaker runs it; for `make test-image`, `make test` leaves it out.

Needs a Docker Engine; IMAGE in the environment names the image, BASE_IMAGE what it was built on.
"""

import io
import json
import os
import re
import shlex
import shutil
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.artifacts import Recipe, write_artifact
from tests.containers import (
    CAT,
    IMAGE,
    MODEL,
    ask,
    ask_inside,
    docker,
    running,
    start,
    state,
    wait_for_log,
    wait_until_healthy,
    wait_until_ready,
)
from tests.training import write_job

BASE_IMAGE = os.environ.get("BASE_IMAGE", "python:3.11-slim-bookworm")
LICENCES = "/usr/local/share/doc/third-party-licences.txt"
OUR_LAYERS_MB = 700
LOCKED = (
    *("--read-only", "--tmpfs", "/tmp", "--user", "10001", "--cap-drop", "ALL"),  # noqa: S108
    *("--memory", "2g", "--network", "none"),
)


@pytest.mark.parametrize("options", [(), ("--user", "4321:1234"), LOCKED], ids=len)
def test_it_marks_the_cat_and_stops_when_told(options: tuple[str, ...]) -> None:
    container = start(MODEL, *options)
    try:
        wait_until_healthy(container)
        mask = np.asarray(Image.open(io.BytesIO(ask_inside(container, "image/png"))))
        assert mask.shape == (300, 451)
        assert 0.4 < (mask == 1).mean() < 0.95
        docker("stop", "-t", "30", container)
        assert state(container, ".ExitCode") == "0"
    finally:
        docker("rm", "-f", container)


def test_told_to_stop_it_answers_what_it_has_taken_in() -> None:
    with running() as (container, address), ThreadPoolExecutor(8) as clients:
        wait_until_ready(container, address)
        answered = clients.map(lambda _: ask(address, "image/png"), range(8))
        wait_for_log(container, "image/png 300x451")
        docker("stop", "-t", "30", container)
        assert state(container, ".ExitCode") == "0"
        assert len({*answered}) == 1


def test_the_server_is_nobody_though_root_started_it() -> None:
    with running() as (container, address):
        wait_until_ready(container, address)
        status = docker("exec", container, "cat", "/proc/1/status").stdout
        users = re.search(r"Uid:\s+(.*)\nGid:\s+(.*)\n(?:.*\n)*Groups:[ \t]*(.*)", status)
        assert users
        assert [found.split() for found in users.groups()] == [["10001"] * 4, ["10001"] * 4, []]


def test_a_model_that_root_alone_may_read_is_served_by_root(tmp_path: Path) -> None:
    model = shutil.copytree(MODEL, tmp_path / "model")
    (model / "model_best.params").chmod(0o600)
    with running(model=model) as (container, address):
        wait_until_ready(container, address)
        assert len(ask(address, "image/png")) > 100
        wait_for_log(container, "model_best.params is for root alone to read")


def test_the_largest_network_starts_in_2_gigabytes(tmp_path: Path) -> None:
    recipe = Recipe("psp", "resnet-101", classes=21)
    model = tmp_path / "model"
    write_artifact(model, recipe)
    with running("--memory", "2g", "--memory-swap", "2g", model=model) as (container, address):
        wait_until_ready(container, address)
        assert Image.open(io.BytesIO(ask(address, "image/png"))).size == (451, 300)


def test_what_it_says_of_itself() -> None:
    facts = json.loads(docker("image", "inspect", IMAGE).stdout)[0]
    labels = facts["Config"]["Labels"]
    for capability in ("accept-bind-to-port", "multi-models"):
        assert labels[f"com.amazonaws.sagemaker.capabilities.{capability}"] == "true"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert facts["Config"]["Entrypoint"] == ["python", "-m", "container"]
    assert "Healthcheck" in facts["Config"]
    shown = docker("run", "--rm", "--entrypoint", "cat", IMAGE, LICENCES).stdout
    for package in ("mxnet 1.9.1", "openvino", "numpy 1.23.5"):
        assert package in shown


def test_our_layers_are_no_larger_than_stated() -> None:
    sizes = [
        int(json.loads(docker("image", "inspect", name).stdout)[0]["Size"])
        for name in (IMAGE, BASE_IMAGE)
    ]
    ours_mb = (sizes[0] - sizes[1]) / 1_000_000
    print(f"our layers: {ours_mb:.0f} MB")
    assert ours_mb < OUR_LAYERS_MB


def test_it_quantizes_too(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    with Image.open(CAT) as cat:
        for turn in range(4):
            cat.rotate(90 * turn).save(photos / f"{turn}.jpg")
    mounts = ("-v", f"{MODEL}:/model:ro", "-v", f"{photos}:/photos")
    command = ["quantize", "--model-dir", "/model", "--images", "/photos", "-o"]
    said = docker("run", "--rm", *mounts, IMAGE, *command, "/photos/quantized.tar.gz").stdout
    assert "wrote /photos/quantized.tar.gz" in said


def test_the_readme_runs_it_like_this() -> None:
    """Its lines, but for the name of the image and a port that is free."""
    (block,) = re.findall(r"```sh\n(docker build .*?)```", Path("README.md").read_text(), re.DOTALL)
    build, run = block.splitlines()
    assert build == "docker build -t segmentation-container ."  # as `make image` does
    assert run.endswith("segmentation-container serve")
    line = run.replace("segmentation-container", IMAGE).replace("-p 8080", "-p 127.0.0.1:")
    words = shlex.split(line.replace("$PWD", str(Path.cwd())))
    container = docker("run", "-d", *words[2:]).stdout.strip()
    try:
        address = f"http://{docker('port', container, '8080/tcp').stdout.strip()}"
        wait_until_ready(container, address)
        assert Image.open(io.BytesIO(ask(address, "image/png"))).size == (451, 300)
    finally:
        docker("rm", "-f", container)


def test_every_kind_of_answer_is_made_there() -> None:
    with running() as (container, address):
        wait_until_ready(container, address)
        for accept in ("image/png-overlay", "image/jpeg", "image/webp"):
            body = ask(address, f"{accept};legend=1;outline=2")
            assert Image.open(io.BytesIO(body)).width > 451
        assert Image.open(io.BytesIO(ask(address, "image/png-mask;colormap=jet"))).mode == "RGBA"
        summary = json.loads(ask(address, "application/json;regions=polygons"))
        assert summary["classes"][0]["name"] == "cat"
        assert np.load(io.BytesIO(ask(address, "application/x-npy;topk=2"))).shape[:2] == (2, 2)
        with urllib.request.urlopen(address, timeout=60) as page:  # noqa: S310
            assert b"<!doctype html>" in page.read()


def test_a_photo_of_24_megapixels_is_answered_in_2_gigabytes() -> None:
    large = io.BytesIO()
    with Image.open(CAT) as cat:
        cat.resize((6000, 4000)).save(large, "JPEG")
    with running("--memory", "2g", "--memory-swap", "2g") as (container, address):
        wait_until_ready(container, address)
        answer = ask(address, "image/png", large.getvalue(), timeout_s=600)
        mask = np.asarray(Image.open(io.BytesIO(answer)))
        assert mask.shape == (4000, 6000)
        assert 0.1 < (mask == 1).mean() < 0.95
        assert state(container, ".Running") == "true"


def test_without_a_model_it_ends_with_one_line() -> None:
    ended = docker("run", "--rm", IMAGE, "serve", check=False)
    assert ended.returncode == 3
    assert ended.stderr.splitlines() == ["error: there is no model at /opt/ml/model"]


def test_its_labels_tell_sagemaker_what_it_can_do() -> None:
    labels = json.loads(docker("inspect", "-f", "{{json .Config.Labels}}", IMAGE).stdout)
    for capability in ("accept-bind-to-port", "multi-models"):
        assert labels[f"com.amazonaws.sagemaker.capabilities.{capability}"] == "true"


def test_inspect_says_what_the_model_is() -> None:
    said = docker("run", "--rm", "-v", f"{MODEL}:/m:ro", IMAGE, "inspect", "/m").stdout
    assert "fastscnn" in said
    assert "every layer fits" in said


def test_it_trains_and_goes_on_after_it_was_stopped(tmp_path: Path) -> None:
    base = write_job(
        tmp_path, algorithm="fastscnn", photos=8, crop_size=64, mini_batch_size=4, epochs=400
    )
    mount = ("-v", f"{base}:/opt/ml")
    container = docker("run", "-d", *mount, IMAGE, "train").stdout.strip()
    try:
        wait_for_log(container, "epoch 2/400")
        docker("stop", "-t", "120", container)
        assert state(container, ".ExitCode") == "143"
        docker("start", container)
        wait_for_log(container, "going on from the checkpoint of step")
        docker("stop", "-t", "120", container)
    finally:
        docker("rm", "-f", container)
    said = docker("run", "--rm", *mount, IMAGE, "inspect", "/opt/ml/model").stdout
    assert "inside; it starts at once" in said
    assert "every layer fits" in said


def test_a_job_without_data_ends_with_the_reason(tmp_path: Path) -> None:
    base = write_job(tmp_path, photos=2)
    next((base / "input/data/train_annotation").iterdir()).unlink()
    ended = docker("run", "--rm", "-v", f"{base}:/opt/ml", IMAGE, "train", check=False)
    assert ended.returncode == 1
    assert (base / "output/failure").read_text().startswith("ClientError: ")
