"""Every block of the README that talks to a server does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import RunningServer

README = Path("README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PREDICT = re.findall(r"^\.venv/bin/python -m container predict .*$", README, re.MULTILINE)
CURL = re.findall(r"^curl .*$", README, re.MULTILINE)


def test_there_are_blocks_to_run() -> None:
    assert len(PYTHON) == 2
    assert len(CURL) == 1
    assert len(PREDICT) == 1


@pytest.mark.parametrize("block", PYTHON)
def test_python_blocks_run(block: str, demo_server: RunningServer) -> None:
    code = block.replace("localhost:8080", f"localhost:{demo_server.port}")
    environment = {"PYTHONPATH": "."}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert "451" in said.stdout


@pytest.mark.parametrize("command", CURL)
def test_curl_blocks_run(command: str, demo_server: RunningServer, tmp_path: Path) -> None:
    command = command.replace("localhost:8080", f"localhost:{demo_server.port}")
    command = command.replace("-o demo/out", f"--silent -o {tmp_path}/out")
    subprocess.run(["sh", "-c", command], check=True)  # noqa: S607  # the README's own line
    assert (tmp_path / "out" / "mask.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", PREDICT)
def test_predict_lines_run(command: str, demo_server: RunningServer, tmp_path: Path) -> None:
    url = f"http://localhost:{demo_server.port}/invocations"
    command = command.replace("demo/out", str(tmp_path)).replace(".venv/bin/python", sys.executable)
    subprocess.run(["sh", "-c", f"{command} --url {url}"], check=True)  # noqa: S607  # as above
    assert (tmp_path / "folder" / "chelsea.jpg.jpg").is_file()


@pytest.mark.parametrize("target", re.findall(r"make ([a-z-]+)", README))
def test_targets_named_there_exist(target: str) -> None:
    assert re.search(rf"^{target}:.*##", Path("Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    "page",
    ["README.md", "SECURITY.md", "CONTRIBUTING.md", *sorted(map(str, Path("docs").glob("*.md")))],
)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https:)([^)#]+)[)#]", Path(page).read_text()):
        assert (Path(page).parent / target).exists(), target
