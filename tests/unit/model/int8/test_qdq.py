from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import read_artifact
from model.convert import graphs_of
from model.int8.net import Net, read_net
from model.int8.points import points_of
from model.int8.qdq import quantized_weight, write_body
from model.int8.ranges import Range, range_of
from tests.small_body import image_of, tensors_of, write_small_body

ALL = ("conv_a", "conv_deep", "conv_b", "conv_c", "conv_d", "conv_logits")


@pytest.fixture
def net(tmp_path: Path) -> Net:
    return read_net(write_small_body(tmp_path))


def ranges(net: Net, path: Path) -> dict[str, Range]:
    names = sorted({point.tensor for each in net.convolutions for point in points_of(net, each)})
    found = tensors_of(path, image_of(0), *names)
    return {name: range_of(tensor.ravel()) for name, tensor in zip(names, found, strict=True)}


def written(net: Net, folder: Path, names: Collection[str]) -> Path:
    chosen = [each for each in net.convolutions if each.name in names]
    return write_body(net, ranges(net, folder / "body.onnx"), chosen, folder / "new")


def test_weights_have_a_step_for_each_output_channel() -> None:
    weight = np.array([[1.27, -0.5], [0, 0], [-254, 3]], np.float32).reshape(3, 2, 1, 1)
    levels, steps = quantized_weight(weight)
    assert levels.dtype == np.int8
    assert levels.reshape(3, 2).tolist() == [[127, -50], [0, 0], [-127, 2]]
    np.testing.assert_allclose(steps, [0.01, 1, 2])


def test_without_any_chosen_it_is_the_graph_again(net: Net, tmp_path: Path) -> None:
    path = write_body(net, {}, (), tmp_path / "new")
    again, before = onnx.load(path), onnx.load(tmp_path / "body.onnx")
    assert again.graph.node == before.graph.node
    (found,), (expected,) = (
        tensors_of(each, image_of(1), "logits") for each in (path, tmp_path / "body.onnx")
    )
    np.testing.assert_array_equal(found, expected)


def test_all_quantized_it_is_valid_and_answers_nearly_the_same(net: Net, tmp_path: Path) -> None:
    path = written(net, tmp_path, ALL)
    onnx.checker.check_model(path, full_check=True)
    (found,), (exact,) = (
        tensors_of(each, image_of(0), "logits") for each in (path, tmp_path / "body.onnx")
    )
    off = np.abs(found - exact).max() / np.abs(exact).max()
    assert 1e-4 < off < 0.05


def test_the_first_convolution_is_what_numpy_makes_of_bytes(net: Net, tmp_path: Path) -> None:
    path = written(net, tmp_path, ["conv_a"])
    found, scaled = tensors_of(path, image_of(0), "conv_a", "scaled")
    conv, step = net.convolutions[0], ranges(net, tmp_path / "body.onnx")["scaled"]
    seen = np.pad(step.rounded(scaled)[0], ((0, 0), (1, 1), (1, 1)))
    levels, steps = quantized_weight(net.constants[conv.weight])
    weight = levels.astype(np.float64) * steps.reshape(-1, 1, 1, 1)
    height, width = found.shape[2:]
    shifted = [(i, j, seen[:, i : i + height, j : j + width]) for i in range(3) for j in range(3)]
    expected = sum(np.tensordot(weight[:, :, i, j], part, 1) for i, j, part in shifted)
    expected += net.constants[conv.bias].reshape(-1, 1, 1)
    np.testing.assert_allclose(found[0], expected, atol=1e-4 * np.abs(expected).max())


def test_the_types_are_as_a_runtime_wants_them(net: Net, tmp_path: Path) -> None:
    model = onnx.load(written(net, tmp_path, ALL))
    kinds = {each.name: each.data_type for each in model.graph.initializer}
    weight = net.convolutions[2].weight
    assert kinds[f"{weight}_q"] == TensorProto.INT8
    assert kinds["relu_a_zero"] == TensorProto.UINT8
    assert kinds[net.convolutions[2].bias] == TensorProto.FLOAT
    assert weight not in kinds  # the floats are gone
    size = (tmp_path / "new" / "body.bin").stat().st_size
    assert size < 0.3 * (tmp_path / "body.bin").stat().st_size


def test_only_readers_that_need_it_read_the_quantized_tensor(net: Net, tmp_path: Path) -> None:
    model = onnx.load(written(net, tmp_path, ["conv_c", "conv_logits"]))
    nodes = {node.name: node for node in model.graph.node}
    assert nodes["conv_c"].input[0] == "conv_b_dq"
    assert list(nodes["add"].input) == ["conv_b", "conv_d"]
    assert nodes["pool"].input[0] == "relu_sum_dq"
    assert nodes["conv_logits"].input[0] == "pool"
    assert [name for name in nodes if name.endswith("_q")] == ["conv_b_q", "relu_sum_q"]
    before = [node.name for node in net.nodes]
    assert [name for name in nodes if name in set(before)] == before


def test_a_tensor_with_two_readers_is_quantized_once(net: Net, tmp_path: Path) -> None:
    model = onnx.load(written(net, tmp_path, ["conv_c", "conv_d"]))
    nodes = {node.name: node for node in model.graph.node}
    assert len(nodes) == len(model.graph.node)
    assert nodes["conv_c"].input[0] == nodes["add"].input[0] == "conv_b_dq"


def test_what_sizes_depend_on_keeps_its_names_and_inputs(tmp_path: Path) -> None:
    """Of the demo model: what can be done to these nodes of its body can be done here too."""
    artifact = read_artifact(Path("demo/model"))
    graphs = graphs_of(artifact, DEFAULT_PSP_BINS, cache=tmp_path, timeout_s=300)
    net = read_net(graphs.path("body"))
    tensors = {point.tensor for each in net.convolutions for point in points_of(net, each)}
    path = write_body(net, dict.fromkeys(tensors, Range(0.1, 9)), net.convolutions, tmp_path / "q")
    onnx.checker.check_model(path, full_check=True)
    kinds = ("Resize", "MatMul", "GlobalAveragePool", "Shape")
    found, before = (
        [node for node in each.graph.node if node.op_type in kinds]
        for each in (onnx.load(path), net.model)
    )
    assert {node.op_type for node in before} == {*kinds}
    assert found == before


def test_writing_takes_the_place_of_what_was_there(net: Net, tmp_path: Path) -> None:
    first = written(net, tmp_path, ALL)
    kept = [(first.parent / name).read_bytes() for name in ("body.onnx", "body.bin")]
    written(net, tmp_path, ALL)
    assert [(first.parent / name).read_bytes() for name in ("body.onnx", "body.bin")] == kept
