"""Interpolation matrices by hand, and tiles that together are the whole."""

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.upsampling import blocks, tiles


def matrix(length: int, source: int) -> list[list[float]]:
    (block,) = blocks(length, source, kept=length, most=length)
    rows: list[list[float]] = block.matrix.tolist()
    return rows


def test_the_corners_are_the_cells_themselves_and_between_them_it_is_linear() -> None:
    assert matrix(3, 2) == [[1, 0], [0.5, 0.5], [0, 1]]
    assert matrix(5, 2) == [[1, 0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0, 1]]


def test_the_same_length_changes_nothing() -> None:
    assert matrix(3, 3) == np.eye(3).tolist()


def test_one_output_is_the_first_cell_and_one_cell_is_every_output() -> None:
    assert matrix(1, 1) == [[1]]
    (block,) = blocks(1, 4, kept=1, most=1)
    assert (block.source.start, block.matrix[0, 0]) == (0, 1)
    assert matrix(3, 1) == [[1], [1], [1]]


def test_a_block_holds_only_the_cells_it_needs() -> None:
    first, second = blocks(9, 5, kept=8, most=4)
    assert (first.out, first.source) == (slice(0, 4), slice(0, 3))
    assert (second.out, second.source) == (slice(4, 8), slice(2, 5))
    assert second.matrix.tolist() == [[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 0.5, 0.5]]


@settings(deadline=None)  # thousands of blocks, on whatever machine
@given(
    length=st.integers(1, 3000),
    source=st.integers(1, 400),
    share=st.floats(0.001, 1),
    most=st.integers(1, 500),
)
def test_blocks_cover_what_is_kept_once_and_every_row_sums_to_one(
    length: int, source: int, share: float, most: int
) -> None:
    kept = max(1, int(length * share))
    found = blocks(length, source, kept=kept, most=most)
    assert [i for block in found for i in range(block.out.start, block.out.stop)] == [*range(kept)]
    for block in found:
        assert 0 <= block.source.start < block.source.stop <= source
        assert len(block.matrix) <= most
        np.testing.assert_allclose(block.matrix.sum(axis=1), 1, atol=1e-6)
        assert block.matrix.min() >= 0


@pytest.mark.parametrize(
    ("shape", "grid", "kept"),
    [
        ((3, 5, 7), (37, 50), (37, 50)),
        ((2, 4, 40), (32, 3000), (7, 2900)),
        ((4, 1, 1), (8, 8), (1, 1)),
    ],
)
def test_tiles_together_equal_mxnets_own_resize(
    shape: tuple[int, int, int], grid: tuple[int, int], kept: tuple[int, int]
) -> None:
    logits = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    whole = mx.nd.contrib.BilinearResize2D(
        mx.nd.array(logits[None]), height=grid[0], width=grid[1]
    ).asnumpy()[0, :, : kept[0], : kept[1]]
    found = np.full_like(whole, np.nan)
    for tile in tiles(shape, grid, kept=kept, most_elements=1000):
        part = logits[:, tile.rows.source, tile.columns.source]
        found[:, *tile.out] = tile.rows.matrix @ part @ tile.columns.matrix.T
    np.testing.assert_allclose(found, whole, atol=1e-5)


def test_a_tile_is_no_larger_than_was_asked_for() -> None:
    sizes = [
        21 * len(tile.rows.matrix) * len(tile.columns.matrix)
        for tile in tiles((21, 375, 500), (3000, 4000), kept=(3000, 4000), most_elements=1 << 21)
    ]
    assert max(sizes) <= 1 << 21
    assert len(sizes) < 200
    assert sum(sizes) == 21 * 3000 * 4000
