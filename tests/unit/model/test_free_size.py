"""Whom each resize is told to match, on graphs of a few nodes."""

from collections.abc import Mapping

import mxnet as mx
import pytest

from model.free_size import POOL, RESIZE, free_size, with_pool_bins
from model.graph import Graph, Node, graph_from_json, graph_to_json

SIDE = 64
PHOTO = Node("null", "data")
SAME_3X3 = {"kernel": "(3, 3)", "pad": "(1, 1)"}


def resize(source: int, side: int = SIDE) -> Node:
    """Return a resize as GluonCV traces it, target baked in."""
    return Node(RESIZE, "up", ((source, 0),), {"height": str(side), "width": str(side)})


def conv(source: int, attrs: Mapping[str, str]) -> Node:
    return Node("Convolution", "conv", ((source, 0),), attrs)


def join(*sources: int, op: str = "Concat") -> Node:
    return Node(op, "join", tuple((source, 0) for source in sources))


def freed(*nodes: Node, head: int = -1) -> Graph:
    """Return the nodes, freed; `head` is the last one unless told."""
    return free_size(Graph(nodes, ((head % len(nodes), 0),)), traced_side=SIDE)


@pytest.mark.parametrize("op", ["Concat", "elemwise_add"])
def test_a_resize_matches_the_tensor_that_it_is_joined_with(op: str) -> None:
    graph = freed(PHOTO, conv(0, {"kernel": "(1, 1)"}), resize(0), join(2, 1, op=op))
    assert graph.nodes[2] == Node(RESIZE, "up", ((0, 0), (1, 0)), {"mode": "like"})


def test_the_partner_is_the_very_output_that_is_joined() -> None:
    halves = Node("SliceChannel", "halves", ((0, 0),), {"num_outputs": "2"})
    graph = freed(PHOTO, halves, resize(0), Node("Concat", "join", ((2, 0), (1, 1))))
    assert graph.nodes[2].inputs == ((0, 0), (1, 1))


@pytest.mark.parametrize("op", ["Activation", "BatchNorm", "Dropout", "relu"])
def test_a_partner_is_found_behind_what_keeps_the_size(op: str) -> None:
    graph = freed(PHOTO, resize(0, 8), Node(op, "same", ((1, 0),)), join(2, 0))
    assert graph.nodes[1].inputs == ((0, 0), (0, 0))


@pytest.mark.parametrize(
    ("attrs", "keeps_size"),
    [
        ({"kernel": "(1, 1)"}, True),
        (SAME_3X3, True),
        ({"kernel": "(3, 3)", "dilate": "(2, 2)", "pad": "(2, 2)"}, True),
        ({"kernel": "(5, 3)", "pad": "(2, 1)", "stride": "(1, 1)"}, True),
        ({**SAME_3X3, "stride": "(2, 2)"}, False),
        ({"kernel": "(3, 3)"}, False),
        ({"kernel": "(3, 3)", "pad": "(1, 0)"}, False),
        ({"kernel": "(3, 3)", "dilate": "(2, 2)", "pad": "(1, 1)"}, False),
    ],
)
def test_a_partner_counts_behind_a_convolution_that_keeps_the_size(
    attrs: Mapping[str, str], keeps_size: bool
) -> None:
    graph = freed(PHOTO, resize(0, 16), conv(1, attrs), join(2, 0))
    partner, shrunk = (0, 0), (4, 0)
    assert graph.nodes[1].inputs == ((0, 0), partner if keeps_size else shrunk)


def test_its_own_descendants_are_no_partner_but_the_next_join_may_have_one() -> None:
    residual = (PHOTO, resize(0, 8), conv(1, SAME_3X3), join(2, 1, op="elemwise_add"))
    assert freed(*residual, join(3, 0)).nodes[1].inputs == ((0, 0), (0, 0))
    assert freed(*residual).nodes[1].inputs == ((0, 0), (4, 0))  # freed: a shrunk photo


def test_a_partner_may_stand_after_the_resize() -> None:
    graph = freed(PHOTO, resize(0, 8), conv(0, SAME_3X3), join(2, 1))
    assert graph.nodes[1].inputs == ((0, 0), (2, 0))


