import io

import numpy as np
import pytest
from PIL import Image

from serve.encode.picture import MAX_SIDE, encode_picture

SMOOTH = np.dstack((*np.meshgrid(np.arange(64), np.arange(48)), np.full((48, 64), 90)))
SMOOTH = SMOOTH.astype(np.uint8)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_png_is_exact(channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    read = Image.open(io.BytesIO(encode_picture(picture, "PNG")))
    assert read.format == "PNG"
    np.testing.assert_array_equal(np.asarray(read), picture)


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
def test_a_lossy_picture_is_near_and_nearer_with_quality(file_format: str) -> None:
    errors, sizes = [], []
    for quality in (5, None, 100):
        body = encode_picture(SMOOTH, file_format, quality=quality)
        read = Image.open(io.BytesIO(body))
        assert (read.format, read.size) == (file_format, (64, 48))
        errors.append(np.abs(np.asarray(read.convert("RGB")).astype(int) - SMOOTH).mean())
        sizes.append(len(body))
    assert errors[0] > errors[1] >= errors[2]
    assert errors[1] < 3
    assert sizes[0] < sizes[2]


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
def test_a_side_may_have_as_many_pixels_as_we_say_and_not_one_more(file_format: str) -> None:
    longest = MAX_SIDE[file_format]
    encode_picture(np.zeros((1, longest, 3), np.uint8), file_format)
    with pytest.raises((OSError, ValueError)):
        encode_picture(np.zeros((1, longest + 1, 3), np.uint8), file_format)
