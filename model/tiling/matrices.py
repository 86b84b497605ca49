"""The matrices that make a tile's resizes and sums those of the whole photo; one axis at a time."""

import numpy as np
from numpy.typing import NDArray

from model.tiling.grids import Grid
from model.tiling.layout import Span
from model.tiling.plan import Pool, Resize
from model.upsampling import interpolation

Matrix = NDArray[np.float32]


def resizing(resize: Resize, span: Span) -> Matrix:
    """(cells of the tile after the resize, before it): bilinear, align-corners, of the whole axis.

    Cell i of the whole lies at i (source - 1) / (target - 1) of its source, wherever the tile
    begins. At a tile's rim that can be outside the tile; there the nearest cell stands in, in what
    is halo.
    """
    source, target = resize.source, resize.target
    whole, stretched = source.count(span.length), target.count(span.length)
    targets, sources = cells_of(target, span), cells_of(source, span)
    places = np.arange(targets.start, targets.stop) * ((whole - 1) / max(stretched - 1, 1))
    return interpolation(places.clip(sources.start, sources.stop - 1), sources)


def summing(pool: Pool, span: Span) -> Matrix:
    """(cells, cells of the tile before the pool): 1 where a cell of the tile's core is summed.

    Sums and not averages: ones are exact in every precision, and `counts` divides once.
    """
    cells, (whole, own) = cells_of(pool.source, span), core_cells(pool.source, span)
    matrix = np.zeros((pool.cells, cells.stop - cells.start), np.float32)
    matrix[:, own] = _members(pool, span.length)[:, whole]
    return matrix


def counts(pool: Pool, length: int) -> Matrix:
    """(cells,): how many cells of the whole axis each sums."""
    sums: Matrix = _members(pool, length).sum(axis=1).astype(np.float32)
    return sums


def cells_of(grid: Grid, span: Span) -> slice:
    """Which cells of the whole photo's tensor a tile's has."""
    first = grid.first(span.begin)
    return slice(first, first + grid.count(span.end - span.begin))


def core_cells(grid: Grid, span: Span) -> tuple[slice, slice]:
    """Where a tile's core lies in the tensor of the whole photo, and in the tile's own.

    The photo's last core has all cells that are left.
    """
    first, begin = grid.first(span.begin), grid.first(span.core.start)
    is_last = span.core.stop == span.length
    end = grid.count(span.length) if is_last else grid.first(span.core.stop)
    return slice(begin, end), slice(begin - first, end - first)


def _members(pool: Pool, length: int) -> NDArray[np.bool_]:
    """(cells, cells before): cell i has floor(i L / cells) up to ceil((i + 1) L / cells)."""
    source = pool.source.count(length)
    cell = np.arange(pool.cells)[:, None]
    place = np.arange(source)
    begin, end = cell * source // pool.cells, -(-(cell + 1) * source // pool.cells)
    members: NDArray[np.bool_] = (begin <= place) & (place < end)
    return members
