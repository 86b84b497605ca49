"""schemathesis reads /openapi.json and asks the server in every way it allows, and in others.

Thousands of photos and bodies in JSON, right and wrong, from the same seed each time; all of its
checks hold (tests/schemathesis.toml).
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from serve import media
from tests.artifacts import Recipe
from tests.process.test_models import ModelsServer
from tests.server import RunningServer

PROGRAM = Path(sys.executable).with_name("st")
CONFIG = Path("tests/schemathesis.toml").resolve()


class Asked(NamedTuple):
    """One request, and how it was answered."""

    path: str
    method: str
    sent: str
    status: int
    answered: str


def run(
    server: RunningServer, folder: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Ask; `folder` gets what was asked, and what schemathesis keeps for itself."""
    command = [str(PROGRAM), "--config-file", str(CONFIG), "run", "--no-color"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(folder / "asked.ndjson")]
    found = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(Path.cwd())}
    return subprocess.run(
        [*command, *options, f"http://127.0.0.1:{server.port}/openapi.json"],
        cwd=folder,
        env={**found, "SCHEMATHESIS_HOOKS": "tests.openapi_hooks", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def told_paths(server: RunningServer) -> dict[str, Any]:
    """Of its document."""
    connection = server.connect()
    connection.request("GET", "/openapi.json")
    body = connection.getresponse().read()
    connection.close()
    paths: dict[str, Any] = json.loads(body)["paths"]
    return paths


def asked_in(folder: Path) -> Iterator[Asked]:
    for line in (folder / "asked.ndjson").read_text().splitlines():
        recorded = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for each in recorded.get("interactions", {}).values():
            request, response = each["request"], each["response"]
            path = recorded["label"].partition(" ")[2]
            sent, answered = header(request, "Content-Type"), header(response, "content-type")
            yield Asked(path, request["method"], sent, response["status_code"], answered)


def header(message: dict[str, Any], name: str) -> str:
    return "".join(message["headers"].get(name, []))


def assert_as_told(asked: list[Asked], paths: dict[str, Any]) -> None:
    """Their statuses are; those, too, whose type or method is one that schemathesis made up."""
    for each in asked:
        item = paths[each.path]
        operations = [item[each.method.lower()]] if each.method.lower() in item else item.values()
        told = {status for operation in operations for status in operation["responses"]}
        assert each.method == "OPTIONS" or str(each.status) in told, each


def test_the_server_does_what_its_document_says(demo_server: RunningServer, tmp_path: Path) -> None:
    finished = run(demo_server, tmp_path)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    asked = [*asked_in(tmp_path)]
    for path in ("/invocations", "/endpoints/{name}/invocations"):
        statuses = Counter(
            each.status for each in asked if (each.path, each.method) == (path, "POST")
        )
        assert statuses[200] > 200
        assert statuses[400] + statuses[424] > 100
    paths = told_paths(demo_server)
    assert_as_told(asked, paths)
    answered = [each for each in asked if each.status == 200]
    assert {each.answered for each in answered} >= {*media.ANSWERS}
    assert {each.sent for each in answered} >= {
        *paths["/invocations"]["post"]["requestBody"]["content"]
    }
    assert Counter(each.status for each in asked)[405] > 20


def test_a_server_of_several_models_does_what_its_document_says(
    tmp_path: Path, artifact_of: Callable[[Recipe], Path]
) -> None:
    """Fewer of everything; its model has as many classes as there may be, so any id is one."""
    folder = tmp_path / "models" / "red" / "model"
    shutil.copytree(artifact_of(Recipe("fastscnn", classes=254)), folder)
    hooks = {"SCHEMATHESIS_HOOKS": "tests.openapi_models_hooks", "MODEL_FOLDER": str(folder)}
    settings = {"SEG_MODELS": "refuse", "SEG_CACHE_DIR": str(tmp_path / "cache")}
    with ModelsServer(tmp_path, **settings) as server:
        server.wait_until_ready()
        assert server.load("pets/red", "red")[0] == 200
        finished = run(server, tmp_path, "-n", "40", LOADED_MODEL="pets/red", **hooks)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        asked = [*asked_in(tmp_path)]
        assert_as_told(asked, told_paths(server))
    found = Counter((f"{each.method} {each.path}", each.status) for each in asked)
    for operation, status, least in (
        ("POST /models", 200, 3),
        ("POST /models", 400, 20),
        ("GET /models", 200, 20),
        ("GET /models", 400, 5),
        ("GET /models/{name}", 200, 10),
        ("GET /models/{name}", 404, 10),
        ("DELETE /models/{name}", 404, 20),
        ("POST /models/{name}/invoke", 200, 100),
        ("POST /models/{name}/invoke", 400, 50),
        ("POST /models/{name}/invoke", 404, 50),
        ("POST /endpoints/{name}/invocations", 200, 100),
        ("POST /endpoints/{name}/invocations", 424, 100),
        ("POST /invocations", 404, 1),
        ("GET /", 404, 1),
    ):
        assert found[operation, status] >= least, (operation, status)