def test_of_two_resizes_each_takes_its_own_partner() -> None:
    graph = freed(PHOTO, resize(0, 8), conv(0, SAME_3X3), join(1, 2), resize(3))
    assert graph.nodes[1].inputs == ((0, 0), (2, 0))
    assert graph.nodes[4].inputs == ((3, 0), (0, 0))


def test_the_last_resize_takes_the_photos_size() -> None:
    graph = freed(PHOTO, conv(0, {**SAME_3X3, "stride": "(2, 2)"}), resize(1))
    assert graph.nodes[2] == Node(RESIZE, "up", ((1, 0), (0, 0)), {"mode": "like"})


def test_the_photo_is_found_by_its_name() -> None:
    nodes = (Node("null", "weight"), Node("null", "photo"), resize(0))
    graph = free_size(Graph(nodes, ((2, 0),)), traced_side=SIDE, photo="photo")
    assert graph.nodes[2].inputs == ((0, 0), (1, 0))


@pytest.mark.parametrize(("side", "divisor"), [(64, 1), (32, 2), (16, 4), (2, 32)])
def test_a_free_resize_takes_the_photos_size_divided(side: int, divisor: int) -> None:
    graph = freed(PHOTO, resize(0, side), conv(1, {"kernel": "(3, 3)"}))
    assert graph.nodes[1].inputs == ((0, 0), (3, 0))
    window = f"({divisor}, {divisor})"
    assert graph.nodes[3].inputs == ((0, 0),)
    assert graph.nodes[3].attrs["kernel"] == graph.nodes[3].attrs["stride"] == window


def test_a_graph_without_resizes_is_as_it_was_and_none_is_changed_in_place() -> None:
    plain = Graph((PHOTO, conv(0, SAME_3X3)), ((1, 0),))
    assert free_size(plain, traced_side=SIDE) == plain
    traced = Graph((PHOTO, resize(0)), ((1, 0),))
    free_size(traced, traced_side=SIDE)
    assert traced == Graph((PHOTO, resize(0)), ((1, 0),))


@pytest.mark.parametrize(
    ("photo", "half"), [((64, 64), (32, 32)), ((65, 39), (32, 19)), ((7, 2), (3, 1))]
)
def test_mxnet_infers_the_sizes_that_the_rule_promises(
    photo: tuple[int, int], half: tuple[int, int]
) -> None:
    data = mx.sym.var("data")
    to = {"height": SIDE // 2, "width": SIDE // 2}
    free = mx.sym.contrib.BilinearResize2D(data, **to)
    pooled = mx.sym.contrib.AdaptiveAvgPooling2D(free, output_size=1)
    joined = mx.sym.Concat(mx.sym.contrib.BilinearResize2D(pooled, **to), free)
    last = mx.sym.contrib.BilinearResize2D(joined, height=SIDE, width=SIDE)
    traced = graph_from_json(mx.sym.Group([last, joined]).tojson())

    symbol = mx.sym.load_json(graph_to_json(free_size(traced, traced_side=SIDE)))
    _, shapes, _ = symbol.infer_shape(data=(1, 3, *photo))
    assert shapes == [(1, 6, *photo), (1, 6, *half)]


def pools(*cells: int) -> Graph:
    nodes = [Node(POOL, f"pool{n}", ((0, 0),), {"output_size": str(n)}) for n in cells]
    return Graph((PHOTO, *nodes, join(*range(1, len(nodes) + 1))), ((len(nodes) + 1, 0),))


def test_pool_bins_are_set_in_the_order_of_the_branches() -> None:
    before = pools(1, 2, 3, 6)
    after = with_pool_bins(before, (1, 2, 3, 4))
    sizes = [node.attrs["output_size"] for node in after.nodes if node.op == POOL]
    assert sizes == ["1", "2", "3", "4"]
    assert [node.inputs for node in after.nodes] == [node.inputs for node in before.nodes]
    assert before == pools(1, 2, 3, 6)
    assert with_pool_bins(before, (1, 2, 3, 6)) == before


@pytest.mark.parametrize("bins", [(), (1, 2, 3), (1, 2, 3, 4, 6)])
def test_a_number_of_bins_unlike_the_number_of_pools_is_a_mistake(bins: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="zip"):
        with_pool_bins(pools(1, 2, 3, 6), bins)
