"""Which engine answers, what its process holds, and what the next start finds."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.server import CAT, DEMO_MODEL, RunningServer


def mask_of(server: RunningServer) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    status, _, body = server.post(CAT.read_bytes(), Accept="image/png")
    assert status == 200, body
    return np.asarray(Image.open(io.BytesIO(body)))


def libraries(server: RunningServer) -> str:
    """Every file mapped into any process of the server."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return "".join(Path(f"/proc/{each}/maps").read_text() for each in (str(pid), *children))


def test_the_serving_process_has_neither_mxnet_nor_gluoncv(demo_server: RunningServer) -> None:
    mask_of(demo_server)
    assert "openvino" in libraries(demo_server)
    assert "mxnet" not in libraries(demo_server)
    assert "loaded by openvino" in demo_server.output


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_every_engine_marks_the_same_cat(precision: str) -> None:
    with (
        RunningServer(SEG_ENGINE="mxnet") as reference,
        RunningServer(SEG_ENGINE="openvino", SEG_PRECISION=precision) as fast,
    ):
        expected = mask_of(reference.wait_until_ready())
        assert "mxnet" in libraries(reference)
        found = mask_of(fast.wait_until_ready())
        assert f"openvino in {precision}" in fast.output
        assert (found == expected).mean() > (0.999 if precision == "f32" else 0.985)


def test_a_cache_folder_serves_the_next_start_as_well(tmp_path: Path) -> None:
    with RunningServer(SEG_CACHE_DIR=str(tmp_path)) as first:
        expected = mask_of(first.wait_until_ready())
    (graphs,) = tmp_path.iterdir()
    body = graphs / "body.onnx"
    written = body.stat().st_mtime_ns
    manifest = json.loads((graphs / "manifest.json").read_text())
    assert manifest["key"] == graphs.name
    with RunningServer(SEG_CACHE_DIR=str(tmp_path)) as second:
        np.testing.assert_array_equal(mask_of(second.wait_until_ready()), expected)
    assert body.stat().st_mtime_ns == written


def test_a_cache_folder_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with RunningServer(DEMO_MODEL, SEG_CACHE_DIR=str(tmp_path / "file" / "cache")) as server:
        assert server.wait_for_end() == 2
        (line,) = [line for line in server.output.splitlines() if line.startswith("error")]
        assert "SEG_CACHE_DIR" in line
