import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from model.annotation import open_annotation
from model.errors import DataError

LABELS = np.array([[0, 1, 2], [255, 1, 0]], np.uint8)


def png(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def indexed(labels: np.ndarray[Any, np.dtype[np.uint8]]) -> Image.Image:
    image = Image.fromarray(labels).copy()
    image.putpalette(bytes(range(255, -1, -1)) * 3)  # colours that are not the ids
    return image


@pytest.mark.parametrize("image", [Image.fromarray(LABELS), indexed(LABELS)], ids=["gray", "P"])
def test_pixels_are_ids_whatever_their_colour(image: Image.Image) -> None:
    annotation = open_annotation(png(image), "x.png")
    assert (annotation.height, annotation.width) == (2, 3)
    np.testing.assert_array_equal(annotation.labels(3), LABELS)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_palettes_of_few_bits_are_ids_too(bits: int) -> None:
    labels = np.array([[0, 1, 1], [1, 0, 0]], np.uint8)
    body = png(indexed(labels), bits=bits)
    assert body[24] == bits
    np.testing.assert_array_equal(open_annotation(body, "x.png").labels(2), labels)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (Image.new("RGB", (2, 2)), "x.png is 8-bit RGB; an annotation has a palette, or is 8-bit"),
        (Image.new("LA", (2, 2)), "8-bit gray with alpha"),
        (Image.new("1", (2, 2)), "1-bit gray"),
        (Image.new("I;16", (2, 2)), "16-bit gray"),
    ],
)
def test_what_is_no_single_channel_of_ids_is_refused(image: Image.Image, says: str) -> None:
    with pytest.raises(DataError, match=says):
        open_annotation(png(image), "x.png")


@pytest.mark.parametrize("body", [b"", b"\xff\xd8\xff", png(indexed(LABELS))[:20]])
def test_what_is_no_png_is_refused(body: bytes) -> None:
    with pytest.raises(DataError, match=r"x\.png is no PNG; an annotation is a PNG"):
        open_annotation(body, "x.png")


def test_a_label_of_no_class_is_named_with_its_place() -> None:
    annotation = open_annotation(png(Image.fromarray(LABELS)), "x.png")
    says = r"x.png has the label 2 \(column 2, row 0\); allowed: 0 to 1, and 255 for"
    with pytest.raises(DataError, match=says):
        annotation.labels(2)


@given(st.data())
def test_damage_is_an_error_or_labels(data: st.DataObject) -> None:
    body = bytearray(png(indexed((np.arange(4096) % 3).astype(np.uint8).reshape(64, 64))))
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[place] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    with contextlib.suppress(DataError):
        annotation = open_annotation(cut, "x.png")
        if annotation.height * annotation.width <= 1 << 20:  # the photo's size is judged first
            assert annotation.labels(3).shape == (annotation.height, annotation.width)


def test_a_file_cut_short_is_refused_whatever_other_libraries_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)  # as `import gluoncv` does
    noise = np.random.default_rng(0).integers(0, 3, (64, 64), np.uint8)
    body = png(Image.fromarray(noise))
    with pytest.raises(DataError, match="its pixels are damaged or cut short"):
        open_annotation(body[: len(body) // 2], "x.png").labels(3)
