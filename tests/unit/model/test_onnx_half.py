"""Where float16 begins and ends in a graph, run by ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from model.errors import EngineError
from model.onnx_half import in_half

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16
IMAGE = np.random.default_rng(0).normal(size=(1, 2, 6, 6)).astype(np.float32)


def model(nodes: list[onnx.NodeProto], weight: float = 0.5) -> onnx.ModelProto:
    weights = np.full((2, 2, 1, 1), weight, np.float32)
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("image", FLOAT, [1, 2, "H", "W"])],
        [helper.make_tensor_value_info("logits", FLOAT, [1, 2, "H", "W"])],
        [
            numpy_helper.from_array(weights, "w"),
            numpy_helper.from_array(np.ones(1, np.float32), "b"),
        ],
    )
    made: onnx.ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10
    )
    return made


def node(kind: str, inputs: list[str], output: str) -> onnx.NodeProto:
    made: onnx.NodeProto = helper.make_node(kind, inputs, [output], name=output)
    return made


CONVS = [
    node("Conv", ["image", "w"], "first"),
    node("Relu", ["first"], "second"),
    node("Add", ["second", "b"], "third"),
    node("Softmax", ["third"], "fourth"),
    node("Add", ["third", "fourth"], "fifth"),
    node("Conv", ["fifth", "w"], "sixth"),
    node("Shape", ["sixth"], "size"),
    node("Reshape", ["sixth", "size"], "seventh"),
    node("Identity", ["seventh"], "logits"),
]


def run(made: onnx.ModelProto) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    session = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    answer: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = session.run(None, {"image": IMAGE})[
        0
    ]
    return answer


def test_it_answers_nearly_the_same_in_the_same_types() -> None:
    whole = model(CONVS)
    before = whole.SerializeToString()
    halved = in_half(whole)
    assert whole.SerializeToString() == before
    onnx.checker.check_model(halved, full_check=True)
    assert run(halved).dtype == np.float32
    np.testing.assert_allclose(run(halved), run(whole), rtol=5e-3, atol=5e-3)


def test_convolutions_and_what_follows_are_half_and_the_rest_is_not() -> None:
    halved = onnx.shape_inference.infer_shapes(in_half(model(CONVS)), strict_mode=True)
    kinds = {value.name: value.type.tensor_type.elem_type for value in halved.graph.value_info}
    assert [kinds[name] for name in ("first", "second", "third")] == [HALF] * 3
    assert kinds["fourth"] == FLOAT
    assert kinds["fifth"] == HALF  # its first input is
    assert kinds["sixth"] == HALF
    assert kinds["seventh"] == FLOAT
    assert {tensor.data_type for tensor in halved.graph.initializer} == {HALF}


def test_an_output_that_a_convolution_gives_stays_float32() -> None:
    made = model([node("Conv", ["image", "w"], "first"), node("Identity", ["first"], "logits")])
    np.testing.assert_allclose(run(in_half(made)), run(made), rtol=5e-3, atol=5e-3)


def test_a_weight_beyond_float16_is_refused() -> None:
    with pytest.raises(EngineError, match="beyond float16; it can be run in f32"):
        in_half(model(CONVS, weight=70_000))
