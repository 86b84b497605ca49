"""Body → the graphs that run it tile by tile.

    tile_pools.onnx   image, matrices → the tile's share of every pool over the whole photo
    tile.onnx         image, matrices, pools of the whole photo → logits of the tile

A tile run through the body itself would be wrong in all but a plain chain of windows: pools would
average the tile, and resizes stretch over it. So every inner resize becomes two matrix products
with matrices that are inputs, made for the tile's place in the whole photo; and every pool is cut:
the first graph sums it over the tile's own part, the second takes the sums of all tiles. Both read
the body's own weights file. Where a network has neither, the second is the body once more.

What cannot be cut is attention over all places (danet): there a tile attends to itself.
"""

import math
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model.tiling.network import PHOTO, Network
from model.tiling.plan import FILE, POOLS, TILE, Plan, Pool, Resize, columns_of, rows_of

_LOGITS = "logits"


def write_tiling(folder: Path) -> None:
    """Write tile.onnx, tile_pools.onnx and tiling.json beside a body.onnx, of which they are made.

    Raises:
        ArtifactError: the network has windows that are not square.
    """
    body = onnx.load(folder / "body.onnx", load_external_data=False)
    network = Network(body)
    tile, pools = tile_graph(body, network), pools_graph(body, network)
    for name, model in ((TILE, tile), (POOLS, pools)):
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    first_pass = {value.name for value in pools.graph.input}
    (folder / FILE).write_text(plan_of(network, first_pass).to_json())


def plan_of(network: Network, first_pass: Collection[str]) -> Plan:
    """What the engines must know of it, given the inputs of the first pass."""
    resizes = tuple(
        Resize(
            name,
            network.grid(network.maker(name).input[0]),
            network.grid(partner),
            rows_of(name) in first_pass,
        )
        for name, partner in network.resizes.items()
    )
    pools = tuple(
        Pool(name, pooling.cells, network.grid(pooling.source))
        for name, pooling in network.pools.items()
    )
    logits = network.grid(_LOGITS)
    grids = [logits, *(pool.source for pool in pools)]
    grids += [grid for resize in resizes for grid in (resize.source, resize.target)]
    stride = math.lcm(*(grid.stride for grid in grids))
    return Plan(stride, network.reach(), logits, resizes, pools)


def tile_graph(body: onnx.ModelProto, network: Network) -> onnx.ModelProto:
    """The second pass."""
    nodes = _resizes_as_products(network, cut=network.pools)
    pooled = [_float_input(name, 4) for name in network.pools]
    return _model(body, nodes, [*_matrices(network.resizes), *pooled], [_LOGITS])


def pools_graph(body: onnx.ModelProto, network: Network) -> onnx.ModelProto:
    """The first pass; empty where nothing is pooled."""
    nodes = _resizes_as_products(network, cut=network.pools)
    for name, pooling in network.pools.items():
        nodes += _product(name, pooling.source)
    matrices = _matrices([*network.resizes, *network.pools])
    return _model(body, nodes, matrices, list(network.pools))


def _resizes_as_products(network: Network, *, cut: Collection[str]) -> list[onnx.NodeProto]:
    """All nodes but those that make what is cut, with products for resizes."""
    nodes: list[onnx.NodeProto] = []
    for node in network.nodes:
        if node.output[0] in network.resizes:
            nodes += _resized(network, node)
        elif node.output[0] not in cut:
            nodes.append(node)
    return nodes


def _resized(network: Network, resize: onnx.NodeProto) -> list[onnx.NodeProto]:
    """The product; where it is joined with others, through a convolution that changes nothing.

    A product comes plane by plane, what convolutions make pixel by pixel. OpenVINO puts all that
    is joined into one order, and took that of the products: copies of the largest tensors there
    are, 470 MB for a psp at 4 megapixels in bf16. The convolution puts the product in order first.
    """
    name, source = resize.output[0], resize.input[0]
    channels = network.joined_channels(name)
    if not channels:
        return _product(name, source)
    flat, ones = f"{name}.flat", f"{name}.ones"
    weight = numpy_helper.from_array(np.ones((channels, 1, 1, 1), np.float32), ones)
    return [
        *_product(name, source, output=flat),
        helper.make_node("Constant", [], [ones], name=ones, value=weight),
        helper.make_node(
            "Conv", [flat, ones], [name], name=name, group=channels, kernel_shape=[1, 1]
        ),
    ]


def _product(name: str, source: str, output: str = "") -> list[onnx.NodeProto]:
    """Rows · (source · columns)."""
    half, output = f"{name}.half", output or name
    return [
        helper.make_node("MatMul", [source, columns_of(name)], [half], name=half),
        helper.make_node("MatMul", [rows_of(name), half], [output], name=output),
    ]


def _matrices(names: Iterable[str]) -> list[onnx.ValueInfoProto]:
    return [_float_input(of(name), 2) for name in names for of in (rows_of, columns_of)]


def _float_input(name: str, rank: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank)


def _model(
    body: onnx.ModelProto,
    nodes: list[onnx.NodeProto],
    more: list[onnx.ValueInfoProto],
    outputs: list[str],
) -> onnx.ModelProto:
    """Of these nodes as many as the outputs need, with the inputs that they need."""
    kept: list[onnx.NodeProto] = []
    needed = set(outputs)
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    model = onnx.ModelProto()
    model.CopyFrom(body)
    for field in ("node", "initializer", "input", "output"):
        model.graph.ClearField(field)
    photo = [value for value in body.graph.input if value.name == PHOTO]
    model.graph.node.extend(reversed(kept))
    model.graph.initializer.extend(t for t in body.graph.initializer if t.name in needed)
    model.graph.input.extend(value for value in [*photo, *more] if value.name in needed)
    model.graph.output.extend(_float_input(name, 4) for name in outputs)
    return model
