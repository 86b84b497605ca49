"""Every picture is, pixel by pixel, what it was when somebody looked at it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from serve import media
from serve.options import KINDS
from tests.golden.cases import PICTURES, photo
from tests.golden.client import post

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_it_was(name: str) -> None:
    found = Image.open(io.BytesIO(post(photo(), PICTURES[name])))
    with Image.open(HERE / f"{name}.png") as kept:
        assert found.mode == kept.mode
        np.testing.assert_array_equal(np.asarray(found), np.asarray(kept))
        if found.mode == "P":
            assert found.getpalette() == kept.getpalette()


def test_every_type_of_picture_and_every_option_of_one_is_among_them() -> None:
    asked = " ".join(PICTURES.values())
    types = {accept.partition(";")[0] for accept in PICTURES.values()}
    assert types == {
        media.PNG,
        media.PNG_MASK,
        media.PNG_OVERLAY,
        media.JPEG_OVERLAY,
        media.WEBP_OVERLAY,
    }
    of_arrays = {"array", "dtype", "topk", "regions"}  # tests/http/test_types.py
    assert all(f"{option}=" in asked for option in KINDS.keys() - of_arrays)


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.png")} == set(PICTURES)
