"""What `auto` comes to, and what is refused."""

import pytest

from model import engines
from model.engines import EngineChoice
from model.errors import EngineError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """What the machine has; to be changed by the test."""
    has = {"cuda": False, "bf16": False, "onnxruntime": True}
    monkeypatch.setattr(engines, "has_cuda", lambda: has["cuda"])
    monkeypatch.setattr(engines, "has_native_bf16", lambda: has["bf16"])
    monkeypatch.setattr(engines, "onnxruntime_folder", lambda: has["onnxruntime"] or None)
    return has


@pytest.mark.parametrize(
    ("has", "asked", "expected"),
    [
        ({}, ("auto", "auto"), ("openvino", "f32")),
        ({"bf16": True}, ("auto", "auto"), ("openvino", "bf16")),
        ({"cuda": True, "bf16": True}, ("auto", "auto"), ("onnxruntime", "f16")),
        ({"cuda": True}, ("auto", "f32"), ("onnxruntime", "f32")),
        ({"cuda": True, "bf16": True}, ("openvino", "auto"), ("openvino", "bf16")),
        ({}, ("onnxruntime", "auto"), ("onnxruntime", "f32")),
        ({"bf16": True}, ("mxnet", "auto"), ("mxnet", "f32")),
        ({}, ("openvino", "bf16"), ("openvino", "bf16")),
    ],
)
def test_auto_is_the_fastest_that_is_there(
    machine: dict[str, bool],
    has: dict[str, bool],
    asked: tuple[str, str],
    expected: tuple[str, str],
) -> None:
    machine.update(has)
    settled = EngineChoice(*asked, max_side=7).settled()
    assert (settled.engine, settled.precision, settled.max_side) == (*expected, 7)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("openvino", "f16"), "openvino runs f32 or bf16, not f16"),
        (("onnxruntime", "bf16"), "onnxruntime runs f32 or f16, not bf16"),
        (("mxnet", "bf16"), "mxnet runs f32, not bf16"),
    ],
)
@pytest.mark.usefixtures("machine")
def test_a_precision_that_an_engine_does_not_know_is_refused(
    asked: tuple[str, str], message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        EngineChoice(*asked).settled()


def test_an_engine_that_is_not_installed_is_refused(machine: dict[str, bool]) -> None:
    machine["onnxruntime"] = False
    with pytest.raises(EngineError, match="onnxruntime is not installed here; openvino is"):
        EngineChoice("onnxruntime").settled()
