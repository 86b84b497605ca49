"""The mask's PNG as Pillow, and OpenCV's rule of expanding palettes, read it."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from serve.encode.png import encode_mask
from serve.render.palettes import NAMES, palette_of

MASKS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS, st.sampled_from(NAMES))
def test_ids_survive_every_palette(mask: NDArray[np.uint8], palette: str) -> None:
    with Image.open(io.BytesIO(encode_mask(mask, palette_of(palette)))) as picture:
        assert picture.mode == "P"
        np.testing.assert_array_equal(np.asarray(picture), mask)
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), palette_of(palette)[mask])


@given(MASKS)
def test_a_reader_that_expands_the_gray_palette_finds_ids_too(mask: NDArray[np.uint8]) -> None:
    with Image.open(io.BytesIO(encode_mask(mask, palette_of("gray")))) as picture:
        np.testing.assert_array_equal(np.asarray(picture.convert("L")), mask)
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB"))[:, :, 2], mask)


@pytest.mark.parametrize("classes", [2, 3, 16, 17, 254])
def test_eight_bits_and_the_whole_palette_are_written_for_any_class_count(classes: int) -> None:
    mask = np.arange(classes, dtype=np.uint8)[None]
    png = encode_mask(mask, palette_of("gray"))
    width, height, bits, colour_type = struct.unpack(">IIBB", png[16:26])
    assert (width, height, bits, colour_type) == (classes, 1, 8, 3)
    assert png[png.index(b"PLTE") - 4 :].startswith(struct.pack(">I", 768))


def test_the_mask_is_not_changed_and_may_be_a_view() -> None:
    mask = np.arange(12, dtype=np.uint8).reshape(3, 4)
    mask.flags.writeable = False
    picture = Image.open(io.BytesIO(encode_mask(mask.T, palette_of("voc"))))
    np.testing.assert_array_equal(np.asarray(picture), mask.T)
