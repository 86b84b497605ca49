"""Tiles put together, with a network of a few lines of numpy for an engine.

Its cells are the means of 2 x 2 pixels, plus what a pool of all of them to 2 x 2 says there.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.tiling.grids import Grid, Window
from model.tiling.layout import layout
from model.tiling.plan import Plan, Pool, Resize
from model.tiling.run import Feeds, Tiling, tiled_logits

CELLS = Grid((Window(2, 2, 0),))
PLAIN = Plan(2, 1, CELLS, (), ())
POOLED = Plan(
    2, 1, CELLS, (Resize("up", Grid(cells=2), CELLS, is_pooled=False),), (Pool("pool", 2, CELLS),)
)


def means(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) → (N, 3, H/2, W/2)."""
    count, height, width, _ = image.shape
    even = image[:, : height // 2 * 2, : width // 2 * 2]
    blocks = even.reshape(count, height // 2, 2, width // 2, 2, 3)
    cells: NDArray[np.float32] = blocks.mean(axis=(2, 4)).transpose(0, 3, 1, 2).astype(np.float32)
    return cells


def run(name: str, feeds: Feeds) -> list[NDArray[np.float32]]:
    cells = means(feeds["image"])
    if name == "body":
        return [cells]
    if name == "tile_pools":
        return [feeds["pool.rows"] @ cells @ feeds["pool.columns"]]
    return [cells + feeds["up.rows"] @ feeds["pool"] @ feeds["up.columns"]]


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (43, 67, 3), np.uint8)


def test_a_network_without_pools(image: NDArray[np.uint8]) -> None:
    tiles = layout((43, 67), stride=2, halo=2, max_pixels=400)
    np.testing.assert_array_equal(tiled_logits(image, PLAIN, tiles, run), means(image[None]))


def test_a_pool_is_that_of_the_whole_photo(image: NDArray[np.uint8]) -> None:
    cells = means(image[None])
    _, _, height, width = cells.shape
    halves = [(slice(0, -(-n // 2)), slice(n // 2, n)) for n in (height, width)]
    pool = np.array([[cells[0, :, r, c].mean(axis=(1, 2)) for c in halves[1]] for r in halves[0]])
    down, across = (np.linspace(0, 1, n)[:, None] for n in (height, width))
    above = np.einsum(
        "ir,jc,rck->kij", np.hstack([1 - down, down]), np.hstack([1 - across, across]), pool
    )
    tiles = layout((43, 67), stride=2, halo=2, max_pixels=400)
    assert len(list(tiles)) > 6
    found = tiled_logits(image, POOLED, tiles, run)
    np.testing.assert_allclose(found, cells + above, rtol=1e-5)


def test_only_photos_above_the_bound_are_cut(image: NDArray[np.uint8]) -> None:
    assert Tiling(PLAIN, 0).logits(image, run) is None
    assert Tiling(PLAIN, 43 * 67).logits(image, run) is None
    found = Tiling(PLAIN, 43 * 67 - 1).logits(image, run)
    assert found is not None
    np.testing.assert_array_equal(found, means(image[None]))
