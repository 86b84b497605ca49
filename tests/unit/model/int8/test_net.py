from pathlib import Path

import numpy as np

from model.int8.net import read_net
from tests.small_body import write_small_body

NAMES = ["conv_a", "conv_deep", "conv_b", "conv_c", "conv_d", "conv_logits"]


def test_convolutions_come_in_the_order_they_run(tmp_path: Path) -> None:
    net = read_net(write_small_body(tmp_path))
    assert [each.name for each in net.convolutions] == NAMES
    deep = net.convolutions[1]
    assert (deep.source, deep.output, deep.groups) == ("relu_a", "conv_deep", 8)
    assert net.constants[deep.weight].shape == (8, 1, 3, 3)
    assert net.constants[deep.bias].shape == (8,)
    assert [net.is_depthwise(each) for each in net.convolutions] == [
        name == "conv_deep" for name in NAMES
    ]


def test_makers_and_readers(tmp_path: Path) -> None:
    net = read_net(write_small_body(tmp_path))
    assert net.makers["relu_a"].name == "relu_a"
    assert [node.name for node in net.readers["conv_b"]] == ["conv_c", "add"]
    assert net.readers["logits"] == ()


def test_weights_are_read_from_the_file_beside_the_graph(tmp_path: Path) -> None:
    net = read_net(write_small_body(tmp_path))
    weight = np.ascontiguousarray(net.constants[net.convolutions[2].weight])
    assert weight.nbytes > 1024  # what is smaller is in the graph
    assert weight.tobytes() in (tmp_path / "body.bin").read_bytes()
    assert not net.model.graph.initializer
