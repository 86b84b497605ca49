"""Frees a traced network from the one photo size that GluonCV writes into it.

GluonCV computes the target of every resize from `crop_size` and bakes the numbers into the symbol,
so a network answers right for square photos of that side only (and its `predict`, which patches the
numbers for each photo, is wrong for FastSCNN, ICNet and DeepLabV3+). Here each resize is told *whom
to match* instead, which holds at every height and width:

- a result that is later joined (Concat, add) with a tensor of its size takes that tensor's size;
- the last one takes the photo's;
- a free one (ICNet scales its input and its branches) takes the photo's size divided by the number
  that `crop_size` was divided by, rounded down.

MXNet's BilinearResize2D does the first two with `mode="like"`; for the third it is given a pooled
copy of the photo to match. Align-corners stays as it is. Pure: graph in, graph out.
"""

from dataclasses import replace

from model.graph import Graph, Node, Output

RESIZE = "_contrib_BilinearResize2D"
POOL = "_contrib_AdaptiveAvgPooling2D"

_JOINS = frozenset({"Concat", "elemwise_add"})
_POINTWISE = frozenset({"Activation", "BatchNorm", "Dropout", "relu"}) | _JOINS


def free_size(graph: Graph, *, traced_side: int, photo: str = "data") -> Graph:
    """The same network for photos of any height and width.

    Args:
        graph: traced from GluonCV with `crop_size == traced_side`; the first head is the scores.
        traced_side: pixels; a multiple of 32.
        photo: name of the input variable.
    """
    source = graph.position(photo)
    nodes = list(graph.nodes)
    for index, node in enumerate(graph.nodes):
        if node.op != RESIZE:
            continue
        partner = _partner(graph, index)
        if partner is not None:
            like = partner
        elif index in {head for head, _ in graph.heads}:
            like = (source, 0)
        else:
            nodes.append(_shrunk(source, traced_side // node.ints("height", (traced_side,))[0]))
            like = (len(nodes) - 1, 0)
        nodes[index] = replace(node, attrs={"mode": "like"}, inputs=(*node.inputs, like))
    return Graph(tuple(nodes), graph.heads)


def without_last_resize(graph: Graph) -> Graph:
    """The same network up to its last resize: logits at its own stride, of its first head only."""
    return Graph(graph.nodes, (graph.nodes[graph.heads[0][0]].inputs[0],))


def with_pool_bins(graph: Graph, bins: tuple[int, ...]) -> Graph:
    """PSPNet's pyramid with other bin counts, in the order of its branches.

    GluonCV pooled to 1, 2, 3, 4 cells until 2019-02 and to 1, 2, 3, 6 since; the parameters have
    the same shapes, so nothing in a file says which it was trained with.
    """
    pools = [index for index, node in enumerate(graph.nodes) if node.op == POOL]
    nodes = list(graph.nodes)
    for index, cells in zip(pools, bins, strict=True):
        nodes[index] = replace(nodes[index], attrs={"output_size": str(cells)})
    return Graph(tuple(nodes), graph.heads)


def _partner(graph: Graph, resize: int) -> Output | None:
    """The tensor that the resize's result meets further on, if it meets one of its own size."""
    own = graph.descendants(resize)
    frontier = [resize]
    while frontier:
        for reader in graph.readers[frontier.pop(0)]:
            node = graph.nodes[reader]
            if node.op in _JOINS:
                others = [(i, output) for i, output in node.inputs if i not in own]
                if others:
                    return others[0]
            if _keeps_size(node):
                frontier.append(reader)
    return None


def _keeps_size(node: Node) -> bool:
    if node.op == "Convolution":
        kernel = node.ints("kernel", ())
        full = tuple(
            dilate * (k - 1) for dilate, k in zip(node.ints("dilate", (1, 1)), kernel, strict=True)
        )
        padded = tuple(2 * pad for pad in node.ints("pad", (0, 0)))
        return node.ints("stride", (1, 1)) == (1, 1) and padded == full
    return node.op in _POINTWISE


def _shrunk(source: int, divisor: int) -> Node:
    window = f"({divisor}, {divisor})"
    attrs = {"kernel": window, "stride": window, "pool_type": "avg", "pooling_convention": "valid"}
    return Node("Pooling", f"photo_{divisor}th", ((source, 0),), attrs)
