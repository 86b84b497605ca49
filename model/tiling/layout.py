"""Cuts a photo into overlapping tiles: each answers for its core and sees a halo around it.

    ├──────── core ────────┼─ halo ─┤                          first tile of an axis
               ├─ halo ─┼─────── core ───────┼─ halo ─┤        in the middle
                                    ├─ halo ─┼──── core ────┤  last

The cores cover every pixel once. Tiles begin at multiples of the network's stride; those at the
photo's borders have larger cores rather than being smaller, so that all are of nearly one size.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from model.upsampling import Size

HALO_SHARE = 6
"""A halo is at most this part of a square tile's side: so tiles cost 2.25 times the photo at most.

At 4 megapixels all that fcn, psp and fastscnn reach; the others are cut short, where what is far
off weighs little (docs/engines.md).
"""


@dataclass(frozen=True)
class Span:
    """A tile along one axis, in pixels."""

    begin: int
    end: int
    core: slice
    """Of the whole axis, within begin..end: what the tile answers for."""
    length: int
    """Of the axis."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of the photo: `image[tile.pixels]`."""

    rows: Span
    columns: Span

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Where it stands in an (H, W) array."""
        rows, columns = self.rows, self.columns
        return slice(rows.begin, rows.end), slice(columns.begin, columns.end)


@dataclass(frozen=True)
class Layout:
    """The tiles of a photo."""

    rows: list[Span]
    columns: list[Span]

    def __iter__(self) -> Iterator[Tile]:
        return (Tile(rows, columns) for rows in self.rows for columns in self.columns)


def halo_of(reach: int, stride: int, max_pixels: int) -> int:
    """Pixels, a multiple of the stride: as wide as the network reaches, if that is affordable."""
    affordable = math.isqrt(max_pixels) // HALO_SHARE
    return stride * min(-(-reach // stride), affordable // stride)


def layout(size: Size, *, stride: int, halo: int, max_pixels: int) -> Layout:
    """The tiles that cost least.

    Args:
        size: of the photo.
        stride: where tiles may begin.
        halo: pixels, a multiple of the stride.
        max_pixels: of a tile with its halo, more than (2 halos and 2 strides) squared.
    """
    height, width = size
    best: tuple[int, int, int] | None = None
    for rows in range(1, _most_tiles(height, stride, halo) + 1):
        longest = max_pixels // _longest(height, rows, stride, halo)
        columns = _tiles_within(width, longest, stride, halo)
        if columns:
            cost = (height + 2 * halo * (rows - 1)) * (width + 2 * halo * (columns - 1))
            best = min(best or (cost, rows, columns), (cost, rows, columns))
    if best is None:
        msg = f"tiles of {max_pixels} pixels are too small for a halo of {halo}"
        raise ValueError(msg)
    _, rows, columns = best
    return Layout(
        spans(height, rows, stride=stride, halo=halo),
        spans(width, columns, stride=stride, halo=halo),
    )


def spans(length: int, count: int, *, stride: int, halo: int) -> list[Span]:
    """Cut an axis into so many tiles of nearly one length t: length = count (t - 2 halo) + 2 halo.

    >>> [(s.begin, s.core, s.end) for s in spans(100, 3, stride=8, halo=8)]
    [(0, slice(0, 32, None), 40), (24, slice(32, 64, None), 72), (56, slice(64, 100, None), 100)]
    """
    step = (length - 2 * halo) / count
    inner = [stride * int((halo + step * index) / stride) for index in range(1, count)]
    return [_span(begin, end, halo, length) for begin, end in pairwise([0, *inner, length])]


def _span(core_begin: int, core_end: int, halo: int, length: int) -> Span:
    begin, end = max(0, core_begin - halo), min(length, core_end + halo)
    return Span(begin, end, slice(core_begin, core_end), length)


def _longest(length: int, count: int, stride: int, halo: int) -> int:
    """Pixels of the longest of `spans`, or a stride more."""
    return length if count == 1 else (length - 2 * halo) // count + 2 * halo + stride


def _tiles_within(length: int, longest: int, stride: int, halo: int) -> int:
    """As few tiles as keep within this length; 0 where none do."""
    if length <= longest:
        return 1
    step = longest - 2 * halo - stride
    count = -(-(length - 2 * halo + 1) // step) if step > 0 else 0
    return count if count <= _most_tiles(length, stride, halo) else 0


def _most_tiles(length: int, stride: int, halo: int) -> int:
    """Each keeps a stride of its own."""
    return max(1, (length - 2 * halo) // stride)
