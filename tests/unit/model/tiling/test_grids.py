"""How many cells a tensor has, against numpy's own sliding windows."""

import json

import numpy as np
import pytest

from model.tiling.grids import Grid, Window

HALF = Window(span=3, stride=2, padding=2)


def test_the_photo_itself_has_a_cell_a_pixel() -> None:
    assert (Grid().count(7), Grid().stride, Grid().first(5)) == (7, 1, 5)


@pytest.mark.parametrize("window", [HALF, Window(5, 1, 4), Window(2, 2, 0), Window(9, 3, 1)])
@pytest.mark.parametrize("pixels", [9, 10, 11, 12, 31])
def test_a_window_stands_wherever_it_fits(window: Window, pixels: int) -> None:
    padded = np.zeros(pixels + window.padding)
    standing = np.lib.stride_tricks.sliding_window_view(padded, window.span)[:: window.stride]
    assert Grid((window,)).count(pixels) == len(standing)


def test_windows_follow_each_other() -> None:
    grid = Grid().then(HALF).then(Window(1, 1, 2)).then(HALF)
    assert grid.stride == 4
    assert [grid.count(pixels) for pixels in (8, 9, 17)] == [3, 4, 6]
    assert grid.first(12) == 3


@pytest.mark.parametrize("pixels", [40, 41, 42, 43])
def test_the_grid_of_a_tile_to_the_border_ends_with_that_of_the_whole(pixels: int) -> None:
    grid = Grid((HALF, HALF))
    assert grid.first(20) + grid.count(pixels - 20) == grid.count(pixels)


def test_what_is_pooled_is_the_same_for_every_photo_and_tile() -> None:
    grid = Grid(cells=6).then(Window(1, 1, 0))
    assert (grid.count(10), grid.count(10_000), grid.first(640)) == (6, 6, 0)


def test_json_and_back() -> None:
    for grid in (Grid(), Grid((HALF, Window(1, 1, 2))), Grid(cells=3)):
        assert Grid.from_json(json.loads(json.dumps(grid.to_json()))) == grid
