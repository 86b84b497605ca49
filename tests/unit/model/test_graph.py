"""Symbols as data, against MXNet's own JSON."""

import json

import mxnet as mx
import numpy as np
import pytest

from model.graph import Graph, Node, graph_from_json, graph_to_json

# a ─┬─ relu "same" ─┐
#    └─ relu "same" ─┴─ add; `spare` is read by nobody.
DIAMOND = Graph(
    (
        Node("null", "a"),
        Node("null", "spare"),
        Node("relu", "same", ((0, 0),)),
        Node("relu", "same", ((0, 0),)),
        Node("elemwise_add", "add", ((2, 0), (3, 0))),
    ),
    ((4, 0),),
)


def test_a_graph_survives_the_round_trip() -> None:
    graph = Graph(
        (
            Node("null", "photo"),
            Node("Pooling", "pool", ((0, 0),), {"kernel": "(2, 2)", "pool_type": "avg"}),
            Node("SliceChannel", "halves", ((1, 0),), {"num_outputs": "3"}),
            Node("Concat", "join", ((2, 2), (2, 0)), {"num_args": "2"}),
        ),
        ((3, 0), (2, 1)),
    )
    assert graph_from_json(graph_to_json(graph)) == graph


def test_the_json_is_what_mxnet_documents() -> None:
    assert json.loads(graph_to_json(DIAMOND)) == {
        "nodes": [
            {"op": "null", "name": "a", "attrs": {}, "inputs": []},
            {"op": "relu", "name": "same", "attrs": {}, "inputs": [[0, 0, 0]]},
            {"op": "relu", "name": "same", "attrs": {}, "inputs": [[0, 0, 0]]},
            {"op": "elemwise_add", "name": "add", "attrs": {}, "inputs": [[1, 0, 0], [2, 0, 0]]},
        ],
        "arg_nodes": [0],
        "node_row_ptr": [0, 1, 2, 3, 4],
        "heads": [[3, 0, 0]],
        "attrs": {"mxnet_version": ["int", 10901]},
    }


def test_mxnet_reads_what_we_write_and_we_what_it_writes() -> None:
    photo = mx.sym.var("photo")
    halves = mx.sym.split(photo, num_outputs=2, axis=1)
    traced = mx.sym.Concat(mx.sym.relu(halves[1]), halves[0], dim=1)
    graph = graph_from_json(traced.tojson())
    again = mx.sym.load_json(graph_to_json(graph))
    (out,) = again.eval(photo=mx.nd.array([[[-1.0], [2.0], [-3.0], [4.0]]]))
    np.testing.assert_array_equal(out.asnumpy(), [[[0.0], [4.0], [-1.0], [2.0]]])
    assert graph_from_json(again.tojson()) == graph


def test_older_json_without_attributes_and_versions_is_read() -> None:
    text = '{"nodes": [{"op": "null", "name": "a", "inputs": []}], "heads": [[0, 0]]}'
    assert graph_from_json(text) == Graph((Node("null", "a"),), ((0, 0),))


def test_nodes_that_share_a_name_stay_apart() -> None:
    again = graph_from_json(graph_to_json(DIAMOND))
    assert [node.name for node in again.nodes] == ["a", "same", "same", "add"]
    assert again.nodes[3].inputs == ((1, 0), (2, 0))


def test_a_node_that_no_head_needs_is_left_out() -> None:
    assert list(DIAMOND.in_order()) == [0, 2, 3, 4]


def test_an_input_that_stands_after_its_reader_is_written_before_it() -> None:
    graph = Graph(
        (
            Node("null", "a"),
            Node("elemwise_add", "add", ((0, 0), (3, 0))),
            Node("relu", "last", ((1, 0),)),
            Node("Pooling", "pool", ((0, 0),)),
        ),
        ((2, 0), (3, 0)),
    )
    assert list(graph.in_order()) == [0, 3, 1, 2]
    again = graph_from_json(graph_to_json(graph))
    assert [node.name for node in again.nodes] == ["a", "pool", "add", "last"]
    assert again.nodes[2].inputs == ((0, 0), (1, 0))
    assert again.heads == ((3, 0), (1, 0))


def test_a_node_and_a_head_named_twice_are_written_once() -> None:
    graph = Graph((Node("null", "a"), Node("elemwise_add", "a+a", ((0, 0), (0, 0)))), ((1, 0),) * 2)
    assert list(graph.in_order()) == [0, 1]
    assert graph_from_json(graph_to_json(graph)) == graph


def test_a_chain_longer_than_pythons_stack_is_put_in_order() -> None:
    relus = tuple(Node("relu", "relu", ((index, 0),)) for index in range(5_000))
    graph = Graph((Node("null", "a"), *relus), ((5_000, 0),))
    assert list(graph.in_order()) == list(range(5_001))


def test_readers_are_listed_once_each_and_in_order() -> None:
    twice = Node("elemwise_add", "a+a", ((0, 0), (0, 0)))
    graph = Graph((*DIAMOND.nodes, twice), ())
    assert graph.readers == ((2, 3, 5), (), (4,), (4,), (), ())


def test_descendants_are_a_node_and_all_that_depends_on_it() -> None:
    assert DIAMOND.descendants(0) == {0, 2, 3, 4}
    assert DIAMOND.descendants(2) == {2, 4}
    assert DIAMOND.descendants(1) == {1}


def test_a_variable_is_found_by_name_and_an_operator_is_not() -> None:
    assert DIAMOND.position("spare") == 1
    with pytest.raises(KeyError, match="same"):
        DIAMOND.position("same")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("(3, 3)", (3, 3)), ("[1,2]", (1, 2)), ("(7,)", (7,)), ("6", (6,)), ("()", ()), ("", ())],
)
def test_attributes_are_read_as_whole_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert Node("Pooling", "pool", attrs={"kernel": text}).ints("kernel", (9,)) == numbers


def test_an_attribute_that_is_not_there_has_the_default() -> None:
    assert Node("Pooling", "pool").ints("stride", (1, 1)) == (1, 1)
