from pathlib import Path

import pytest
from onnx import helper

from model.int8.net import Net, read_net
from model.int8.points import points_of
from tests.small_body import write_small_body


def points(net: Net) -> dict[str, list[tuple[str, str]]]:
    return {
        each.name: [(point.tensor, point.reader) for point in points_of(net, each)]
        for each in net.convolutions
    }


def test_a_convolution_needs_its_input_and_what_is_added_to_its_output(tmp_path: Path) -> None:
    assert points(read_net(write_small_body(tmp_path))) == {
        "conv_a": [("scaled", "conv_a")],
        "conv_deep": [("relu_a", "conv_deep")],
        "conv_b": [("relu_deep", "conv_b")],
        "conv_c": [("conv_b", "conv_c")],
        "conv_d": [("relu_c", "conv_d"), ("conv_b", "add")],  # fused with the sum
        "conv_logits": [("relu_sum", "pool")],  # before the MaxPool that it reads
    }


SUMS = {
    "a sum of two convolutions: the later one is fused": (
        [("Conv", ["x", "w"], "one"), ("Conv", ["x", "w"], "two"), ("Add", ["one", "two"], "sum")],
        {"one": [("x", "one")], "two": [("x", "two"), ("one", "sum")]},
    ),
    "either way around": (
        [("Conv", ["x", "w"], "one"), ("Conv", ["x", "w"], "two"), ("Add", ["two", "one"], "sum")],
        {"one": [("x", "one")], "two": [("x", "two"), ("one", "sum")]},
    ),
    "a constant is no summand": (
        [("Conv", ["x", "w"], "one"), ("Add", ["one", "w"], "sum")],
        {"one": [("x", "one")]},
    ),
    "twice itself": (
        [("Conv", ["x", "w"], "one"), ("Add", ["one", "one"], "sum")],
        {"one": [("x", "one")]},
    ),
    "what else is read is not fused": (
        [
            ("Conv", ["x", "w"], "one"),
            ("Add", ["one", "x"], "sum"),
            ("Relu", ["one"], "other"),
        ],
        {"one": [("x", "one")]},
    ),
}


@pytest.mark.parametrize("case", SUMS)
def test_of_a_sum_one_side_is_quantized_and_the_other_fused(case: str) -> None:
    described, expected = SUMS[case]
    start = [("Relu", ["image"], "x")]
    nodes = [helper.make_node(kind, read, [made], made) for kind, read, made in start + described]
    model = helper.make_model(helper.make_graph(nodes, "sums", [], []))
    assert points(Net(model, {"w": [0]})) == expected  # type: ignore[dict-item]
