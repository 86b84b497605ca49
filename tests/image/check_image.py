"""The built image, as SageMaker runs it; for `make test-image`, `make test` leaves it out.

Needs a Docker Engine; IMAGE in the environment names the image.
"""

import io
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training import write_job

IMAGE = os.environ.get("IMAGE", "segmentation-container")
MODEL = Path("demo/model").resolve()
CAT = Path("demo/photos/chelsea.jpg").resolve()
READY_WITHIN_S = 120.0


def docker(*arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker", *arguments],  # noqa: S607  # whichever docker the machine has
        capture_output=True,
        text=True,
        check=check,
    )


@contextmanager
def running(*options: str) -> Iterator[tuple[str, str]]:
    """A container of the image, told to serve; (container id, its address)."""
    mount = f"{MODEL}:/opt/ml/model:ro"
    container = docker(
        "run", "-d", "-p", "127.0.0.1::8080", "-v", mount, *options, IMAGE, "serve"
    ).stdout.strip()
    try:
        port = docker("port", container, "8080/tcp").stdout.split(":")[-1].strip()
        yield container, f"http://127.0.0.1:{port}"
    finally:
        docker("rm", "-f", container)


def wait_until_ready(container: str, address: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(f"{address}/ping", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        if docker("inspect", "-f", "{{.State.Running}}", container).stdout.strip() != "true":
            break
    logs = docker("logs", container)
    pytest.fail(f"not ready: {logs.stdout}{logs.stderr}")


def ask(address: str, accept: str, photo: bytes = CAT.read_bytes(), timeout_s: int = 60) -> bytes:
    """The answer to a JPEG, the photo of the cat."""
    headers = {"Accept": accept, "Content-Type": "image/jpeg"}
    request = urllib.request.Request(f"{address}/invocations", photo, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
        body: bytes = response.read()
    return body


@pytest.mark.parametrize(
    "options",
    [(), ("--read-only", "--tmpfs", "/tmp", "--user", "1000:1000")],  # noqa: S108
    ids=str,
)
def test_it_marks_the_cat_and_stops_when_told(options: tuple[str, ...]) -> None:
    with running(*options) as (container, address):
        wait_until_ready(container, address)
        mask = np.asarray(Image.open(io.BytesIO(ask(address, "image/png"))))
        assert mask.shape == (300, 451)
        assert 0.4 < (mask == 1).mean() < 0.95
        docker("stop", "-t", "30", container)
        assert docker("inspect", "-f", "{{.State.ExitCode}}", container).stdout.strip() == "0"


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
        assert docker("inspect", "-f", "{{.State.Running}}", container).stdout.strip() == "true"


def test_without_a_model_it_ends_with_one_line() -> None:
    ended = docker("run", "--rm", IMAGE, "serve", check=False)
    assert ended.returncode == 3
    assert ended.stderr.splitlines() == ["error: there is no model at /opt/ml/model"]


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
        assert docker("inspect", "-f", "{{.State.ExitCode}}", container).stdout.strip() == "143"
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


def wait_for_log(container: str, text: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at:
        logs = docker("logs", container)
        if text in logs.stdout + logs.stderr:
            return
        time.sleep(0.2)
    pytest.fail(f"never said {text!r}: {logs.stdout}{logs.stderr}")
