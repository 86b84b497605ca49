"""Masks in boxes against the formula written out, pixel by pixel."""

import numpy as np
import pytest
from numpy.typing import NDArray

from serve.instances import paste as module
from serve.instances.paste import paste
from tests.unit.serve.instances.scene import SIZE, full, literal_paste, smooth_mask

BOXES = {
    "small": (10.3, 12.7, 19.1, 20.2),
    "of whole pixels": (10.0, 10.0, 38.0, 38.0),
    "wide and flat": (3.2, 30.1, 88.4, 33.0),
    "in the corner": (0.0, 0.0, 17.5, 9.25),
    "in the last corner": (70.2, 41.7, 90.0, 60.0),
    "the whole photo": (0.0, 0.0, 90.0, 60.0),
    "less than a pixel, with one middle": (20.4, 10.0, 20.6, 40.0),
    "less than a pixel, with no middle": (20.6, 10.0, 21.4, 40.0),
    "a speck": (20.45, 10.45, 20.55, 10.55),
}


def box_of(*sides: float) -> NDArray[np.float32]:
    return np.array(sides, np.float32)


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize("side", [28, 14])
def test_pixels_are_those_of_the_formula(name: str, threshold: float, side: int) -> None:
    mask = smooth_mask(np.random.default_rng(len(name)), side)
    values = literal_paste(mask, BOXES[name], SIZE)
    patch = paste(mask, box_of(*BOXES[name]), SIZE, threshold)
    differs = full(patch.top, patch.left, patch.inside, SIZE) != (values >= threshold)
    assert not differs[np.abs(values - threshold) > 1e-4].any()
    assert differs.sum() <= 1


def test_work_is_done_within_the_box_alone() -> None:
    patch = paste(np.ones((28, 28), np.float32), box_of(10, 20, 38, 34), (3000, 4000), 0.5)
    assert (patch.top, patch.left, patch.inside.shape) == (20, 9, (14, 30))
    assert patch.inside[:, 1:-1].all()


def test_a_box_without_a_pixels_middle_has_no_pixel() -> None:
    ones = np.ones((28, 28), np.float32)
    for box in ([20.6, 10, 21.4, 40], [5, 5, 5, 9], [7, 7, 3, 9], [np.nan, 0, 4, 4]):
        patch = paste(ones, box_of(*box), SIZE, 0.5)
        assert patch.inside.size == 0 or not patch.inside.any()


def test_a_box_of_the_last_bits_of_a_number_is_no_fault() -> None:
    ones = np.ones((28, 28), np.float32)
    with np.errstate(all="raise", under="ignore"):
        for low in (0.5, 20.5):
            box = box_of(low, low, float(np.nextafter(np.float32(low), np.float32(99))), 30)
            assert paste(ones, box, SIZE, 0.5).inside.shape[1] == 1


def test_a_threshold_of_0_takes_all_of_the_box() -> None:
    patch = paste(np.zeros((28, 28), np.float32), box_of(10, 10, 20, 30), SIZE, 0.0)
    assert patch.inside.all()
    assert (patch.top, patch.left, patch.inside.shape) == (10, 10, (20, 10))


def test_bands_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    mask, box = smooth_mask(np.random.default_rng(1)), box_of(2.5, 3.5, 70.1, 55.2)
    whole = paste(mask, box, SIZE, 0.5)
    monkeypatch.setattr(module, "_BAND_PIXELS", 100)
    np.testing.assert_array_equal(paste(mask, box, SIZE, 0.5).inside, whole.inside)


def test_of_a_box_that_reaches_beyond_the_photo_there_is_the_part_within() -> None:
    mask, box = smooth_mask(np.random.default_rng(2)), (-20.5, -7.2, 55.1, 80.9)
    moved = tuple(side + 100 for side in box)
    whole = literal_paste(mask, (moved[0], moved[1], moved[2], moved[3]), (260, 290)) >= 0.5
    patch = paste(mask, box_of(*box), SIZE, 0.5)
    np.testing.assert_array_equal(
        full(patch.top, patch.left, patch.inside, SIZE), whole[100:160, 100:190]
    )


def test_a_box_without_end_has_no_pixel() -> None:
    ones = np.ones((28, 28), np.float32)
    for box in ([-np.inf, 0, 4, 4], [0, 0, np.inf, 4], [0, -np.inf, 4, np.inf]):
        assert paste(ones, box_of(*box), SIZE, 0.5).inside.size == 0
    endless = paste(ones, box_of(-3e38, 0, 3e38, 60), SIZE, 0.5).inside
    assert endless.shape == SIZE
    assert endless.all()
