"""Every block of docs/clients.md that talks to a server does what it says."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server import RunningServer

PAGE = Path("docs/clients.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
CURL = re.findall(r"^curl .*$", PAGE, re.MULTILINE)
HERE, SDK = Path(sys.executable), Path(".venv-sdk/bin/python")


def test_there_are_blocks_to_run() -> None:
    assert (len(PYTHON), len(CURL)) == (5, 1)


@pytest.fixture
def run(demo_server: RunningServer) -> Callable[[str, Path], str]:
    """Runs a block by a Python; returns what it says."""

    def run(block: str, python: Path) -> str:
        if not python.exists():
            pytest.skip(f"{python} is not there: `make .venv-sdk/ready` makes it")
        code = block.replace("localhost:8080", f"localhost:{demo_server.port}")
        said = subprocess.run(
            [python, "-c", code],
            env={"PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    return run


@pytest.mark.parametrize("block", PYTHON)
def test_python_blocks_run(block: str, run: Callable[[str, Path], str]) -> None:
    assert "300, 451" in run(block, SDK if "from sagemaker" in block else HERE)


@pytest.mark.parametrize("python", [HERE, SDK], ids=["old numpy", "new numpy"])
def test_the_clients_block_says_what_was_refused(
    python: Path, run: Callable[[str, Path], str]
) -> None:
    said = run(PYTHON[0], python)
    assert "(300, 451) uint8\ncat 0." in said
    assert "\n400 undecodable-image " in said


@pytest.mark.parametrize("command", CURL)
def test_curl_blocks_run(command: str, demo_server: RunningServer, tmp_path: Path) -> None:
    command = command.replace("localhost:8080", f"localhost:{demo_server.port}")
    command = command.replace("-o ", f"--silent -o {tmp_path}/")
    subprocess.run(["sh", "-c", command], check=True)  # noqa: S607  # the page's own line
    assert (tmp_path / "overlay.png").read_bytes().startswith(b"\x89PNG")
