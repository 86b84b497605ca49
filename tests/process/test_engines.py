"""Which engine answers, what its process holds, and what the next start finds."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from container.__main__ import main
from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import read_artifact
from model.engines.engine import PRECISIONS
from model.graphs import identity_of, write_manifest
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


def test_every_engine_marks_the_same_cat() -> None:
    with RunningServer(SEG_ENGINE="mxnet") as reference:
        expected = mask_of(reference.wait_until_ready())
        assert "mxnet" in libraries(reference)
    for engine, precisions in PRECISIONS.items():
        for precision in (each for each in precisions if each != "int8"):  # see test_int8.py
            with RunningServer(SEG_ENGINE=engine, SEG_PRECISION=precision) as server:
                found = mask_of(server.wait_until_ready())
                assert f"loaded by {engine} in {precision}" in server.output
                assert (found == expected).mean() > (0.999 if precision == "f32" else 0.985)


def test_a_precision_the_engine_does_not_know_stops_the_start() -> None:
    with RunningServer(SEG_ENGINE="mxnet", SEG_PRECISION="bf16") as server:
        assert server.wait_for_end() == 2
        assert "error: the engine mxnet runs f32, not bf16" in server.output


def test_a_model_with_graphs_inside_is_not_converted_again(tmp_path: Path) -> None:
    model = Path(shutil.copytree(DEMO_MODEL, tmp_path / "model"))
    assert main(["convert", str(model)]) == 0
    cache = tmp_path / "cache"
    with RunningServer(model, SEG_CACHE_DIR=str(cache)) as server:
        mask_of(server.wait_until_ready())
    assert not list(cache.iterdir())


def test_a_reduced_photo_is_answered_at_its_own_size() -> None:
    with RunningServer(SEG_INFER_MAX_SIDE="160") as server:
        found = mask_of(server.wait_until_ready())
        assert found.shape == (300, 451)
        assert set(np.unique(found)) <= {0, 1, 2}


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_photo_in_tiles_is_nearly_that_seen_whole(engine: str) -> None:
    """In the smallest of tiles, whose halo of 32 pixels is felt."""
    found = []
    for tile_pixels in ("0", "65536"):
        settings = {"SEG_ENGINE": engine, "SEG_PRECISION": "f32", "SEG_TILE_PIXELS": tile_pixels}
        with RunningServer(DEMO_MODEL, **settings) as server:
            found.append(mask_of(server.wait_until_ready()))
    assert found[1].shape == (300, 451)
    assert 0.9 < (found[0] == found[1]).mean() < 1


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/passwd", "link.bin"])
@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_graphs_in_an_artifact_can_read_nothing_beside_them(
    tmp_path: Path, location: str, engine: str
) -> None:
    model = Path(shutil.copytree(DEMO_MODEL, tmp_path / "model"))
    assert main(["convert", str(model)]) == 0
    body = model / "graphs" / "body.onnx"
    shutil.copy(model / "graphs" / "body.bin", model / "secret.bin")
    (model / "graphs" / "link.bin").symlink_to(model / "secret.bin")
    graph = onnx.load(body, load_external_data=False)
    for tensor in graph.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    body.write_bytes(graph.SerializeToString())
    write_manifest(model / "graphs", identity_of(read_artifact(model), DEFAULT_PSP_BINS))
    with RunningServer(model, SEG_ENGINE=engine, SEG_PRECISION="f32") as server:
        assert server.wait_for_end() == 4
        assert "error: the model did not load" in server.output


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
