from pathlib import Path

import mxnet as mx
import pytest

from train import devices
from train.devices import find_devices


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`/dev` of a machine with a disk."""
    (tmp_path / "nvme0").touch()
    monkeypatch.setattr(devices, "_DEVICES", tmp_path)
    monkeypatch.setattr(devices, "usable_cores", lambda: 4)
    monkeypatch.setattr(mx.context, "num_gpus", lambda: 0)
    return tmp_path


@pytest.mark.usefixtures("dev")
@pytest.mark.parametrize(
    ("gpus", "batch", "names", "words"),
    [
        (1, 16, ["gpu(0)"], "training on 1 GPU"),
        (4, 16, ["gpu(0)", "gpu(1)", "gpu(2)", "gpu(3)"], "training on 4 GPUs"),
        (4, 2, ["gpu(0)", "gpu(1)"], "training on 2 GPUs"),
    ],
)
def test_every_gpu_trains_that_gets_a_photo(
    monkeypatch: pytest.MonkeyPatch, gpus: int, batch: int, names: list[str], words: str
) -> None:
    monkeypatch.setattr(mx.context, "num_gpus", lambda: gpus)
    found = find_devices(batch)
    assert [str(context) for context in found.contexts] == names
    assert found.words == words


@pytest.mark.usefixtures("dev")
def test_without_gpu_the_cpu_trains_and_the_log_says_what_that_costs() -> None:
    found = find_devices(16)
    assert found.contexts == (mx.cpu(),)
    assert found.words == (
        "training on 4 CPU cores, which takes tens of times as long as a GPU does"
    )


def test_a_gpu_that_mxnet_cannot_use_is_no_secret(dev: Path) -> None:
    for name in ("nvidiactl", "nvidia0"):
        (dev / name).touch()
    assert find_devices(16).words == (
        "training on 4 CPU cores, which takes tens of times as long as a GPU does; there is a GPU, "
        "but the mxnet installed is built without CUDA (docs/training.md)"
    )
