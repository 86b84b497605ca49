import numpy as np

from serve.render.layer import Layer
from serve.render.overlay import blend, rgba

PHOTO = np.array([[[200, 100, 0], [10, 20, 30], [255, 255, 255]]], np.uint8)
LAYER = Layer(
    np.array([[[0, 0, 100], [1, 2, 3], [0, 0, 0]]], np.uint8), np.array([[51, 255, 0]], np.uint8)
)


def test_a_layer_lies_over_the_photo_as_opaque_as_it_is() -> None:
    before = PHOTO.copy()
    assert blend(PHOTO, LAYER).tolist() == [[[160, 80, 20], [1, 2, 3], [255, 255, 255]]]
    np.testing.assert_array_equal(PHOTO, before)


def test_a_layer_alone_has_four_channels() -> None:
    assert rgba(LAYER).tolist() == [[[0, 0, 100, 51], [1, 2, 3, 255], [0, 0, 0, 0]]]
