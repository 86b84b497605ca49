"""schemathesis reads /openapi.json and asks the server in every way it allows, and in others.

Thousands of photos and bodies in JSON, right and wrong, from the same seed each time; all of its
checks hold (tests/schemathesis.toml).
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from serve import media
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


def run(server: RunningServer, folder: Path) -> subprocess.CompletedProcess[str]:
    """Ask; `folder` gets what was asked, and what schemathesis keeps for itself."""
    command = [str(PROGRAM), "--config-file", str(CONFIG), "run", "--no-color"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(folder / "asked.ndjson")]
    environment = {"PYTHONPATH": str(Path.cwd()), "SCHEMATHESIS_HOOKS": "tests.openapi_hooks"}
    return subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/openapi.json"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def document(server: RunningServer) -> bytes:
    connection = server.connect()
    connection.request("GET", "/openapi.json")
    body = connection.getresponse().read()
    connection.close()
    return body


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
    paths = json.loads(document(demo_server))["paths"]
    for each in asked:  # those, too, whose type or method is one that schemathesis made up
        (operation,) = paths[each.path].values()
        assert each.method == "OPTIONS" or str(each.status) in operation["responses"], each
    answered = [each for each in asked if each.status == 200]
    assert {each.answered for each in answered} >= {*media.ANSWERS}
    assert {each.sent for each in answered} >= {
        *paths["/invocations"]["post"]["requestBody"]["content"]
    }
    assert Counter(each.status for each in asked)[405] > 20
