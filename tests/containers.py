"""Containers of the built image, started as SageMaker starts them.

Needs a Docker Engine; IMAGE in the environment names the image.
"""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IMAGE = os.environ.get("IMAGE", "segmentation-container")
MODEL = Path("demo/model").resolve()
CAT = Path("demo/photos/chelsea.jpg").resolve()
READY_WITHIN_S = 180.0
_ASK = """
import sys, urllib.request
headers = {"Accept": sys.argv[1]}
request = urllib.request.Request(
    "http://127.0.0.1:8080/invocations", sys.stdin.buffer.read(), headers
)
sys.stdout.buffer.write(urllib.request.urlopen(request, timeout=60).read())
"""


def docker(*arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker", *arguments],  # noqa: S607  # whichever docker the machine has
        capture_output=True,
        text=True,
        check=check,
    )


def start(model: Path, *options: str) -> str:
    """Start a container that serves; its id."""
    mount = f"{model}:/opt/ml/model:ro"
    return docker("run", "-d", "-v", mount, *options, IMAGE, "serve").stdout.strip()


def state(container: str, field: str) -> str:
    """Of docker's `State`, as it is now."""
    return docker("inspect", "-f", f"{{{{.State{field}}}}}", container).stdout.strip()


@contextmanager
def running(*options: str, model: Path = MODEL) -> Iterator[tuple[str, str]]:
    """A container of the image, told to serve; (container id, its address)."""
    container = start(model, "-p", "127.0.0.1::8080", *options)
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
        if state(container, ".Running") != "true":
            break
    logs = docker("logs", container)
    pytest.fail(f"not ready: {logs.stdout}{logs.stderr}")


def wait_until_healthy(container: str) -> None:
    """By the image's own health check: no port need be open."""
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at and state(container, ".Running") == "true":
        if state(container, ".Health.Status") == "healthy":
            return
        time.sleep(0.2)
    logs = docker("logs", container)
    pytest.fail(f"not healthy: {logs.stdout}{logs.stderr}")


def ask_inside(container: str, accept: str) -> bytes:
    """The same from within, for a container without a network."""
    asked = ["docker", "exec", "-i", container, "python", "-c", _ASK, accept]
    return subprocess.run(asked, input=CAT.read_bytes(), capture_output=True, check=True).stdout


def ask(address: str, accept: str, photo: bytes = CAT.read_bytes(), timeout_s: int = 60) -> bytes:
    """The answer to a JPEG, the photo of the cat."""
    headers = {"Accept": accept, "Content-Type": "image/jpeg"}
    request = urllib.request.Request(f"{address}/invocations", photo, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
        body: bytes = response.read()
    return body


def wait_for_log(container: str, text: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at:
        logs = docker("logs", container)
        if text in logs.stdout + logs.stderr:
            return
        time.sleep(0.2)
    pytest.fail(f"never said {text!r}: {logs.stdout}{logs.stderr}")
