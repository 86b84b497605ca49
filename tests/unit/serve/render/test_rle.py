"""pycocotools reads what we write, and writes the same."""

import numpy as np
import pycocotools.mask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from serve.render.rle import encode_rle, run_lengths

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_it_is_what_pycocotools_writes(inside: Mask) -> None:
    expected = pycocotools.mask.encode(np.asfortranarray(inside.astype(np.uint8)))
    found = encode_rle(inside)
    assert found["counts"] == expected["counts"].decode()
    assert found["size"] == list(expected["size"])
    np.testing.assert_array_equal(pycocotools.mask.decode(found), inside)


@pytest.mark.parametrize("shape", [(1, 1), (3000, 2000)])
@pytest.mark.parametrize("value", [False, True])
def test_long_runs(shape: tuple[int, int], value: bool) -> None:
    inside = np.full(shape, value)
    np.testing.assert_array_equal(pycocotools.mask.decode(encode_rle(inside)), inside)


def test_runs_go_down_the_columns_and_begin_outside() -> None:
    assert run_lengths(np.array([[0, 1], [1, 1]], bool)).tolist() == [1, 3]
    assert run_lengths(np.array([[1, 0], [0, 0]], bool)).tolist() == [0, 1, 3]
