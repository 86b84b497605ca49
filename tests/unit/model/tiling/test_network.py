"""What is read off a graph, on graphs small enough to be followed by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from model.errors import ArtifactError
from model.graph import Node
from model.onnx_ops import adaptive_pool
from model.onnx_writer import OnnxWriter
from model.tiling.grids import Grid, Window
from model.tiling.network import Network, Pooling, resize_reach
from model.tiling.plan import Plan, Pool, Resize
from model.tiling.surgery import plan_of, pools_graph, tile_graph

HALF = Window(3, 2, 2)


def written(make: Callable[[OnnxWriter], str]) -> onnx.ModelProto:
    """A body whose logits are what `make` returns."""
    writer = OnnxWriter("body")
    writer.op("Identity", make(writer), output="logits")
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", "H", "W", 3])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", None, "h", "w"])
    return writer.model([image], [logits])


def photo(writer: OnnxWriter) -> str:
    planes = writer.op("Transpose", "image", perm=(0, 3, 1, 2))
    return writer.op("Cast", planes, to=TensorProto.FLOAT)


def window(writer: OnnxWriter, source: str, **more: Any) -> str:
    """3 x 3, stride 2, as far into the padding as the photo."""
    attributes: dict[str, Any] = {"kernel_shape": (3, 3), "strides": (2, 2), "pads": (1, 1, 1, 1)}
    attributes |= more
    return writer.op("MaxPool", source, **attributes)


def pyramid(writer: OnnxWriter) -> str:
    """Half and quarter; the quarter pooled to 3² and stretched again, then to the half."""
    half = window(writer, photo(writer))
    quarter = window(writer, half)
    pooled = adaptive_pool(writer, Node("", "", (), {"output_size": "3"}), [quarter])
    back = writer.resize(pooled, writer.size_of(quarter))
    both = writer.op("Concat", quarter, back, axis=1)
    return writer.op("Concat", half, writer.resize(both, writer.size_of(half)), axis=1)


def test_the_pyramids_plan() -> None:
    network = Network(written(pyramid))
    first, second = network.resizes
    (pool,) = network.pools
    assert network.pools[pool] == Pooling("maxpool_3", 3)
    half, quarter = Grid((HALF,)), Grid((HALF, HALF))
    assert plan_of(network, set()) == Plan(
        stride=4,
        reach=3 + resize_reach(quarter, half),
        logits=half,
        resizes=(
            Resize(first, Grid(cells=3), quarter, is_pooled=False),
            Resize(second, quarter, half, is_pooled=False),
        ),
        pools=(Pool(pool, 3, quarter),),
    )


def test_the_pyramids_graphs_take_matrices_and_nothing_of_sizes() -> None:
    body = written(pyramid)
    network = Network(body)
    first, second = network.resizes
    (pool,) = network.pools
    tile, pools = tile_graph(body, network), pools_graph(body, network)
    for model in (tile, pools):
        onnx.checker.check_model(model, full_check=True)
        assert not {"Shape", "Range", "Resize"} & {node.op_type for node in model.graph.node}
    sides = ("rows", "columns")
    matrices = [f"{name}.{side}" for name in (first, second) for side in sides]
    assert [value.name for value in tile.graph.input] == ["image", *matrices, pool]
    assert [value.name for value in tile.graph.output] == ["logits"]
    assert [value.name for value in pools.graph.input] == ["image", *(f"{pool}.{s}" for s in sides)]
    assert [value.name for value in pools.graph.output] == [pool]


def test_quantized_tensors_between_are_passed_through() -> None:
    def quantized(writer: OnnxWriter) -> str:
        step, zero = (writer.constant(np.array(n)) for n in (np.float32(0.1), np.uint8(3)))
        levels = writer.op("QuantizeLinear", window(writer, photo(writer)), step, zero)
        half = writer.op("DequantizeLinear", levels, step, zero)
        pooled = writer.op("GlobalAveragePool", half)
        return writer.op("Add", half, writer.resize(pooled, writer.size_of(half)))

    plan = plan_of(Network(written(quantized)), set())
    assert (plan.logits, plan.stride, plan.reach) == (Grid((HALF,)), 2, 1)
    assert [(pool.cells, pool.source) for pool in plan.pools] == [(1, Grid((HALF,)))]


@pytest.mark.parametrize(
    ("make", "reach"),
    [
        (lambda w: window(w, photo(w)), 1),
        (lambda w: window(w, window(w, photo(w))), 3),
        (lambda w: window(w, photo(w), pads=(0, 0, 0, 0)), 2),  # the two pixels after its own
        (
            lambda w: window(w, photo(w), kernel_shape=(5, 5), dilations=(3, 3), pads=(6, 6, 6, 6)),
            6,
        ),
        (
            lambda w: window(
                w,
                w.op("Pad", photo(w), w.ints(0, 0, 1, 1, 0, 0, 1, 1)),
                pads=(0, 0, 0, 0),
            ),
            1,
        ),
    ],
)
def test_how_far_windows_reach(make: Callable[[OnnxWriter], str], reach: int) -> None:
    model = written(make)
    assert Network(model).reach() == reach
    assert plan_of(Network(model), set()).tile_is_body


def test_a_resize_reaches_as_far_as_its_stretching_runs_away() -> None:
    """25 cells over 100 pixels end at the 96th, those of the photo at the 99th."""
    fourth = Grid((Window(4, 4, 0),))
    assert resize_reach(fourth, Grid()) == 6 + 4
    assert resize_reach(Grid(cells=6), Grid()) == 0


@pytest.mark.parametrize(
    "more",
    [{"kernel_shape": (3, 1)}, {"strides": (1, 2)}, {"pads": (1, 0, 1, 1)}, {"ceil_mode": 1}],
    ids=str,
)
def test_windows_that_differ_along_the_axes_are_refused(more: dict[str, Any]) -> None:
    model = written(lambda writer: window(writer, photo(writer), **more))
    with pytest.raises(ArtifactError, match="cannot be cut into tiles: MaxPool maxpool_2"):
        Network(model).reach()


@pytest.mark.parametrize("is_quantized", [False, True])
def test_what_is_joined_is_put_in_order_by_a_convolution_of_as_many_channels(
    is_quantized: bool,
) -> None:
    def joined(writer: OnnxWriter) -> str:
        half = window(writer, photo(writer))
        weight = writer.constant(np.ones((5, 3, 1, 1), np.int8 if is_quantized else np.float32))
        if is_quantized:
            step, zero = (writer.constant(np.array(n)) for n in (np.float32(0.1), np.int8(0)))
            weight = writer.op("DequantizeLinear", weight, step, zero)
        cells = writer.op("Conv", writer.op("GlobalAveragePool", half), weight)
        return writer.op("Concat", half, writer.resize(cells, writer.size_of(half)), axis=1)

    body = written(joined)
    network = Network(body)
    (resized,) = network.resizes
    assert network.joined_channels(resized) == 5
    tile = tile_graph(body, network)
    onnx.checker.check_model(tile, full_check=True)
    (order,) = (node for node in tile.graph.node if node.op_type == "Conv" and node.name == resized)
    assert helper.get_node_attr_value(order, "group") == 5
