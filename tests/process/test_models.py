"""Real servers that hold several models: loaded, asked, unloaded, and their memory given back."""

import http.client
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from container.__main__ import main
from model.archive import unpack
from tests.artifacts import Recipe
from tests.runtime import runtime_of
from tests.server import CAT, DEMO_MODEL, RunningServer

PHOTO = CAT.read_bytes()
OTHER = Recipe("fastscnn", classes=5)
NAMES = ["sky", "sea", "sand", "rock", "grass"]
Artifacts = Callable[[Recipe], Path]


class ModelsServer(RunningServer):
    """With the demo model and another beside it, to be loaded."""

    def __init__(self, base: Path, **settings: str) -> None:
        self.base = base
        super().__init__(base / "none", SAGEMAKER_BASE_DIR=str(base), **settings)

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
        """(status, JSON or bytes)."""
        connection = self.connect()
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        is_json = response.headers.get("Content-Type") == "application/json"
        return response.status, json.loads(content) if is_json else content

    @property
    def worker(self) -> int:
        """The process that holds the models."""
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(child)

    def load(self, name: str, folder: str = "") -> tuple[int, Any]:
        url = str(self.base / "models" / (folder or name) / "model")
        answer: tuple[int, Any] = self.call(
            "POST", "/models", json.dumps({"model_name": name, "url": url}).encode()
        )
        return answer

    def classes(self, name: str) -> dict[int, str]:
        """Names by id of what it finds on the photo of the cat."""
        path = f"/models/{name}/invoke"
        status, told = self.call("POST", path, PHOTO, Accept="application/json")
        assert status == 200, told
        return {each["id"]: each["name"] for each in told["classes"]}

    def status(self, name: str) -> int:
        status: int = self.call("POST", f"/models/{name}/invoke", PHOTO, Accept="image/png")[0]
        return status


@pytest.fixture
def base(tmp_path: Path, artifact_of: Artifacts) -> Path:
    """As SageMaker lays models out: models/NAME/model."""
    shutil.copytree(DEMO_MODEL, tmp_path / "models" / "pets" / "model")
    coast = tmp_path / "models" / "coast" / "model"
    shutil.copytree(artifact_of(OTHER), coast)
    (coast / "classes.json").write_text(json.dumps({"classes": NAMES}))
    return tmp_path


@contextmanager
def serving(base: Path, **settings: str) -> Iterator[ModelsServer]:
    with ModelsServer(base, **settings) as server:
        yield server.wait_until_ready()


def test_two_models_answer_by_name_each_with_its_own_classes(base: Path) -> None:
    with serving(base, SAGEMAKER_MULTI_MODEL="True") as server:
        assert server.call("GET", "/models") == (200, {"models": []})
        assert server.status("pets") == 404
        for name in ("pets", "coast"):
            assert server.load(name)[0] == 200
        assert server.load("pets")[0] == 409
        for _ in range(2):
            assert set(server.classes("pets").values()) <= {"background", "cat", "dog"}
            assert server.classes("pets")[1] == "cat"
            coast = server.classes("coast")
            assert coast == {id_: NAMES[id_] for id_ in coast}
        assert server.call("DELETE", "/models/pets")[0] == 200
        assert server.status("pets") == 404
        assert server.status("coast") == 200
        assert server.ping() == 200
        assert server.call("GET", "/page.json")[0] == 404
        assert server.stop() == 0
        assert "Traceback" not in server.output
        entries = [json.loads(line) for line in server.output.splitlines()]
        assert {"pets", "coast"} <= {entry.get("model") for entry in entries}
        assert "/ping says 200: models are loaded by request" in server.output


def test_broken_artifacts_are_refused_in_words_and_leave_no_trace(base: Path) -> None:
    weights = base / "models" / "pets" / "model" / "model_best.params"
    weights.write_bytes(weights.read_bytes()[:1_000_000])
    (base / "models" / "empty" / "model").mkdir(parents=True)
    swapped = base / "models" / "swapped" / "model"
    shutil.copytree(base / "models" / "coast" / "model", swapped)
    (swapped / "hyperparams.json").write_text('{"algorithm": "icnet"}')
    with serving(base, SEG_MODELS="refuse", TMPDIR=str(base)) as server:
        for name, word in (
            ("pets", "model_best.params"),
            ("empty", "missing"),
            ("swapped", "icnet"),
            ("none", "within `models`"),
        ):
            status, told = server.load(name)
            assert status == 400
            assert word in told["message"]
            assert str(base) not in json.dumps(told)
        assert server.load("out", "../../etc")[0] == 400
        assert server.call("GET", "/models") == (200, {"models": []})
        assert server.load("pets", "coast")[0] == 200
        (graphs,) = base.glob("graphs.*")
        assert len([*graphs.iterdir()]) == 1
        assert server.call("DELETE", "/models/pets")[0] == 200
        assert not [*graphs.iterdir()]
        assert server.stop() == 0
    assert not [*base.glob("graphs.*")]


def test_the_setting_bounds_the_weights_of_all(base: Path) -> None:
    """Each artifact has 4.6 MiB."""
    with serving(base, SEG_MODELS="refuse", SEG_MODELS_MB="5") as server:
        assert server.load("pets")[0] == 200
        status, told = server.load("coast")
        assert (status, told["code"]) == (507, "out-of-memory")
        assert server.status("pets") == 200
        assert server.call("DELETE", "/models/pets")[0] == 200
        assert server.load("coast")[0] == 200


