"""A tile's matrices are the part of the whole's that it sees; partial sums make the whole sum."""

import numpy as np
import pytest

from model.tiling.grids import Grid, Window
from model.tiling.layout import spans
from model.tiling.matrices import cells_of, core_cells, counts, resizing, summing
from model.tiling.plan import Pool, Resize
from model.upsampling import blocks

FOURTH = Grid((Window(3, 2, 2), Window(3, 2, 2)))


def test_a_resize_by_hand() -> None:
    """8 pixels in a quarter as many cells, stretched to half as many, seen by the right half."""
    resize = Resize("r", Grid((Window(4, 4, 0),)), Grid((Window(2, 2, 0),)), is_pooled=False)
    whole, (left, right) = spans(8, 1, stride=4, halo=0)[0], spans(8, 2, stride=4, halo=0)
    thirds = np.array([[3, 0], [2, 1], [1, 2], [0, 3]]) / 3
    np.testing.assert_allclose(resizing(resize, whole), thirds, atol=1e-6)
    assert resizing(resize, left).tolist() == [[1], [1]]  # its right neighbour is not at hand
    assert resizing(resize, right).tolist() == [[1], [1]]


@pytest.mark.parametrize("pixels", [997, 1000, 1003, 1022])
def test_a_tiles_resize_is_the_wholes_within_its_core(pixels: int) -> None:
    eighth = FOURTH.then(Window(3, 2, 2))
    resize = Resize("r", eighth, FOURTH, is_pooled=False)
    source = np.random.default_rng(0).normal(size=eighth.count(pixels)).astype(np.float32)
    length = FOURTH.count(pixels)
    (block,) = blocks(length, len(source), kept=length, most=length)
    expected = block.matrix @ source
    found = np.full(length, np.nan, np.float32)
    for span in spans(pixels, 4, stride=8, halo=16):
        part = resizing(resize, span) @ source[cells_of(eighth, span)]
        whole, own = core_cells(FOURTH, span)
        found[whole] = part[own]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_pooled_tensor_is_stretched_over_the_whole_photo() -> None:
    resize = Resize("r", Grid(cells=2), Grid((Window(2, 2, 0),)), is_pooled=False)
    _, right = spans(12, 2, stride=4, halo=0)
    assert right.begin == 4
    fifths = np.array([[3, 2], [2, 3], [1, 4], [0, 5]]) / 5
    np.testing.assert_allclose(resizing(resize, right), fifths, atol=1e-6)


def test_sums_by_hand() -> None:
    """Five cells in two: the middle one counts in both."""
    pool = Pool("p", 2, Grid((Window(2, 2, 0),)))
    left, right = spans(10, 2, stride=2, halo=2)
    assert (left.core, right.core) == (slice(0, 4), slice(4, 10))
    assert summing(pool, left).tolist() == [[1, 1, 0], [0, 0, 0]]
    assert summing(pool, right).tolist() == [[0, 1, 0, 0], [0, 1, 1, 1]]
    assert counts(pool, 10).tolist() == [3, 3]


@pytest.mark.parametrize("cells", [1, 2, 3, 6])
@pytest.mark.parametrize("pixels", [301, 320, 333])
def test_the_sums_of_all_tiles_make_the_pool(cells: int, pixels: int) -> None:
    pool = Pool("p", cells, FOURTH)
    source = np.arange(FOURTH.count(pixels), dtype=np.float32)
    count = len(source)
    edges = [(i * count // cells, -(-(i + 1) * count // cells)) for i in range(cells)]
    expected = [source[begin:end].mean() for begin, end in edges]
    parts = [
        summing(pool, span) @ source[cells_of(FOURTH, span)]
        for span in spans(pixels, 5, stride=4, halo=8)
    ]
    np.testing.assert_allclose(np.sum(parts, axis=0) / counts(pool, pixels), expected, rtol=1e-6)
