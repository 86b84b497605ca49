"""A traced network as data: the nodes of an MXNet symbol.

Owns MXNet's symbol JSON: `nodes` (op, name, attrs, inputs as [node, output, version]), `heads`
(the outputs, same triple) and two derived lists, `arg_nodes` and `node_row_ptr`.
Nodes are known by position: names repeat (DeepLabV3+ traces one block three times).
Pure Python; knows neither mxnet nor what the operators compute.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

PHOTO = "data"
"""The variable that stands for the photo in every traced network."""

Output = tuple[int, int]  # (position of the node, which of its outputs)

_MXNET_1_9_1 = 10901


@dataclass(frozen=True)
class Node:
    """One operator, or a variable (`op == "null"`)."""

    op: str
    name: str
    inputs: tuple[Output, ...] = ()
    attrs: Mapping[str, str] = field(default_factory=dict)

    def ints(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """An attribute such as `"(3, 3)"` as `(3, 3)`."""
        text = self.attrs.get(key)
        if text is None:
            return default
        return tuple(int(number) for number in text.strip("()[] ").split(",") if number.strip())


@dataclass(frozen=True)
class Graph:
    """The nodes of a network and which of their outputs are its own."""

    nodes: tuple[Node, ...]
    heads: tuple[Output, ...]

    def position(self, name: str) -> int:
        """Where the variable `name` stands."""
        for index, node in enumerate(self.nodes):
            if node.op == "null" and node.name == name:
                return index
        raise KeyError(name)

    @cached_property
    def readers(self) -> tuple[tuple[int, ...], ...]:
        """For each node, the nodes that read any of its outputs, in order."""
        readers: list[dict[int, None]] = [{} for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for source, _ in node.inputs:
                readers[source][index] = None
        return tuple(tuple(found) for found in readers)

    def descendants(self, index: int) -> set[int]:
        """Every node that depends on node `index`, itself included."""
        found = {index}
        frontier = [index]
        while frontier:
            fresh = [i for i in self.readers[frontier.pop()] if i not in found]
            found.update(fresh)
            frontier.extend(fresh)
        return found

    def in_order(self) -> Iterator[int]:
        """Positions of the nodes the heads need, inputs before their readers."""
        done: set[int] = set()
        stack = [index for index, _ in reversed(self.heads)]
        while stack:
            index = stack[-1]
            waiting = [source for source, _ in self.nodes[index].inputs if source not in done]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            stack.pop()
            if index not in done:
                done.add(index)
                yield index


def graph_from_json(text: str) -> Graph:
    """The graph in `mx.sym.Symbol.tojson()`."""
    symbol = json.loads(text)
    nodes = tuple(
        Node(
            op=node["op"],
            name=node["name"],
            inputs=tuple((source, output) for source, output, *_ in node["inputs"]),
            attrs=node.get("attrs", {}),
        )
        for node in symbol["nodes"]
    )
    return Graph(nodes, tuple((index, output) for index, output, *_ in symbol["heads"]))


def graph_to_json(graph: Graph) -> str:
    """JSON that `mx.sym.load_json` reads: inputs first, unused nodes left out."""
    order = list(graph.in_order())
    place = {old: new for new, old in enumerate(order)}
    nodes = [graph.nodes[old] for old in order]
    return json.dumps(
        {
            "nodes": [
                {
                    "op": node.op,
                    "name": node.name,
                    "attrs": dict(node.attrs),
                    "inputs": [[place[source], output, 0] for source, output in node.inputs],
                }
                for node in nodes
            ],
            "arg_nodes": [i for i, node in enumerate(nodes) if node.op == "null"],
            "node_row_ptr": list(range(len(nodes) + 1)),
            "heads": [[place[index], output, 0] for index, output in graph.heads],
            "attrs": {"mxnet_version": ["int", _MXNET_1_9_1]},
        }
    )