def test_the_least_recently_used_model_makes_room_where_that_is_set(base: Path) -> None:
    with serving(base, SEG_MODELS="unload", SEG_MODELS_MB="10") as server:
        assert server.load("first", "pets")[0] == 200
        assert server.load("second", "coast")[0] == 200
        assert server.status("first") == 200
        assert server.load("third", "pets")[0] == 200
        _, told = server.call("GET", "/models")
        assert [each["modelName"] for each in told["models"]] == ["first", "third"]


def test_memory_after_ten_loads_is_that_after_four(base: Path) -> None:
    """Within 3 MB; a model with its photo holds more than ten."""
    with serving(base, SEG_MODELS="refuse", SEG_CACHE_DIR=str(base / "cache")) as server:
        held, freed = [], []
        for turn in range(10):
            name = ("pets", "coast")[turn % 2]
            assert server.load(name)[0] == 200
            assert server.status(name) == 200
            held.append(anonymous_mb(server.worker))
            assert server.call("DELETE", f"/models/{name}")[0] == 200
            freed.append(anonymous_mb(server.worker))
        assert abs(freed[9] - freed[3]) < 3, freed
        assert min(held[4:]) > max(freed) + 10, (held, freed)


def anonymous_mb(pid: int) -> float:
    """Of a process; pages of files are others' too, and the kernel's to keep."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("RssAnon:")]
    return int(line.split()[1]) / 1000


def test_loads_unloads_and_photos_at_once_are_right_or_refused_as_promised(base: Path) -> None:
    stopping = threading.Event()
    found: set[tuple[str, int]] = set()

    def ask(name: str, ids: set[str]) -> None:
        while not stopping.is_set():
            path = f"/models/{name}/invoke"
            status, told = server.call("POST", path, PHOTO, Accept="application/json")
            if status == 200:
                assert {each["name"] for each in told["classes"]} <= ids
            found.add((name, status))

    settings = {"SEG_MODELS": "refuse", "SEG_CACHE_DIR": str(base / "cache"), "SEG_CACHE_MB": "0"}
    with serving(base, **settings) as server, ThreadPoolExecutor(4) as pool:
        pets, coast = {"background", "cat", "dog"}, {*NAMES}
        asking = [pool.submit(ask, *each) for each in (("pets", pets), ("coast", coast)) * 2]
        try:
            for _ in range(5):
                for name in ("pets", "coast"):
                    assert server.load(name)[0] == 200
                    assert server.status(name) == 200
                for name in ("pets", "coast"):
                    assert server.call("DELETE", f"/models/{name}")[0] == 200
                assert server.ping() == 200
        finally:
            stopping.set()
        for each in asking:
            each.result(60)
        assert found == {(name, status) for name in ("pets", "coast") for status in (200, 404)}
        assert server.stop() == 0
        assert "Traceback" not in server.output


def test_boto3_names_the_target_model(base: Path) -> None:
    with serving(base, SEG_MODELS="refuse") as server:
        assert server.load("pets.tar.gz", "pets")[0] == 200
        runtime = runtime_of(server.port)
        asked = {"EndpointName": "pets", "Body": PHOTO, "Accept": "image/png"}
        response = runtime.invoke_endpoint(**asked, TargetModel="pets.tar.gz")
        assert response["ContentType"] == "image/png"
        assert response["Body"].read().startswith(b"\x89PNG")
        with pytest.raises(ClientError) as refused:
            runtime.invoke_endpoint(**asked, TargetModel="dogs.tar.gz")
        assert isinstance(refused.value, runtime.exceptions.ModelError)
        assert refused.value.response["OriginalStatusCode"] == 404
        runtime.close()


def test_models_that_died_with_their_process_end_the_server(base: Path) -> None:
    with serving(base, SEG_MODELS="refuse") as server:
        assert server.load("pets")[0] == 200
        os.kill(server.worker, signal.SIGKILL)
        assert server.wait_for_end() == 4
        assert "the process that holds the models died" in server.output


def test_a_loaded_models_files_may_go_but_not_be_written_over(base: Path) -> None:
    """In f32 the network reads a packaged model's weights where they lie."""
    artifact = base / "packaged.tar.gz"
    assert main(["package", str(DEMO_MODEL), "-o", str(artifact)]) == 0
    for name in ("going", "shrinking"):
        unpack(artifact, base / "models" / name / "model")
    with serving(base, SEG_MODELS="refuse", SEG_PRECISION="f32", SEG_CACHE_MB="0") as server:
        for name in ("going", "shrinking"):
            assert server.load(name)[0] == 200
        shutil.rmtree(base / "models" / "going")
        assert server.status("going") == 200
        (base / "models/shrinking/model/graphs/body.bin").write_bytes(b"")
        with pytest.raises(http.client.RemoteDisconnected):
            server.status("shrinking")
        assert server.wait_for_end() == 4
        assert "was a model's file written over?" in server.output


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SEG_MODELS": "all"}, "`off` or `refuse` or `unload`"),
        ({"SAGEMAKER_MULTI_MODEL": "true", "SEG_MODELS": "unload"}, "allowed: `refuse`"),
        ({"SEG_MODELS": "refuse", "SEG_ENGINE": "openvino", "SEG_PRECISION": "f16"}, "not f16"),
    ],
)
def test_settings_that_cannot_be_used_stop_the_start(settings: dict[str, str], says: str) -> None:
    with RunningServer(DEMO_MODEL, **settings) as server:
        assert server.wait_for_end() == 2
        (line,) = server.output.splitlines()
        assert line.startswith("error: ")
        assert says in line
