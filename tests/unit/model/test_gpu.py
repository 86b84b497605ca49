from pathlib import Path

import pytest

from model import gpu


@pytest.mark.parametrize(
    ("device", "built_for_cuda", "expected"),
    [("nvidia0", True, True), ("nvidia0", False, False), ("nvidiactl", True, False)],
)
def test_a_gpu_needs_a_device_and_a_package_built_for_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    device: str,
    built_for_cuda: bool,
    expected: bool,
) -> None:
    (tmp_path / device).touch()
    if built_for_cuda:
        (tmp_path / "capi").mkdir()
        (tmp_path / "capi/libonnxruntime_providers_cuda.so").touch()
    monkeypatch.setattr(gpu, "onnxruntime_folder", lambda: tmp_path)
    assert gpu.has_cuda(tmp_path) is expected


def test_without_the_package_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(gpu, "onnxruntime_folder", lambda: None)
    assert not gpu.has_cuda(tmp_path)


def test_the_package_of_the_tests_is_found_without_importing_it() -> None:
    folder = gpu.onnxruntime_folder()
    assert folder is not None
    assert (folder / "capi").is_dir()
