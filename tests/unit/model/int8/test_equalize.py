from pathlib import Path

import numpy as np
import pytest

from model.int8.equalize import equalized, pairs_of, scales
from model.int8.net import Net, read_net
from model.int8.qdq import write_body
from tests.small_body import image_of, tensors_of, write_small_body


@pytest.fixture
def net(tmp_path: Path) -> Net:
    return read_net(write_small_body(tmp_path))


def floats(*values: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.array(values, np.float32)


def test_a_depthwise_reader_takes_all_of_the_difference() -> None:
    weight = np.ones((3, 1, 3, 3), np.float32)
    assert scales(floats(1, 2, 4), weight, depthwise=True).tolist() == [0.25, 0.5, 1]


def test_any_other_reader_takes_half_of_it() -> None:
    weight = floats(1, -4, 0.25, 0, 2, -1, 0, 0).reshape(2, 4, 1, 1)
    # The largest weight of each channel is 2, 4, 0.25 and, where nothing is read, 0.
    found = scales(floats(8, 1, 4, 5), weight, depthwise=False)
    assert found.tolist() == [2, 0.5, 4, 1]


@pytest.mark.parametrize("depthwise", [True, False])
def test_a_channel_that_is_never_active_is_divided_by_something(*, depthwise: bool) -> None:
    weight = np.ones((2, 1 if depthwise else 2, 1, 1), np.float32)
    found = scales(floats(0, 1), weight, depthwise=depthwise)
    assert found.tolist() == [pytest.approx(1e-3), 1]
    assert scales(floats(0, 0), weight, depthwise=depthwise).min() > 0


def test_pairs_are_where_nothing_else_reads_the_tensor(net: Net) -> None:
    # Not conv_b and conv_c: a sum reads conv_b too. Not conv_d and conv_logits: not its tensor.
    assert [(pair.first.name, pair.second.name) for pair in pairs_of(net)] == [
        ("conv_a", "conv_deep"),
        ("conv_deep", "conv_b"),
        ("conv_c", "conv_d"),
    ]


def test_a_weight_that_two_convolutions_share_is_left_alone(net: Net) -> None:
    nodes = {node.name: node for node in net.nodes}
    nodes["conv_d"].input[1] = nodes["conv_c"].input[1]
    again = Net(net.model, net.constants)
    assert [pair.first.name for pair in pairs_of(again)] == ["conv_a", "conv_deep"]


def test_the_function_stays_and_channels_become_alike(net: Net, tmp_path: Path) -> None:
    names = [pair.tensor for pair in pairs_of(net)]
    image = image_of(0)
    before = tensors_of(tmp_path / "body.onnx", image, "logits", *names)
    peaks = [np.abs(tensor).max(axis=(0, 2, 3)) for tensor in before[1:]]
    weights = {name: array.copy() for name, array in net.constants.items()}
    even = equalized(net, dict(zip(names, peaks, strict=True)))
    path = write_body(even, {}, (), tmp_path / "even")
    for seen in (image, image_of(1, 31, 9)):
        (exact,) = tensors_of(tmp_path / "body.onnx", seen, "logits")
        (found,) = tensors_of(path, seen, "logits")
        np.testing.assert_allclose(found, exact, atol=1e-5 * np.abs(exact).max())
    (after,) = tensors_of(path, image, names[0])  # conv_deep, which reads it, is depthwise
    alive = peaks[0] > 0
    assert peaks[0].max() / peaks[0][alive].min() > 20
    np.testing.assert_allclose(np.abs(after).max(axis=(0, 2, 3))[alive], peaks[0].max(), rtol=1e-4)
    for name, array in weights.items():
        np.testing.assert_array_equal(net.constants[name], array)
