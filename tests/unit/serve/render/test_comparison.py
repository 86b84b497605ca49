import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from serve.labels import labels_of
from serve.render.comparison import (
    HATCH,
    WRONG,
    Compared,
    comparison_picture,
    panel_size,
    resized,
)

LABELS = labels_of(3, ("background", "cat", "dog"), ((0, 0, 0), (20, 160, 60), (60, 90, 220)))
TOP, LEFT, GAP = 72, 20, 16
HEIGHT, WIDTH = 250, 300


def sample(height: int = HEIGHT, width: int = WIDTH) -> Compared:
    """A cat's square that the model moves to the right, and a band at the foot that is ignored."""
    image = np.full((height, width, 3), 140, np.uint8)
    annotation, mask = np.zeros((2, height, width), np.uint8)
    annotation[height // 4 : height // 2, width // 4 : width // 2] = 1
    mask[height // 4 : height // 2, width // 3 : 2 * width // 3] = 1
    annotation[3 * height // 4 :] = 255
    mask[-2:] = 2
    return Compared(image, annotation, mask)


def panels(picture: NDArray[np.uint8], height: int, width: int) -> list[NDArray[np.uint8]]:
    """The four, where headings do not keep them apart."""
    starts = [LEFT + place * (width + GAP) for place in range(4)]
    return [picture[TOP : TOP + height, start : start + width] for start in starts]


def where(picture: NDArray[np.uint8], color: tuple[int, int, int]) -> NDArray[np.bool_]:
    return np.asarray((picture == color).all(axis=2))


def test_wrong_pixels_are_red_and_no_others() -> None:
    drawn = sample()
    picture = comparison_picture(drawn, LABELS, "title")
    red = where(picture, WRONG)
    wrong = (drawn.annotation != drawn.mask) & (drawn.annotation != 255)
    assert wrong.any()
    np.testing.assert_array_equal(where(panels(picture, HEIGHT, WIDTH)[3], WRONG), wrong)
    assert red.sum() == wrong.sum()


def test_what_does_not_count_is_hatched_in_the_annotation_and_the_last_panel() -> None:
    drawn = sample()
    photo, annotation, model, last = panels(comparison_picture(drawn, LABELS, "t"), HEIGHT, WIDTH)
    for panel in (annotation, last):
        hatched = where(panel, HATCH)
        assert not hatched[drawn.counted].any()
        assert hatched[~drawn.counted].mean() == pytest.approx(1 / 3, abs=0.01)
    assert not where(photo, HATCH).any()
    assert not where(model, HATCH).any()


def test_photo_annotation_and_model_are_beside_each_other() -> None:
    drawn = sample()
    photo, annotation, model, _ = panels(comparison_picture(drawn, LABELS, "t"), HEIGHT, WIDTH)
    np.testing.assert_array_equal(photo, drawn.image)
    for panel, ids in ((annotation, drawn.annotation), (model, drawn.mask)):
        untouched = where(panel, (140, 140, 140))
        np.testing.assert_array_equal(untouched[: HEIGHT // 2], ids[: HEIGHT // 2] == 0)
        assert (panel[ids == 1] != (140, 140, 140)).all()


def test_masks_stay_whole_ids_when_they_are_enlarged_or_shrunk() -> None:
    small = resized(sample(17, 17))
    assert small.mask.shape == (255, 255)
    np.testing.assert_array_equal(small.mask[::15, ::15], sample(17, 17).mask)
    assert set(np.unique(resized(sample(1000, 800)).annotation)) == {0, 1, 255}


def test_a_tiny_photos_wrong_pixels_are_squares() -> None:
    drawn = sample(17, 17)
    last = panels(comparison_picture(drawn, LABELS, "t"), 255, 255)[3]
    wrong = np.kron(drawn.wrong, np.ones((15, 15), bool))
    np.testing.assert_array_equal(where(last, WRONG), wrong)


@settings(max_examples=200)
@given(height=st.integers(1, 9000), width=st.integers(1, 9000))
def test_a_panels_longer_side_is_240_to_480_and_its_shorter_16_or_more(
    height: int, width: int
) -> None:
    panel = panel_size(height, width)
    assert 240 <= max(panel) <= 480
    assert min(panel) >= 16
    if min(panel) > 16:
        assert panel[0] / panel[1] == pytest.approx(height / width, rel=0.04)


@pytest.mark.parametrize("size", [(1, 1), (17, 17), (2, 700), (700, 2), (20, 3000), (600, 800)])
def test_any_size_makes_a_picture_that_can_be_looked_at(size: tuple[int, int]) -> None:
    picture = comparison_picture(sample(*size), LABELS, "a title that may be cut " * 9)
    assert 100 < picture.shape[0] < 700
    assert 300 < picture.shape[1] < 2000
    assert (picture[:, -10:] == 255).all()  # nothing runs out of it
    assert (picture[-5:] == 255).all()


def test_the_legend_has_the_classes_that_are_there() -> None:
    ids = np.zeros((HEIGHT, WIDTH), np.uint8)
    nothing = Compared(np.full((HEIGHT, WIDTH, 3), 140, np.uint8), ids, ids)
    dog = np.full_like(ids, 2)
    legends = [
        comparison_picture(Compared(nothing.image, ids, mask), LABELS, "t")[TOP + HEIGHT :]
        for mask in (ids, dog)
    ]
    assert [where(legend, (60, 90, 220)).any() for legend in legends] == [False, True]
    assert not any(where(legend, (20, 160, 60)).any() for legend in legends)


@pytest.mark.parametrize("count", [2, 19, 21, 150, 254])
def test_any_number_of_classes_and_ids_past_them(count: int) -> None:
    ids = np.arange(256, dtype=np.uint8).reshape(16, 16)
    drawn = Compared(np.zeros((16, 16, 3), np.uint8), ids, ids.T.copy())
    assert comparison_picture(drawn, labels_of(count), "").shape[1] > 900


def test_where_nothing_counts_nothing_is_wrong() -> None:
    drawn = sample()
    ignored = Compared(drawn.image, np.full_like(drawn.mask, 255), drawn.mask)
    assert not where(comparison_picture(ignored, LABELS, "t"), WRONG).any()


def test_nothing_that_is_given_is_changed() -> None:
    drawn, same = sample(), sample()
    comparison_picture(drawn, LABELS, "t")
    np.testing.assert_array_equal(drawn.image, same.image)
    np.testing.assert_array_equal(drawn.annotation, same.annotation)
    np.testing.assert_array_equal(drawn.mask, same.mask)


def test_masks_of_another_size_are_refused() -> None:
    drawn = sample()
    with pytest.raises(ValueError, match="have the shapes"):
        comparison_picture(Compared(drawn.image, drawn.annotation[1:], drawn.mask), LABELS, "t")
