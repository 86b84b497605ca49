"""Run lengths from a patch: against a loop over the whole photo, and against pycocotools."""

import numpy as np
import pycocotools.mask
import pytest
from numpy.typing import NDArray

from serve.instances.paste import Patch
from serve.instances.runs import coco_rle, row_rle
from tests.unit.serve.instances.scene import full, literal_counts

SIZE = (7, 9)


def patches() -> list[Patch]:
    rng = np.random.default_rng(2)
    found = [
        Patch(0, 0, np.ones(SIZE, bool)),
        Patch(0, 0, np.zeros(SIZE, bool)),
        Patch(2, 3, np.empty((0, 0), bool)),
        Patch(2, 3, np.empty((0, 4), bool)),
        Patch(2, 0, np.ones((3, 9), bool)),  # whole rows: one run
        Patch(0, 4, np.ones((7, 2), bool)),  # whole columns
        Patch(6, 8, np.ones((1, 1), bool)),
        Patch(0, 0, np.ones((1, 1), bool)),
    ]
    for _ in range(300):
        top, left = int(rng.integers(0, 7)), int(rng.integers(0, 9))
        height, width = int(rng.integers(0, 8 - top)), int(rng.integers(0, 10 - left))
        found.append(Patch(top, left, rng.random((height, width)) < rng.choice([0.3, 0.9])))
    return found


def whole(patch: Patch) -> NDArray[np.bool_]:
    return full(patch.top, patch.left, patch.inside, SIZE)


def test_rows_are_counted_as_by_a_loop_over_the_photo() -> None:
    for patch in patches():
        found = row_rle(patch, SIZE)
        assert found == {"counts": literal_counts(whole(patch)), "size": [7, 9]}
        assert all(type(count) is int for count in found["counts"])


def test_columns_are_what_pycocotools_writes_and_reads() -> None:
    for patch in patches():
        mask, found = whole(patch), coco_rle(patch, SIZE)
        theirs = pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        assert found == {"size": [7, 9], "counts": theirs["counts"].decode()}
        np.testing.assert_array_equal(pycocotools.mask.decode(found), mask)


@pytest.mark.parametrize(
    ("inside", "counts"),
    [
        ([[0, 0], [0, 0]], [4]),
        ([[1, 1], [1, 1]], [0, 4]),
        ([[0, 1], [1, 0]], [1, 2, 1]),
        ([[1, 0], [0, 1]], [0, 1, 2, 1]),
    ],
)
def test_counts_begin_with_what_is_outside(inside: list[list[int]], counts: list[int]) -> None:
    assert row_rle(Patch(0, 0, np.array(inside, bool)), (2, 2))["counts"] == counts


def test_a_large_photo_is_not_made_for_a_small_thing() -> None:
    size = (1 << 20, 1 << 20)  # a mask of it would take a terabyte
    found = row_rle(Patch(5, 7, np.ones((1, 2), bool)), size)
    assert found["counts"] == [5 * 2**20 + 7, 2, 2**40 - 5 * 2**20 - 9]
