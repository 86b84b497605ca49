"""Resizing, against OpenCV as MXNet calls it."""

import importlib

import mxnet as mx
import numpy as np
import pytest

from model.instances.network import Resizing
from model.instances.photo import fitted_size, resized, seen_size

SIZES = ((800, 1333), (97, 143), (480, 640), (3000, 400), (1, 7), (333, 333), (1200, 1999))


@pytest.mark.parametrize("size", [(40, 60), (123, 171), (97, 143), (1, 5), (7, 900), (300, 20)])
def test_a_photo_is_resized_as_opencv_does_it_to_the_last_bit(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (97, 143, 3)).astype(np.uint8)
    height, width = size
    expected = mx.image.imresize(mx.nd.array(image, dtype="uint8"), width, height, interp=1)
    np.testing.assert_array_equal(resized(image, size), expected.asnumpy())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("resizing", [Resizing(800, 1333), Resizing(33, 65)])
def test_the_size_is_gluoncvs(
    size: tuple[int, int], resizing: Resizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    transforms = importlib.import_module("gluoncv.data.transforms.image")
    monkeypatch.setattr(transforms, "imresize", lambda _src, width, height, **_: (height, width))
    expected = transforms.resize_short_within(
        np.empty((*size, 3)), resizing.short, resizing.longest
    )
    assert fitted_size(size, resizing) == tuple(max(1, side) for side in expected)


@pytest.mark.parametrize(
    ("size", "max_side", "seen"),
    [
        ((480, 640), 0, (800, 1067)),
        ((480, 640), 1067, (800, 1067)),
        ((480, 640), 320, (240, 320)),
        ((640, 480), 320, (320, 240)),
    ],
)
def test_no_side_is_longer_than_is_wanted(
    size: tuple[int, int], max_side: int, seen: tuple[int, int]
) -> None:
    assert seen_size(size, Resizing(800, 1333), max_side=max_side) == seen


@pytest.mark.parametrize(
    ("max_side", "seen"), [(0, (97, 143)), (143, (97, 143)), (200, (97, 143)), (100, (68, 100))]
)
def test_where_photos_keep_their_size_only_longer_ones_are_reduced(
    max_side: int, seen: tuple[int, int]
) -> None:
    assert seen_size((97, 143), None, max_side=max_side) == seen


def test_a_photo_of_the_right_size_is_left_alone() -> None:
    image = np.zeros((4, 5, 3), np.uint8)
    assert resized(image, (4, 5)) is image
