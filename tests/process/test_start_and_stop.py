"""A server that cannot serve says why in one line and ends; one that can stops when told."""

import json
import shutil
import signal
import socket
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.artifacts import Recipe, write_artifact
from tests.server import CAT, DEMO_MODEL, RunningServer

Damage = Callable[[Path], None]


def copy_of(model: Path, folder: Path) -> Path:
    return Path(shutil.copytree(model, folder / "model"))


def rewrite(name: str, **changes: object) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return damage


def cut(folder: Path) -> None:
    path = folder / "model_best.params"
    path.write_bytes(path.read_bytes()[:1_000_000])


def garbage(folder: Path) -> None:
    (folder / "model_best.params").write_bytes(b"PK\x03\x04" + bytes(1000))


@pytest.mark.parametrize(
    ("damage", "exit_code", "names"),
    [
        (shutil.rmtree, 3, ["no model"]),
        (lambda folder: (folder / "hyperparams.json").unlink(), 3, ["hyperparams.json", "missing"]),
        (lambda folder: (folder / "model_best.params").unlink(), 3, ["model_algo-1", "missing"]),
        (lambda folder: (folder / "hyperparams.json").write_text("{"), 3, ["hyperparams.json"]),
        (cut, 3, ["model_best.params"]),
        (garbage, 3, ["model_best.params", "zip"]),
        (rewrite("hyperparams.json", algorithm="psp"), 3, ["model_best.params", "psp"]),
        (rewrite("hyperparams.json", algorithm="yolo"), 3, ["hyperparams.json", "yolo"]),
        (rewrite("hyperparams.json", num_classes=21), 3, ["model_best.params", "21", "3"]),
    ],
)
def test_a_model_that_cannot_be_served_stops_the_start(
    tmp_path: Path, damage: Damage, exit_code: int, names: list[str]
) -> None:
    model = copy_of(DEMO_MODEL, tmp_path)
    damage(model)
    with RunningServer(model) as server:
        assert server.wait_for_end() == exit_code
        assert server.ping() == 0
        (line,) = server.output.splitlines()
        assert line.startswith("error: ")
        for name in names:
            assert name in line


def test_a_layer_of_another_network_stops_the_start(tmp_path: Path) -> None:
    write_artifact(tmp_path / "a", Recipe("deeplab"))
    rewrite("hyperparams.json", algorithm="fcn")(tmp_path / "a")
    with RunningServer(tmp_path / "a") as server:
        assert server.wait_for_end() == 3
        (line,) = server.output.splitlines()
        assert "model_best.params" in line
        assert "head." in line
        assert "fcn on resnet50" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "http"),
        ("SEG_QUEUE_SIZE", "0"),
        ("SEG_PSP_BINS", "1,2,3"),
        ("SEG_ENGINE", "tensorflow"),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(name: str, value: str) -> None:
    with RunningServer(DEMO_MODEL, **{name: value}) as server:
        assert server.wait_for_end() == 2
        (line,) = server.output.splitlines()
        assert line.startswith(f"error: {name}={value!r} cannot be used; allowed: ")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SEG_OPTIONS", "class=tiger", "option 'class' cannot be 'tiger'; allowed: 0 to 2"),
        ("SEG_OPTIONS", "topk=4", "option 'topk' cannot be '4'"),
        (
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",
            "image/png-overlay;class=unicorn",
            "option 'class' cannot be 'unicorn'; allowed: 0 to 2, or a name: background, cat, dog",
        ),
    ],
)
def test_a_setting_that_does_not_fit_the_model_stops_the_start(
    name: str, value: str, says: str
) -> None:
    with RunningServer(DEMO_MODEL, **{name: value}) as server:
        assert server.wait_for_end() == 2
        (line,) = server.output.splitlines()
        assert line.startswith(f"error: {name}={value!r} cannot be used: ")
        assert says in line


def test_a_port_that_is_taken_stops_the_start(demo_server: RunningServer) -> None:
    with RunningServer(DEMO_MODEL, SAGEMAKER_BIND_TO_PORT=str(demo_server.port)) as server:
        assert server.wait_for_end() == 6
        (line,) = server.output.splitlines()
        assert line.startswith(f"error: port {demo_server.port} cannot be listened on: ")


def test_sigterm_ends_it_with_exit_code_0() -> None:
    with RunningServer() as server:
        server.wait_until_ready()
        assert server.post(CAT.read_bytes())[0] == 200
        assert [server.ping() for _ in range(3)] == [200] * 3
        assert server.stop() == 0
        assert "error" not in server.output.lower()
        assert server.output.count("/ping says ") == 1
        assert "/ping says 200: openvino in " in server.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("hyperparams.json", "model_best.params"):
            tar.add(DEMO_MODEL / name, arcname=name)
    unpacked = tmp_path / "temporary"
    unpacked.mkdir()
    with RunningServer(archive, TMPDIR=str(unpacked)) as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        while not (found := children.read_text().split()):  # the check has begun
            assert server.process.poll() is None
        server.process.send_signal(number)
        assert server.wait_for_end() == 128 + number
        assert server.output == ""
        give_up_at = time.monotonic() + 10
        while any(Path(f"/proc/{child}").exists() for child in found):  # killed, not yet buried
            assert time.monotonic() < give_up_at
    assert not list(unpacked.glob("model.*"))


def test_a_connection_that_never_says_anything_does_not_delay_the_stop() -> None:
    with RunningServer() as server:
        server.wait_until_ready()
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 15  # 25 is what busy requests are given
        for connection in silent:
            connection.close()


def test_a_model_tar_gz_is_served_and_its_copy_removed(tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("hyperparams.json", "model_best.params"):
            tar.add(DEMO_MODEL / name, arcname=f"./{name}")
    unpacked = tmp_path / "temporary"
    unpacked.mkdir()
    with RunningServer(archive, TMPDIR=str(unpacked)) as server:
        server.wait_until_ready()
        assert server.post(CAT.read_bytes())[0] == 200
        assert list(unpacked.glob("model.*"))
        assert server.stop() == 0
    assert not list(unpacked.glob("model.*"))
