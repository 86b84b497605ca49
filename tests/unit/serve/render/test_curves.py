import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from serve.render import curves
from serve.render.chart import Chart, draw_mark
from serve.render.curves import Point, best_of, curves_picture
from serve.render.legend import Color
from serve.render.pen import Place

BLUE, ORANGE, NAN = (26, 79, 156), (232, 147, 58), math.nan
LEFT, RIGHT = 100, 958  # where the first and the last epoch are
LOSS, SHARES = slice(130, 354), slice(432, 680)  # rows of the two charts


def found(picture: NDArray[np.uint8], color: tuple[int, int, int]) -> NDArray[np.bool_]:
    return np.asarray((picture == color).all(axis=2))


def falling(count: int) -> list[Point]:
    epochs = range(1, count + 1)
    return [Point(e, 2 / e, 1 - 0.9 / e, 1 - 0.5 / e) for e in epochs]


def test_the_loss_goes_through_its_places() -> None:
    """From 0 at row 350 to 2 at row 134; epoch 2 is half way."""
    picture = curves_picture([Point(1, 2.0), Point(2, 0.5), Point(3, 1.0)], "title")
    blue = found(picture, BLUE)
    for x, loss in ((LEFT, 2.0), (529, 0.5), (RIGHT, 1.0), ((LEFT + 529) / 2, 1.25)):
        assert blue[round(350 - 108 * loss), round(x)], loss
    assert not blue[:130].any()
    assert not found(picture, ORANGE)[LOSS].any()


def test_shares_go_through_theirs_in_two_colours() -> None:
    """From 0 at row 672 to 1 at row 440."""
    picture = curves_picture([Point(1, 1, 0.25, 0.5), Point(2, 1, 0.0, 1.0)], "title")
    blue, orange = found(picture, BLUE), found(picture, ORANGE)
    assert blue[round(672 - 232 * 0.25), LEFT]
    assert blue[672, RIGHT]
    assert orange[672 - 116, LEFT]
    assert orange[440, RIGHT]
    assert not orange[672 - 60, LEFT]


@pytest.mark.parametrize("count", [1, 2, 7, 40, 41, 60, 299, 300, 1000])
def test_lines_reach_from_the_first_epoch_to_the_last(count: int) -> None:
    picture = curves_picture(falling(count), "title")
    assert picture.shape == (720, 1000, 3)
    assert picture.dtype == np.uint8
    bluish = picture[LOSS, :, 2].astype(int) - picture[LOSS, :, 0] > 40  # pale where two rows share
    columns = np.flatnonzero(bluish.any(axis=0))
    first, last = (529, 529) if count == 1 else (LEFT, RIGHT)
    assert columns.tolist() == [*range(columns[0], columns[-1] + 1)]
    assert first - 4 < columns[0] <= first
    assert last <= columns[-1] < last + 4


def columns_of(losses: list[float | None]) -> NDArray[np.bool_]:
    picture = curves_picture([Point(e, loss) for e, loss in enumerate(losses, 1)], "title")
    return np.asarray(found(picture, BLUE)[LOSS].any(axis=0))


@pytest.mark.parametrize("odd", [NAN, math.inf, -math.inf, 1e200])
def test_a_line_breaks_where_there_is_no_number(odd: float) -> None:
    inked = columns_of([1, 1, odd, 1, 1])
    first, last = LEFT + 858 // 4, LEFT + 3 * 858 // 4
    assert inked[LEFT:first].all()
    assert inked[last:RIGHT].all()
    assert not inked[first + 8 : last - 8].any()


def test_it_goes_on_where_nothing_was_measured() -> None:
    assert columns_of([1, 1, None, 1, 1])[LEFT:RIGHT].all()


def test_a_number_between_two_gaps_is_a_dot() -> None:
    inked = columns_of([1, NAN, 1, NAN, 1] * 20)
    assert inked[LEFT]
    assert inked[round(LEFT + 858 * 2 / 99)]
    assert not inked[round(LEFT + 858 / 99)]


def test_a_loss_over_many_powers_of_ten_is_logarithmic() -> None:
    """Each tenth part is one sixth of the height."""
    points = [Point(e, 10.0 ** (4 - e)) for e in range(1, 8)]
    blue = found(curves_picture(points, "title"), BLUE)
    for place in range(7):
        assert blue[134 + 36 * place, LEFT + 143 * place]


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The labels of marks, which are drawn all the same."""
    said: list[str] = []

    def spy(canvas: Image.Image, chart: Chart, place: Place, label: str, color: Color) -> None:
        said.append(label)
        draw_mark(canvas, chart, place, label, color)

    monkeypatch.setattr(curves, "draw_mark", spy)
    return said


def test_the_best_epoch_is_marked_and_named(marks: list[str]) -> None:
    shares = [0.2, 0.75341, None, NAN, 0.75341, 0.6]
    picture = curves_picture([Point(e, 1, share) for e, share in enumerate(shares, 43)], "title")
    assert marks == ["best 0.7534, epoch 44"]
    x = LEFT + 858 // 5
    # The axis is that of 0.2 to 0.8.
    y = round(672 - (0.75341 - 0.2) / 0.6 * 232)
    blue = found(picture, BLUE)
    assert blue[y - 2 : y + 3, x - 2 : x + 4].all()


@pytest.mark.parametrize("points", [[], [Point(1, 1.0)], [Point(1, 1, NAN), Point(2, 1, math.inf)]])
def test_without_miou_there_is_no_best(points: list[Point], marks: list[str]) -> None:
    assert best_of(points) is None
    curves_picture(points, "title")
    assert marks == []


@pytest.mark.parametrize("count", [1, 2, 7, 60, 500])
def test_the_label_of_the_best_covers_no_line(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(count)
    mean_iou, accuracy = rng.uniform(0.5, 0.7, count), rng.uniform(0.8, 1, count)
    figures = zip(mean_iou.tolist(), accuracy.tolist(), strict=True)
    points = [Point(epoch, 1, *each) for epoch, each in enumerate(figures, 1)]
    marked = curves_picture(points, "title")
    monkeypatch.setattr(curves, "draw_mark", lambda *_: None)
    bare = curves_picture(points, "title")
    np.testing.assert_array_equal(found(marked, ORANGE), found(bare, ORANGE))
    assert found(marked, BLUE).sum() > found(bare, BLUE).sum()
    assert ((marked < 60).all(axis=2) & ~(bare < 60).all(axis=2)).sum() > 50  # ink


def test_points_may_come_in_any_order_and_the_last_of_an_epoch_counts() -> None:
    points = falling(5)
    mixed = [Point(3, 900.0), *reversed(points)]
    np.testing.assert_array_equal(curves_picture(mixed, "t"), curves_picture(points, "t"))


@pytest.mark.parametrize("title", ["", "x" * 10_000, "two\nlines", "\udc80", "\0", "日本語"])
def test_any_title_is_a_line(title: str) -> None:
    picture = curves_picture(falling(3), title)
    assert (picture[:, -20:] == 255).all()  # nothing runs out of the picture
    assert (picture[:50, :10] == 255).all()


FIGURE = st.none() | st.floats() | st.floats(0, 1) | st.sampled_from([5e-324, 1e-101, 1e100])
POINTS = st.lists(st.builds(Point, st.integers(-5, 2000), FIGURE, FIGURE, FIGURE), max_size=60)


@settings(max_examples=60, deadline=None)
@given(points=POINTS)
def test_any_numbers_make_a_picture(points: list[Point]) -> None:
    assert curves_picture(points, "title").shape == (720, 1000, 3)
