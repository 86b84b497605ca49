"""Boxes on paper, and against MXNet's operators."""

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.instances.boxes import clipped, decoded, falling, suppressed


def boxes(count: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 100, (count, 2))
    sides = rng.uniform(0, 60, (count, 2))
    return np.concatenate([corners, corners + sides], 1, dtype=np.float32, casting="same_kind")


def test_a_box_moves_by_its_sides_and_grows_by_exponents() -> None:
    start = np.array([[10, 20, 30, 60]], np.float32)
    deltas = np.array([[0.5, -0.25, np.log(2), 9]], np.float32)
    moved = decoded(deltas, start, limit=float(np.log(3)))
    np.testing.assert_allclose(moved, [[10, -30, 50, 90]], rtol=1e-6)


def test_decoding_is_mxnets() -> None:
    deltas = np.random.default_rng(1).normal(0, 3, (50, 4)).astype("f4")
    own = [mx.nd.array(values[None]) for values in (deltas, boxes(50))]
    expected = mx.nd.contrib.box_decode(*own, 1, 1, 1, 1, clip=4.42, format="corner").asnumpy()[0]
    np.testing.assert_allclose(decoded(deltas, boxes(50), limit=4.42), expected, rtol=1e-5)


def test_boxes_are_cut_at_the_edges() -> None:
    wide = np.array([[-3, -1, 12, 7], [11, 2, 15, 3]], np.float32)
    np.testing.assert_array_equal(clipped(wide, 5, 10), [[0, 0, 10, 5], [10, 2, 10, 3]])


def test_the_surer_box_stays() -> None:
    row = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 5], [20, 0, 30, 10]], np.float32)
    assert suppressed(row, overlap=0.5, most=9).tolist() == [0, 2, 3]  # half is not more than half
    assert suppressed(row, overlap=0.5, most=2).tolist() == [0, 2]
    assert suppressed(row[:0], overlap=0.5, most=2).tolist() == []


def test_boxes_without_area_overlap_nothing() -> None:
    flat = np.array([[5, 5, 5, 5]] * 3, np.float32)
    assert suppressed(flat, overlap=0.5, most=9).tolist() == [0, 1, 2]


def test_suppression_is_mxnets() -> None:
    many = boxes(300)
    scores = np.linspace(1, 0.1, 300, dtype=np.float32)
    rows = mx.nd.array(np.concatenate([scores[:, None], many], 1)[None])
    found = mx.nd.contrib.box_nms(
        rows, overlap_thresh=0.4, coord_start=1, score_index=0, id_index=-1, force_suppress=True
    ).asnumpy()[0]
    kept = many[suppressed(many, overlap=0.4, most=300)]
    assert 10 < len(kept) < 290
    np.testing.assert_array_equal(kept, found[found[:, 0] > 0, 1:])


def test_of_equal_scores_the_first_comes_first() -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.1, 0.9, 0.5], np.float32)
    assert falling(scores, 4).tolist() == [1, 4, 0, 2]
    assert falling(scores, 9).tolist() == [1, 4, 0, 2, 5, 3]
