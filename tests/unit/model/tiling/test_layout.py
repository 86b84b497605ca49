"""Every pixel has one tile that answers for it; no tile is larger than was asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.tiling.layout import Layout, halo_of, layout, spans


def test_by_hand() -> None:
    found = [(s.begin, s.core, s.end) for s in spans(100, 3, stride=8, halo=8)]
    assert found == [(0, slice(0, 32), 40), (24, slice(32, 64), 72), (56, slice(64, 100), 100)]
    assert [(s.begin, s.core, s.end) for s in spans(5, 1, stride=8, halo=8)] == [
        (0, slice(0, 5), 5)
    ]


def covered(
    size: tuple[int, int], tiles: Layout
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """How often each pixel is in a core."""
    times = np.zeros(size, np.int64)
    for tile in tiles:
        times[tile.rows.core, tile.columns.core] += 1
    return times


@settings(deadline=None)
@given(
    height=st.integers(1, 1500),
    width=st.integers(1, 1500),
    stride=st.sampled_from([4, 8, 32]),
    side=st.integers(256, 700),
)
def test_cores_cover_every_pixel_once_and_tiles_keep_the_bound(
    height: int, width: int, stride: int, side: int
) -> None:
    halo = halo_of(1000, stride, side * side)
    tiles = layout((height, width), stride=stride, halo=halo, max_pixels=side * side)
    assert (covered((height, width), tiles) == 1).all()
    for axis, length in ((tiles.rows, height), (tiles.columns, width)):
        for span in axis:
            assert span.begin % stride == span.core.start % stride == 0
            assert span.begin == max(0, span.core.start - halo)
            assert span.end == min(length, span.core.stop + halo)
    largest = max((t.rows.end - t.rows.begin) * (t.columns.end - t.columns.begin) for t in tiles)
    assert largest <= side * side


def test_a_photo_within_the_bound_is_one_tile() -> None:
    tiles = layout((256, 256), stride=8, halo=32, max_pixels=1 << 16)
    assert [tile.pixels for tile in tiles] == [(slice(0, 256), slice(0, 256))]


def test_a_long_photo_is_cut_across_alone() -> None:
    tiles = layout((100, 5000), stride=8, halo=32, max_pixels=1 << 16)
    assert (len(tiles.rows), len(tiles.columns)) == (1, 9)


@pytest.mark.parametrize(
    ("reach", "stride", "side", "halo"),
    [(223, 8, 2000, 224), (511, 8, 2000, 328), (304, 32, 2000, 320), (1037, 32, 256, 32)],
)
def test_a_halo_is_as_wide_as_the_network_reaches_or_a_sixth_of_the_side(
    reach: int, stride: int, side: int, halo: int
) -> None:
    assert halo_of(reach, stride, side * side) == halo


def test_tiles_with_no_room_for_a_core_are_refused() -> None:
    with pytest.raises(ValueError, match="tiles of 10000 pixels are too small for a halo of 64"):
        layout((1000, 1000), stride=8, halo=64, max_pixels=10_000)
