"""Photo → logits, whole or tile by tile; knows no engine.

A network with pools over the whole photo runs twice over each tile: first for the sums, which all
tiles together make, then for the logits.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.tiling.layout import Layout, Tile, halo_of, layout
from model.tiling.matrices import core_cells, counts, resizing, summing
from model.tiling.plan import POOLS, TILE, Plan, Pool, Resize, columns_of, rows_of
from model.upsampling import Size

Feeds = Mapping[str, NDArray[Any]]
Run = Callable[[str, Feeds], list[NDArray[Any]]]
"""Graph (the body or one of its tiles'), its inputs → its outputs, arrays of the caller's own."""

BODY = "body"


@dataclass(frozen=True)
class Tiling:
    """Which photos of a network are cut, and how."""

    plan: Plan
    max_pixels: int
    """Of a photo that is seen whole, and of a tile with its halo; 0: none is cut."""

    def cuts(self, size: Size) -> bool:
        """Whether a photo of (height, width) is too large to be seen whole."""
        return 0 < self.max_pixels < size[0] * size[1]

    def logits(self, image: NDArray[np.uint8], run: Run) -> NDArray[np.float32] | None:
        """See `tiled_logits`; None where the network is to see the photo whole."""
        size = (image.shape[0], image.shape[1])
        if not self.cuts(size):
            return None
        halo = halo_of(self.plan.reach, self.plan.stride, self.max_pixels)
        tiles = layout(size, stride=self.plan.stride, halo=halo, max_pixels=self.max_pixels)
        return tiled_logits(image, self.plan, tiles, run)


def tiled_logits(
    image: NDArray[np.uint8], plan: Plan, tiles: Layout, run: Run
) -> NDArray[np.float32]:
    """The logits of a photo that is too large to be seen whole.

    Args:
        image: (H, W, 3) RGB.
        plan: of the network.
        tiles: of the photo.
        run: the engine.

    Returns:
        (1, C, h, w), those of the whole but for rounding, and for what a halo narrower than
        `plan.reach` leaves out.
    """
    size = (image.shape[0], image.shape[1])
    pooled = _pooled(image, plan, tiles, run)
    logits = np.empty(0, np.float32)
    for tile in tiles:
        (part,) = run(
            BODY if plan.tile_is_body else TILE, _feeds(image, plan.resizes, tile) | pooled
        )
        if not logits.size:
            shape = (1, part.shape[1], *map(plan.logits.count, size))
            logits = np.empty(shape, np.float32)
        rows, columns = (core_cells(plan.logits, span) for span in (tile.rows, tile.columns))
        logits[:, :, rows[0], columns[0]] = part[:, :, rows[1], columns[1]]
    return logits


def _pooled(
    image: NDArray[np.uint8], plan: Plan, tiles: Layout, run: Run
) -> dict[str, NDArray[np.float32]]:
    """What the network pools from the whole photo, by name."""
    if not plan.pools:
        return {}
    first_pass = [resize for resize in plan.resizes if resize.is_pooled]
    sums: list[Any] = [0.0] * len(plan.pools)
    for tile in tiles:
        feeds = _feeds(image, first_pass, tile)
        for pool in plan.pools:
            feeds |= _both(pool.name, summing(pool, tile.rows), summing(pool, tile.columns))
        for index, part in enumerate(run(POOLS, feeds)):
            sums[index] = sums[index] + part.astype(np.float64)
    size = (image.shape[0], image.shape[1])
    return {
        pool.name: (total / _cells_of(pool, size)).astype(np.float32)
        for pool, total in zip(plan.pools, sums, strict=True)
    }


def _cells_of(pool: Pool, size: Size) -> NDArray[np.float32]:
    """(cells, cells): how many cells each sums."""
    rows, columns = (counts(pool, length) for length in size)
    return rows[:, None] * columns


def _feeds(
    image: NDArray[np.uint8], resizes: Iterable[Resize], tile: Tile
) -> dict[str, NDArray[Any]]:
    """The tile's pixels, and the matrices for its place."""
    feeds: dict[str, NDArray[Any]] = {"image": np.ascontiguousarray(image[tile.pixels])[None]}
    for resize in resizes:
        feeds |= _both(resize.name, resizing(resize, tile.rows), resizing(resize, tile.columns))
    return feeds


def _both(name: str, rows: NDArray[Any], columns: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {rows_of(name): rows, columns_of(name): np.ascontiguousarray(columns.T)}
