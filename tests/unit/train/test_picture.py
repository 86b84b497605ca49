import contextlib
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.train.samples import gray_png
from train.errors import ClientError
from train.picture import PHOTO_FORMATS, opened, read_image, read_mask

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)


def saved(path: Path, picture: Image.Image, **options: Any) -> Path:
    picture.save(path, **options)
    return path


def test_a_photo_is_rgb(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (3, 4, 3), np.uint8)
    image = read_image(saved(tmp_path / "a.png", Image.fromarray(colour)))
    assert image.dtype == np.uint8
    assert np.array_equal(image, colour)
    image[0, 0] = 0  # the caller's own


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "CMYK"])
def test_a_photo_of_any_mode_is_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    picture = Image.new("RGB", (4, 3), (255, 255, 255)).convert(mode)
    image = read_image(saved(tmp_path / f"a.{suffix}", picture))
    assert image.shape == (3, 4, 3)
    assert image.min() >= 250


def test_a_photo_of_16_bits_is_scaled_to_8(tmp_path: Path) -> None:
    gray = np.array([[0, 257, 32768, 65535]], np.uint16)  # 32768 / 257 is 127.5019
    image = read_image(saved(tmp_path / "a.png", Image.fromarray(gray)))
    assert image.tolist() == [[[0] * 3, [1] * 3, [128] * 3, [255] * 3]]


def test_a_photo_is_taken_as_it_is_stored(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # to be shown turned
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (8, 4)), exif=exif)
    assert read_image(path).shape == (4, 8, 3)


@pytest.mark.parametrize("mode", ["P", "L"])
def test_a_masks_pixels_are_its_numbers(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(GRAY)
    if mode == "P":
        picture.putpalette(bytes(range(255, -1, -1)) * 3)  # colours count for nothing
    mask = read_mask(saved(tmp_path / "a.png", picture))
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, GRAY)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_palette_of_few_bits(tmp_path: Path, bits: int) -> None:
    indices = GRAY % 2**bits
    picture = Image.fromarray(indices)
    picture.putpalette(bytes(48))
    mask = read_mask(saved(tmp_path / "a.png", picture, bits=bits))
    assert np.array_equal(mask, indices)


def test_a_mask_of_one_bit_is_0_and_1(tmp_path: Path) -> None:
    picture = Image.fromarray(GRAY * 255).point(lambda value: value and 255).convert("1")
    assert read_mask(saved(tmp_path / "a.png", picture)).max() == 1


@pytest.mark.parametrize(("bits", "step"), [(1, 1), (2, 85), (4, 17)])
def test_gray_of_few_bits_is_stretched_but_for_one(tmp_path: Path, bits: int, step: int) -> None:
    values = GRAY % 2**bits
    path = tmp_path / "a.png"
    path.write_bytes(gray_png(values, bits))
    assert np.array_equal(read_mask(path), values * step)


def test_a_mask_of_16_bits_may_have_values_to_255(tmp_path: Path) -> None:
    wide = GRAY.astype(np.uint16)
    wide[0, 0] = 255
    assert np.array_equal(read_mask(saved(tmp_path / "a.png", Image.fromarray(wide))), wide)
    wide[0, 0] = 256
    path = saved(tmp_path / "b.png", Image.fromarray(wide))
    with pytest.raises(ClientError, match=r"^has pixel value 256; allowed: 0 to 255$"):
        read_mask(path)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_a_mask_with_colours_is_refused(tmp_path: Path, mode: str) -> None:
    path = saved(tmp_path / "a.png", Image.new(mode, (4, 3)))
    with pytest.raises(ClientError, match=rf"^has colours \(mode {mode}\) where labels should be"):
        read_mask(path)


def test_a_masks_size_is_judged_before_its_pixels(tmp_path: Path) -> None:
    body = bytearray(gray_png(GRAY, 8))
    body[16:20] = struct.pack(">I", 2**31 - 1)
    body[29:33] = struct.pack(">I", zlib.crc32(body[12:29]))
    path = tmp_path / "a.png"
    path.write_bytes(body)
    with pytest.raises(ClientError, match=r"^is 2147483647x3, its photo 4x3 pixels "):
        read_mask(path, (3, 4))


def test_a_jpeg_is_no_mask_whatever_it_is_called(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GRAY), format="JPEG")
    with pytest.raises(ClientError, match=r"^cannot be read as PNG: "):
        read_mask(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_cut_short_is_refused(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = saved(tmp_path / "a", Image.fromarray(noise), format=kind)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(ClientError, match=r"^cannot be read as JPEG or PNG: it is damaged"):
        read_image(path)


def test_a_mask_cut_short_is_refused_whatever_other_libraries_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)  # as `import gluoncv` does
    noise = np.random.default_rng(0).integers(0, 3, (64, 64), np.uint8)
    path = saved(tmp_path / "a.png", Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(ClientError, match=r"^cannot be read as PNG: "):
        read_mask(path)


@settings(deadline=None)
@given(st.data())
def test_damage_is_an_error_or_a_mask(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    body = bytearray(gray_png((np.arange(4096) % 3).astype(np.uint8).reshape(64, 64), 8))
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(body[: data.draw(st.integers(0, len(body)))])
    with contextlib.suppress(ClientError):
        assert read_mask(path, (64, 64)).shape == (64, 64)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(ClientError, match=r"^cannot be read as JPEG or PNG: "):
        read_image(path)


def test_a_photo_that_pillow_warns_of_is_no_warning_of_ours(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 3))
    picture.putpalette(bytes(768))
    path = saved(tmp_path / "a.png", picture, transparency=bytes(range(256)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image(path).shape == (3, 4, 3)


def test_what_goes_wrong_inside_is_the_files_fault(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("L", (4, 3)))
    with pytest.raises(ClientError, match=r"^mine$"), opened(path, PHOTO_FORMATS):
        raise ClientError("mine")  # noqa: EM101
