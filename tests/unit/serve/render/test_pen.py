import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serve.render.pen import Pen

WINDOW = (10, 20, 50, 40)


def covered(pen: Pen) -> NDArray[np.uint8]:
    return np.asarray(pen.covered())


def test_a_line_one_pixel_wide_covers_the_row_that_it_is_on() -> None:
    pen = Pen(WINDOW)
    pen.line([(12, 25), (47, 25)], 1)
    found = covered(pen)
    assert found.shape == (20, 40)
    assert (found[5, 4:36] == 255).all()
    found = np.delete(found, 5, axis=0)
    assert not found.any()


def test_a_dot_is_round_and_around_its_place() -> None:
    pen = Pen(WINDOW)
    pen.dot((30, 30), 3)
    found = covered(pen).astype(int)
    assert found[10, 20] == 255
    np.testing.assert_array_equal(found[4:17, 14:27], found[4:17, 14:27][::-1, ::-1])
    assert abs(found.sum() / 255 - np.pi * 9) < 3


def test_strokes_past_the_window_are_cut_and_the_rest_of_the_canvas_is_left_alone() -> None:
    canvas = Image.new("RGB", (60, 60), "white")
    pen = Pen(WINDOW)
    pen.line([(-100, 30), (1000, 30)], 2)
    pen.paste(canvas, (1, 2, 3))
    inked = (np.asarray(canvas) == (1, 2, 3)).all(axis=2)
    assert inked[30, 10:50].all()
    assert not inked[:, :10].any()
    assert not inked[:, 50:].any()
