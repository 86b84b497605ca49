import mxnet as mx
import numpy as np
import pytest

from model.preprocess import MEAN_RGB, STD_RGB, fit, normalize, pad_to

NOISE = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)


def test_one_pixel_by_hand() -> None:
    out = normalize(np.array([[[0, 255, 102]]], np.uint8))
    expected = [-0.485 / 0.229, (1 - 0.456) / 0.224, (0.4 - 0.406) / 0.225]
    assert out.shape == (1, 3, 1, 1)
    np.testing.assert_allclose(out.ravel(), expected, rtol=1e-5)


def test_every_level_of_every_channel_equals_mxnets_own_transforms() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = np.stack([levels, levels[::-1], levels.T], axis=2)
    transforms = mx.gluon.data.vision.transforms
    chain = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN_RGB, STD_RGB)])
    expected = chain(mx.nd.array(image, dtype=np.uint8)).asnumpy()
    np.testing.assert_allclose(normalize(image)[0], expected, atol=1e-6)


def test_the_answer_is_a_new_float32_array_in_c_order_and_the_image_is_as_it_was() -> None:
    image = NOISE.copy()
    out = normalize(image)
    assert out.dtype == np.float32
    assert out.flags.c_contiguous
    assert not np.shares_memory(out, image)
    np.testing.assert_array_equal(image, NOISE)


def test_a_read_only_or_turned_view_is_as_good_as_a_copy() -> None:
    view = NOISE[::-1, ::2].transpose(1, 0, 2)
    view.flags.writeable = False
    np.testing.assert_array_equal(normalize(view), normalize(view.copy()))


def test_padding_repeats_the_last_row_and_column() -> None:
    rows = [[1, 2], [3, 4]]
    image = np.repeat(np.array(rows, np.uint8)[:, :, None], 3, axis=2)
    padded = pad_to(image, 4)
    expected = [[1, 2, 2, 2], [3, 4, 4, 4], [3, 4, 4, 4], [3, 4, 4, 4]]
    for channel in range(3):
        assert padded[:, :, channel].tolist() == expected
    assert image[:, :, 0].tolist() == rows


@pytest.mark.parametrize(
    ("shape", "min_side", "expected"),
    [
        ((1, 1), 32, (32, 32)),
        ((31, 40), 32, (32, 40)),
        ((40, 31), 32, (40, 32)),
        ((32, 31), 32, (32, 32)),
    ],
)
def test_only_a_short_side_is_padded(
    shape: tuple[int, int], min_side: int, expected: tuple[int, int]
) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    padded = pad_to(image, min_side)
    assert padded.shape == (*expected, 3)
    assert padded.dtype == np.uint8
    np.testing.assert_array_equal(padded[: shape[0], : shape[1]], image)


@pytest.mark.parametrize(("shape", "min_side"), [((32, 32), 32), ((1, 1), 1), ((33, 99), 32)])
def test_an_image_that_is_large_enough_is_returned_itself(
    shape: tuple[int, int], min_side: int
) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    assert pad_to(image, min_side) is image


def test_a_photo_within_bounds_is_fitted_as_it_is() -> None:
    image = np.zeros((40, 50, 3), np.uint8)
    fitted = fit(image, min_side=32, max_side=50)
    assert fitted.image is image
    assert fitted.grid == fitted.size == (40, 50)


@pytest.mark.parametrize(
    ("shape", "bounds", "seen", "grid"),
    [
        ((100, 200), (32, 100), (50, 100), (100, 200)),
        ((200, 100), (32, 100), (100, 50), (200, 100)),
        ((1000, 20), (32, 100), (100, 32), (1000, 32)),  # padded first, and not below min_side
        ((200, 100), (32, 10), (32, 32), (200, 100)),
        ((201, 317), (1, 100), (63, 100), (201, 317)),
        ((200, 100), (32, 0), (200, 100), (200, 100)),
    ],
)
def test_a_large_photo_is_reduced_and_the_answer_spans_all_of_it(
    shape: tuple[int, int],
    bounds: tuple[int, int],
    seen: tuple[int, int],
    grid: tuple[int, int],
) -> None:
    image = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    before = image.copy()
    fitted = fit(image, min_side=bounds[0], max_side=bounds[1])
    assert fitted.image.shape == (*seen, 3)
    assert fitted.image.dtype == np.uint8
    assert (fitted.grid, fitted.size) == (grid, shape)
    np.testing.assert_array_equal(image, before)


def test_reducing_averages_rather_than_skips() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    reduced = fit(stripes, min_side=1, max_side=16).image
    assert abs(int(reduced[8, 8, 0]) - 100) <= 3
