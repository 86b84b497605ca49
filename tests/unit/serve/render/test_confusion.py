import numpy as np
import pytest
from numpy.typing import NDArray

from serve.render import colormaps
from serve.render.confusion import confusion_picture

NAN = float("nan")
GRAY = (226, 227, 229)


def picture(shares: list[list[float]], names: list[str] | None = None) -> NDArray[np.uint8]:
    return confusion_picture(np.array(shares), names or ["a"] * len(shares), "title")


def places(drawn: NDArray[np.uint8], colormap: str = "Blues") -> NDArray[np.bool_]:
    """(H, W) where cells with a share of 1 are."""
    darkest = colormaps.colors_of(colormap, np.ones(1))[0]
    found: NDArray[np.bool_] = (drawn == darkest).all(axis=2)
    return found


def box(found: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what is found, all inside."""
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize(
    ("count", "cell"), [(2, 84), (8, 84), (9, 52), (16, 52), (17, 38), (21, 38), (40, 38)]
)
def test_there_is_a_cell_for_every_pair(count: int, cell: int) -> None:
    drawn = picture(np.eye(count).tolist())
    top, bottom, left, right = box(places(drawn))
    assert (bottom - top + 2, right - left + 2) == (count * cell, count * cell)
    assert max(drawn.shape[:2]) < max(count * cell, 400) + 250


@pytest.mark.parametrize("count", [41, 254])
def test_past_40_classes_cells_are_small_and_have_no_text(count: int) -> None:
    drawn = picture(np.eye(count).tolist(), ["class"] * count)
    found = places(drawn, "magma_r")
    found[:60] = False  # the scale
    top, bottom, left, right = box(found)
    assert (bottom - top + 2, right - left + 2) == (count * 14, count * 14)
    assert found.sum() == count * 13**2


def test_shares_are_written_into_cells() -> None:
    found = places(picture(np.eye(40).tolist()))
    assert 0 < found.sum() < 40 * 37**2


def test_rows_are_labelled_and_columns_predicted() -> None:
    shares = np.zeros((3, 3))
    shares[:, 0] = 1
    top, bottom, left, right = box(places(picture(shares.tolist())))
    assert (bottom - top + 2, right - left + 2) == (3 * 84, 84)


def test_rows_never_labelled_are_gray() -> None:
    gray = (picture([[1, 0], [NAN, NAN]]) == GRAY).all(axis=2)
    assert gray.sum() == 83 * (2 * 84 - 1)
    assert not (picture([[1, 0], [0, 1]]) == GRAY).all(axis=2).any()


def test_long_names_are_cut_and_take_no_more_room() -> None:
    shares = np.eye(2).tolist()
    cut = picture(shares, ["x" * 40, "b"])
    np.testing.assert_array_equal(cut, picture(shares, ["x" * 100, "b"]))


def test_names_stand_upright_where_they_fit() -> None:
    shares = np.eye(3).tolist()
    upright, turned = (picture(shares, ["a", "b", name]) for name in ("background", "c" * 30))
    assert turned.shape[0] > upright.shape[0] + 50
