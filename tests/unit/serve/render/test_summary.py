import numpy as np
import pycocotools.mask
import pytest

from serve.labels import labels_of
from serve.render.summary import box_of, summary

LABELS = labels_of(3, ("background", "cat", "dog"))
MASK = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0]], np.uint8)
TOP = np.array([[1, 1, 1, 1], [1, 0.5, 0.75, 1], [1, 1, 1, 1]], np.float32)


def test_every_class_found_largest_first() -> None:
    background, cat = summary(MASK, TOP, LABELS, ids=())
    assert cat == {
        "id": 1,
        "name": "cat",
        "pixels": 3,
        "share": 0.25,
        "mean_score": 0.75,
        "box": [1, 1, 2, 2],
    }
    assert (background["pixels"], background["mean_score"]) == (9, 1.0)
    assert background["box"] == [0, 0, 4, 3]


def test_a_class_asked_for_is_there_even_if_it_is_not_in_the_photo() -> None:
    (dog,) = summary(MASK, TOP, LABELS, ids=(2,), regions="rle")
    assert (dog["pixels"], dog["share"], dog["mean_score"], dog["box"]) == (0, 0.0, None, None)
    assert not pycocotools.mask.decode(dog["rle"]).any()


@pytest.mark.parametrize("regions", ["rle", "polygons"])
def test_regions_come_under_their_name(regions: str) -> None:
    (cat,) = summary(MASK, TOP, LABELS, ids=(1,), regions=regions)
    assert set(cat) == {"id", "name", "pixels", "share", "mean_score", "box", regions}
    if regions == "rle":
        np.testing.assert_array_equal(pycocotools.mask.decode(cat["rle"]), MASK == 1)


def test_a_box_is_x_y_width_height() -> None:
    inside = np.zeros((5, 9), bool)
    inside[1:4, 2] = inside[3, 7] = True
    assert box_of(inside) == [2, 1, 6, 3]
