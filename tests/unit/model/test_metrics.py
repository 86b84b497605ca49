"""Figures by hand, and the confusion matrix against a plain loop."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.metrics import (
    IGNORED,
    accuracy_of,
    confusion_of,
    iou_of,
    mean_of,
    pixel_accuracy,
    shares_of,
)

NAN = math.nan


def ids(rows: list[list[int]]) -> NDArray[np.uint8]:
    return np.array(rows, np.uint8)


def counts(rows: list[list[int]]) -> NDArray[np.int64]:
    return np.array(rows, np.int64)


# Class 1 is missed half the time, class 2 is only ever predicted, class 3 is nowhere.
CONFUSION = counts([[6, 0, 2, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])


def grid(
    each: st.SearchStrategy[int], height: int, width: int
) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(each, min_size=width, max_size=width)
    return st.lists(row, min_size=height, max_size=height)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[int, NDArray[np.uint8], NDArray[np.uint8]]:
    classes = draw(st.sampled_from([2, 3, 21, 254]))
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    predicted = st.integers(0, classes - 1)
    label = st.one_of(predicted, st.just(IGNORED))
    labels = draw(grid(label, height, width))
    mask = draw(grid(predicted, height, width))
    return classes, ids(labels), ids(mask)


@given(labelled())
def test_the_confusion_matrix_is_a_plain_loops(
    drawn: tuple[int, NDArray[np.uint8], NDArray[np.uint8]],
) -> None:
    classes, labels, mask = drawn
    expected = [[0] * classes for _ in range(classes)]
    for label, predicted in zip(labels.ravel().tolist(), mask.ravel().tolist(), strict=True):
        if label != 255:
            expected[label][predicted] += 1
    confusion = confusion_of(labels, mask, classes)
    assert confusion.dtype == np.int64
    assert confusion.tolist() == expected


def test_rows_are_labelled_and_columns_predicted() -> None:
    confusion = confusion_of(ids([[0, 0, 1, 255]]), ids([[0, 1, 1, 0]]), 2)
    assert confusion.tolist() == [[1, 1], [0, 1]]


def test_iou_is_of_what_either_says() -> None:
    np.testing.assert_array_equal(iou_of(CONFUSION), [6 / 9, 1 / 2, 0, NAN])


def test_accuracy_is_of_what_is_labelled() -> None:
    np.testing.assert_array_equal(accuracy_of(CONFUSION), [6 / 8, 1 / 2, NAN, NAN])


def test_pixel_accuracy_is_of_all() -> None:
    assert pixel_accuracy(CONFUSION) == 7 / 10


def test_a_mean_leaves_out_what_is_nowhere() -> None:
    assert mean_of(iou_of(CONFUSION)) == pytest.approx((6 / 9 + 1 / 2 + 0) / 3)


def test_shares_are_of_the_row() -> None:
    shares = shares_of(counts([[3, 1], [0, 0]]))
    np.testing.assert_array_equal(shares, [[0.75, 0.25], [NAN, NAN]])


def test_nothing_labelled_is_no_figure_and_no_warning() -> None:
    empty = confusion_of(ids([[255]]), ids([[1]]), 2)
    assert not empty.any()
    assert math.isnan(pixel_accuracy(empty))
    assert math.isnan(mean_of(iou_of(empty)))


def test_counts_past_32_bits_are_exact() -> None:
    many = counts([[2**53, 1], [0, 2**53]])
    assert int((many + many).sum()) == 2**55 + 2
    assert iou_of(many)[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("labels", "mask", "message"),
    [
        ([[0, 1]], [[0], [1]], r"shape \(1, 2\) have a mask of shape \(2, 1\)"),
        ([[0, 2]], [[0, 1]], "past the last class, 1"),
        ([[0, 1]], [[0, 2]], "past the last class, 1"),
    ],
)
def test_what_does_not_go_together_is_refused(
    labels: list[list[int]], mask: list[list[int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        confusion_of(ids(labels), ids(mask), 2)
