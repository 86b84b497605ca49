"""docs/replay.py, run as it says, comes to what the server answers."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from client import read_scores
from tests.server import RunningServer


@pytest.fixture(scope="module")
def replayed(
    demo_server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """Where it wrote and what it said."""
    out = tmp_path_factory.mktemp("replay")
    url = f"http://localhost:{demo_server.port}"
    said = subprocess.run(
        [sys.executable, "-m", "docs.replay"],
        env={"PATH": os.environ["PATH"], "ENDPOINT_URL": url, "OUT": str(out)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return out, said.stdout


def test_each_step_says_what_it_came_to(replayed: tuple[Path, str]) -> None:
    lines = replayed[1].splitlines()
    assert lines[0].startswith("photo of 800 x 532, ")
    assert lines[1:3] == [
        "mask of (532, 800) uint8, ids [0, 1]",
        "probabilities of (3, 532, 800); their argmax is the mask: True",
    ]
    assert "can't decode byte 0xd7 in position 2" in lines[3]
    assert lines[4:7] == [
        "what comes without Accept is application/x-recordio-protobuf: True",
        "the same mask: True",
        "ids of the whole photo: (1200, 1804)",
    ]
    assert [line.split()[0] for line in lines[7:]] == ["cat", "background"]


def test_the_pictures_are_those_of_the_photo_sent(
    replayed: tuple[Path, str], demo_server: RunningServer
) -> None:
    out = replayed[0]
    photo = (out / "test.jpg").read_bytes()
    answer = demo_server.post(photo, Accept="application/x-recordio-protobuf")[2]
    scores = read_scores(out / "results.rec")
    np.testing.assert_array_equal(scores, read_scores(answer))
    plotted, drawn, overlay = (
        Image.open(out / name).convert("RGB") for name in ("pred_map.png", "ids.png", "overlay.png")
    )
    np.testing.assert_array_equal(np.asarray(plotted), np.asarray(drawn))
    assert len(plotted.getcolors() or []) == len(np.unique(scores.argmax(axis=0))) == 2
    assert overlay.height == 532
    assert overlay.width > 800


def test_it_is_made_of_cells() -> None:
    cells = Path("docs/replay.py").read_text().split("\n# %% ")[1:]
    assert len(cells) > 5
    for cell in cells:
        compile("# " + cell, "cell", "exec")
