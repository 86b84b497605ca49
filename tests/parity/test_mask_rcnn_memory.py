"""Photos of many sizes do not fill the memory of a Mask R-CNN's engine.

In a process of its own, as tests/parity/test_memory.py. Few regions: heads see one size whatever
the photo's is. Unbounded, these sizes cost OpenVINO three times what is allowed here.
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.instances.artifact import read_instance_artifact
from model.instances.convert import instance_graphs_of
from model.instances.engines import onnxruntime_engine, openvino_engine
from model.params import write_params
from tests.gluon_arrays import NAME, gluon_arrays


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_many_photo_sizes_do_not_fill_the_memory(engine: str, tmp_path: Path) -> None:
    (tmp_path / "hyperparams.json").write_text(json.dumps({"algorithm": NAME}))
    write_params(tmp_path / "model_best.params", gluon_arrays())
    module = "tests.parity.test_mask_rcnn_memory"
    command = [sys.executable, "-W", "ignore", "-m", module, engine, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(said.stdout) < 100


def _growth_mb(engine: str, folder: Path) -> float:
    artifact = read_instance_artifact(folder)
    rules = replace(artifact.network.rules, proposals=10)
    network = replace(artifact.network, rules=rules)
    graphs = instance_graphs_of(artifact, cache=folder / "cache", timeout_s=300)
    build = {"openvino": openvino_engine, "onnxruntime": onnxruntime_engine}[engine]
    seen = replace(artifact, network=network, resizing=None)
    runner = build(seen, graphs, precision="f32", threads=2)
    sizes = np.random.default_rng(0).integers(32, 200, (240, 2))

    def resident_mb_after(photos: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> float:
        for height, width in photos:
            runner.predict(np.zeros((height, width, 3), np.uint8))
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

    return -resident_mb_after(sizes[:60]) + resident_mb_after(sizes[60:])


if __name__ == "__main__":
    print(_growth_mb(sys.argv[1], Path(sys.argv[2])))
