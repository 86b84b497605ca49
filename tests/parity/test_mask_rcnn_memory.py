"""Photos of many sizes do not fill the memory of a Mask R-CNN's engine.

In a process of its own, as tests/parity/test_memory.py.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.engines import EngineChoice
from model.instances.artifact import read_instance_artifact
from model.instances.engines import prepare_instances
from model.params import write_params
from tests.gluon_arrays import NAME, gluon_arrays


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_many_photo_sizes_do_not_fill_the_memory(engine: str, tmp_path: Path) -> None:
    told = {"algorithm": NAME, "short": 64, "max_size": 200}
    (tmp_path / "hyperparams.json").write_text(json.dumps(told))
    write_params(tmp_path / "model_best.params", gluon_arrays())
    module = "tests.parity.test_mask_rcnn_memory"
    command = [sys.executable, "-W", "ignore", "-m", module, engine, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(said.stdout) < 100


def _growth_mb(engine: str, folder: Path) -> float:
    artifact = read_instance_artifact(folder)
    runner = prepare_instances(artifact, EngineChoice(engine, "f32"), folder / "cache")()

    def resident_mb_after(lengths: range) -> float:
        for length in lengths:
            runner.predict(np.zeros((64, length, 3), np.uint8))
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

    return -resident_mb_after(range(172, 200, 2)) + resident_mb_after(range(70, 160, 2))


if __name__ == "__main__":
    print(_growth_mb(sys.argv[1], Path(sys.argv[2])))
