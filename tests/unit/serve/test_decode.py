"""serve.decode: every kind of photo to its exact pixels, and every bad one to a refusal.

All files are made here. pytest turns warnings into errors, so a test that decodes also says that
nothing warned; `refused` says so of a photo that is not taken.
"""

from __future__ import annotations

import io
import re
import struct
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from serve import decode
from serve.decode import FORMATS, MAX_SIDE, open_photo
from serve.errors import EmptyBody, ImageTooLarge, ServeError, UndecodableImage
from tests.photos import chunk, gray_tags, noise, png, saved, tiff

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MAX_PIXELS = 1_000_000
ORIENTATION = 274
PILLOW_TRUNCATES, PILLOW_LIMIT = "LOAD_TRUNCATED_IMAGES", "MAX_IMAGE_PIXELS"

# EXIF's eight, as the operation that makes the stored photo upright.
UPRIGHT: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    1: lambda image: image,
    2: np.fliplr,
    3: lambda image: np.rot90(image, 2),
    4: np.flipud,
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: np.rot90(image, 2).swapaxes(0, 1),
    8: np.rot90,
}


def exif(orientation: int) -> bytes:
    """Return an EXIF block with an orientation, the text before it too long to lie inline."""
    tags = Image.Exif()
    tags[270] = "a picture of a cat"
    tags[ORIENTATION] = orientation
    return tags.tobytes()


def decoded(body: bytes, *, upright: bool = False) -> NDArray[np.uint8]:
    """Return the pixels, having looked at what is promised of every image."""
    photo = open_photo(body, max_pixels=MAX_PIXELS)
    image = photo.image(upright)
    assert image.dtype == np.uint8
    assert image.shape == (*photo.size(upright), 3)
    assert image.flags.c_contiguous
    assert image.flags.writeable
    return image


def refused(body: bytes) -> UndecodableImage:
    """Return why a photo is refused; in words of ours, and not since Pillow warned."""
    with pytest.raises(UndecodableImage) as caught:
        open_photo(body, max_pixels=MAX_PIXELS).image(upright=True)
    assert not re.search(r"[<>/]|0x|PIL|Error|line \d", caught.value.message)
    assert caught.value.details["allowed"] == list(FORMATS)
    assert not isinstance(caught.value.__cause__, Warning)
    return caught.value


def gray(plane: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(plane[..., np.newaxis], 3, axis=2)


RGB = noise(20, 30, 3)
LOSSLESS = {
    "PNG": saved(RGB, "PNG"),
    "BMP": saved(RGB, "BMP"),
    "TIFF": saved(RGB, "TIFF"),
    "TIFF, LZW": saved(RGB, "TIFF", compression="tiff_lzw"),
    "TIFF, deflate": saved(RGB, "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, PackBits": saved(RGB, "TIFF", compression="packbits"),
    "WEBP": saved(RGB, "WEBP", lossless=True),
}
LOSSY = {
    "JPEG": saved(RGB, "JPEG"),
    "JPEG, progressive": saved(RGB, "JPEG", progressive=True),
    "WEBP, lossy": saved(RGB, "WEBP"),
    "TIFF, JPEG": saved(RGB, "TIFF", compression="jpeg"),
}
PHOTOS = LOSSLESS | LOSSY


# What a photo is


@pytest.mark.parametrize("name", PHOTOS)
def test_the_header_tells_format_and_size(name: str) -> None:
    photo = open_photo(PHOTOS[name], max_pixels=MAX_PIXELS)
    assert (photo.format, photo.height, photo.width) == (name.partition(",")[0], 20, 30)
    assert photo.size(upright=True) == photo.size(upright=False) == (20, 30)


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_pixels_come_out_as_stored(name: str) -> None:
    np.testing.assert_array_equal(decoded(LOSSLESS[name]), RGB)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_jpeg_pixels_come_out_about_as_stored(options: dict[str, Any]) -> None:
    smooth = np.stack(np.broadcast_arrays(*np.ogrid[0:250:5, 0:240:3], 128), -1).astype(np.uint8)
    difference = decoded(saved(smooth, "JPEG", quality=95, **options)).astype(int) - smooth
    assert np.abs(difference).max() <= 8


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (7, 3000), (3000, 7), (2, MAX_SIDE), (300, 1000)]
)
@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_any_shape_comes_out_whole(name: str, height: int, width: int) -> None:
    image = noise(height, width, 3)
    np.testing.assert_array_equal(decoded(saved(image, name)), image)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 3000)])
def test_any_shape_of_jpeg_and_webp(height: int, width: int) -> None:
    image = np.full((height, width, 3), 77, np.uint8)
    assert np.abs(decoded(saved(image, "JPEG")).astype(int) - 77).max() <= 1
    np.testing.assert_array_equal(decoded(saved(image, "WEBP", lossless=True)), image)


def test_a_webp_is_known_whatever_its_length_is() -> None:
    body = LOSSLESS["WEBP"]
    filler = 256 - (len(body) - 8 + 8) % 256 + 10  # the length's lowest byte becomes a line feed
    body += b"JUNK" + struct.pack("<I", filler) + bytes(filler)
    body = body[:4] + struct.pack("<I", len(body) - 8) + body[8:]
    assert body[4] == ord("\n")
    np.testing.assert_array_equal(decoded(body), RGB)


def test_a_photo_decodes_the_same_each_time_and_in_threads() -> None:
    photo = open_photo(saved(noise(300, 400, 3), "PNG"), max_pixels=MAX_PIXELS)
    first, second = photo.image(upright=False), photo.image(upright=False)
    assert not np.shares_memory(first, second)
    with ThreadPoolExecutor(8) as pool:
        for image in pool.map(lambda _: photo.image(upright=False), range(16)):
            np.testing.assert_array_equal(image, first)


def test_a_photo_is_frozen_and_does_not_print_its_bytes() -> None:
    photo = open_photo(LOSSLESS["PNG"], max_pixels=MAX_PIXELS)
    with pytest.raises(AttributeError):
        photo.width = 1  # type: ignore[misc]
    assert repr(photo) == "Photo(format='PNG', height=20, width=30, orientation=1)"


# Samples


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_gray_is_repeated(name: str) -> None:
    plane = noise(9, 11)
    np.testing.assert_array_equal(decoded(saved(plane, name)), gray(plane))


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_one_bit_is_black_or_white(name: str) -> None:
    plane = noise(9, 11) > 127
    np.testing.assert_array_equal(decoded(saved(plane, name)), gray(plane * np.uint8(255)))


@pytest.mark.parametrize(
    ("name", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})]
)
def test_alpha_is_dropped_and_the_colour_under_it_stays(name: str, options: dict[str, Any]) -> None:
    image = noise(9, 11, 4)
    image[:, ::2, 3] = 0
    np.testing.assert_array_equal(decoded(saved(image, name, **options)), image[..., :3])


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_alpha_of_gray_is_dropped(name: str) -> None:
    image = noise(9, 11, 2)
    np.testing.assert_array_equal(decoded(saved(image, name)), gray(image[..., 0]))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("PNG", {}),
        ("PNG", {"transparency": 3}),
        ("PNG", {"transparency": bytes(range(256))}),
        ("PNG", {"bits": 4}),
        ("BMP", {}),
        ("TIFF", {}),
    ],
)
def test_a_palette_gives_its_colours_transparent_or_not(name: str, options: dict[str, Any]) -> None:
    indices, colours = noise(9, 11) % 16, noise(256, 3)
    picture = Image.fromarray(indices, "P")
    picture.putpalette(colours.tobytes())
    np.testing.assert_array_equal(decoded(saved(picture, name, **options)), colours[indices])


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_one_transparent_colour_of_a_png_stays(mode: str) -> None:
    picture = Image.fromarray(RGB).convert(mode)
    transparency = (1, 2, 3) if mode == "RGB" else 1
    expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(
        decoded(saved(picture, "PNG", transparency=transparency)), expected
    )


@pytest.mark.parametrize("name", ["TIFF", "JPEG"])
@pytest.mark.parametrize(
    ("inks", "colour"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 255, 255, 0), (255, 0, 0)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((0, 0, 0, 100), (155, 155, 155)),
    ],
)
def test_cmyk_becomes_rgb(name: str, inks: tuple[int, ...], colour: tuple[int, ...]) -> None:
    body = saved(Image.new("CMYK", (16, 16), inks), name)
    assert np.abs(decoded(body).astype(int) - colour).max() <= (2 if name == "JPEG" else 0)


def test_ycck_jpeg_becomes_rgb() -> None:
    y, cb, cr = 128, 90, 200
    body = saved(Image.new("CMYK", (16, 16), (255 - y, 255 - cb, 255 - cr, 0)), "JPEG")
    adobe = body.index(b"Adobe") + len(b"Adobe") + 6  # its last byte: 0 for CMYK, 2 for YCCK
    body = body[:adobe] + b"\2" + body[adobe + 1 :]
    # ITU-T T.871's colours; Adobe's YCCK has them of the inks.
    inks = (y + 1.402 * (cr - 128), y - 0.3441 * (cb - 128) - 0.7141 * (cr - 128), y - 67.3)
    assert np.abs(255 - decoded(body) - np.array(inks)).max() <= 3


@pytest.mark.parametrize("white", [True, False])
def test_lab_tiff_becomes_rgb(white: bool) -> None:
    body = saved(Image.new("LAB", (5, 4), (255 * white, 128, 128)), "TIFF")
    assert np.abs(decoded(body).astype(int) - 255 * white).max() <= 1


def test_ycbcr_tiff_becomes_rgb() -> None:
    picture = Image.fromarray(RGB).convert("YCbCr")
    expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(decoded(saved(picture, "TIFF")), expected)


DEEP = np.array([[0, 128, 129, 257], [385, 386, 32767, 32768], [65278, 65406, 65407, 65535]])
SHALLOW = np.array([[0, 0, 1, 1], [1, 2, 127, 128], [254, 254, 255, 255]])


@pytest.mark.parametrize(
    "body",
    [
        png(DEEP.astype(np.uint16), 0),
        saved(DEEP.astype(np.uint16), "TIFF"),
        saved(DEEP.astype(np.uint16), "TIFF", compression="tiff_lzw"),
        saved(DEEP.astype(np.int32), "TIFF"),
        tiff(gray_tags(3, 4, 16), DEEP.astype(">u2").tobytes(), ">"),
        tiff(gray_tags(3, 4, 16), DEEP.astype("<u2").tobytes(), "<"),
    ],
    ids=["PNG", "TIFF", "TIFF, LZW", "TIFF, 32 bits", "TIFF, MM", "TIFF, II"],
)
def test_deep_gray_is_scaled_with_rounding_not_clipped(body: bytes) -> None:
    np.testing.assert_array_equal(decoded(body), gray(SHALLOW))


@pytest.mark.parametrize("value", [-1, 65536])
def test_integers_past_16_bits_are_refused(value: int) -> None:
    error = refused(saved(np.full((3, 4), value, np.int32), "TIFF"))
    assert "32-bit integers" in error.message


def test_floats_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(UndecodableImage, match="32-bit float"):
        open_photo(saved(np.zeros((3, 4), np.float32), "TIFF"), max_pixels=MAX_PIXELS)


@pytest.mark.parametrize(("color", "channels"), [(2, 3), (6, 4), (4, 2)])
def test_deep_colour_gives_its_upper_byte(color: int, channels: int) -> None:
    samples = np.random.default_rng(3).integers(0, 65536, (5, 6, channels)).astype(np.uint16)
    image = decoded(png(samples.reshape(5, -1), color, width=6))
    upper = (samples >> 8).astype(np.uint8)
    np.testing.assert_array_equal(image, upper[..., :3] if channels > 2 else gray(upper[..., 0]))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({258: (3, (12,))}, "12 bits"),
        ({262: (3, (0,))}, "counts down from white"),
        ({258: (3, (8, 8)), 277: (3, (2,)), 338: (3, (1,))}, "premultiplied with alpha"),
        ({322: (4, (65520,)), 323: (4, (65520,))}, "more than 16777216 pixels in a tile"),
    ],
)
def test_what_pillow_would_get_wrong_of_tiff_is_refused(
    changed: dict[int, tuple[int, tuple[int, ...]]], reason: str
) -> None:
    assert reason in refused(tiff(gray_tags(3, 4, 16) | changed, bytes(24))).message


# Orientation


def oriented(name: str, orientation: int) -> bytes:
    options = {"lossless": True} if name == "WEBP" else {}
    return saved(RGB, name, exif=exif(orientation), **options)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_upright_turns_and_flips_as_exif_says(name: str, orientation: int) -> None:
    body = oriented(name, orientation)
    stored, photo = decoded(body), open_photo(body, max_pixels=MAX_PIXELS)
    if name != "JPEG":
        np.testing.assert_array_equal(stored, RGB)
    np.testing.assert_array_equal(decoded(body, upright=True), UPRIGHT[orientation](stored))
    assert (photo.height, photo.width, photo.orientation) == (20, 30, orientation)
    assert photo.size(upright=False) == (20, 30)
    assert photo.size(upright=True) == ((30, 20) if orientation >= 5 else (20, 30))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_packed_tiff_turns_once(compression: str) -> None:
    body = saved(RGB, "TIFF", exif=exif(6), compression=compression)
    np.testing.assert_array_equal(decoded(body, upright=True), np.rot90(RGB, -1))


def with_exif(block: bytes) -> list[bytes]:
    return [
        saved(RGB, "JPEG", exif=block),
        saved(RGB, "WEBP", exif=block),
        png(noise(4, 5), 0, before=chunk(b"eXIf", block)),
        png(noise(4, 5), 0, after=chunk(b"eXIf", block)),
    ]


def exif_entry(order: str, kind: int, value: int) -> bytes:
    """Return an EXIF block of one orientation, as SHORT (kind 3) or LONG (4)."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    packed = struct.pack(order + "HH", value, 0) if kind == 3 else struct.pack(order + "I", value)
    return head + struct.pack(order + "HHHI", 1, ORIENTATION, kind, 1) + packed + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0", b"Exif\0\0Exif\0\0"])
def test_exif_is_read_in_either_byte_order_and_width(order: str, kind: int, prefix: bytes) -> None:
    for body in with_exif(prefix + exif_entry(order, kind, 8)):
        if not (prefix == b"" and body[:2] == b"\xff\xd8"):  # in JPEG the prefix makes it EXIF
            assert open_photo(body, max_pixels=MAX_PIXELS).orientation == 8


GOOD_EXIF = exif(6)


@pytest.mark.parametrize(
    "block",
    [
        exif(0),
        exif(9),
        exif_entry("<", 4, 2**32 - 1),
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        b"Exif\0\0XX*\0\x08\0\0\0\0\0",
        b"Exif\0\0" + bytes(64),
        b"Exif\0\0" + b"\xff" * 64,
        *(GOOD_EXIF[:end] for end in range(7, 28, 4)),
    ],
)
def test_bad_exif_does_not_fail_a_photo(block: bytes) -> None:
    for body in with_exif(block):
        assert open_photo(body, max_pixels=MAX_PIXELS).orientation == 1
        decoded(body, upright=True)


# More than one picture, more than pixels


def test_an_mpo_is_its_first_jpeg() -> None:
    rest = Image.fromarray(noise(20, 30, 3)[::-1])
    alone = saved(RGB, "JPEG")
    body = saved(RGB, "MPO", save_all=True, append_images=[rest], exif=exif(6))
    with Image.open(io.BytesIO(body)) as oracle:
        assert (oracle.format, getattr(oracle, "n_frames", 1)) == ("MPO", 2)
    assert open_photo(body, max_pixels=MAX_PIXELS).format == "JPEG"
    np.testing.assert_array_equal(decoded(body), decoded(alone))
    np.testing.assert_array_equal(decoded(body, upright=True), np.rot90(decoded(alone), -1))
    np.testing.assert_array_equal(decoded(body[:-100]), decoded(alone))


def test_an_mpo_with_a_broken_index_is_still_a_jpeg() -> None:
    body = saved(RGB, "MPO", save_all=True, append_images=[Image.fromarray(RGB)])
    index = body.index(b"MPF\0") + 4
    broken = body[: index + 8] + b"\xff" * 40 + body[index + 48 :]
    np.testing.assert_array_equal(decoded(broken), decoded(saved(RGB, "JPEG")))


@pytest.mark.parametrize(
    ("name", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("TIFF", {"compression": "lzma"})],
)
def test_the_first_frame_or_page_counts(name: str, options: dict[str, Any]) -> None:
    rest = [Image.fromarray(RGB[::-1]), Image.fromarray(RGB[:, ::-1])]
    body = saved(RGB, name, save_all=True, append_images=rest, **options)
    with Image.open(io.BytesIO(body)) as oracle:
        assert getattr(oracle, "n_frames", 1) == 3
    np.testing.assert_array_equal(decoded(body), RGB)


@pytest.mark.parametrize(
    "chunks",
    [
        chunk(b"acTL", struct.pack(">II", 0, 0)),
        chunk(b"acTL", struct.pack(">II", 2, 0)) * 2,
        chunk(b"acTL", b""),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 1, 1, 1, 1, 1, 1, 0, 0)),
        chunk(b"fdAT", b"\0"),
    ],
)
def test_a_broken_animation_does_not_fail_a_png(chunks: bytes) -> None:
    plane = noise(4, 5)
    np.testing.assert_array_equal(decoded(png(plane, 0, before=chunks)), gray(plane))
    np.testing.assert_array_equal(decoded(png(plane, 0, after=chunks)), gray(plane))


@pytest.mark.parametrize(
    "tag",
    [
        {282: (4, (72, 72))},  # one resolution, twice
        {305: (1, tuple(b"a program"))},
        {270: (4, (0,) * 9)},
        {34665: (4, (2**32 - 1,))},  # an EXIF directory outside of the file
        {700: (1, tuple(b'<x tiff:Orientation="6"/>'))},
    ],
)
def test_odd_tags_do_not_fail_a_tiff(tag: dict[int, tuple[int, tuple[int, ...]]]) -> None:
    plane = noise(3, 4)
    body = tiff(gray_tags(3, 4, 8) | tag, plane.tobytes())
    np.testing.assert_array_equal(decoded(body, upright=True), gray(plane))
    outside = body.replace(struct.pack("<HHI", 305, 1, 9), struct.pack("<HHI", 305, 1, 2**31))
    np.testing.assert_array_equal(decoded(outside, upright=True), gray(plane))


@pytest.mark.parametrize(
    "tag", [{256: (3, (4, 4))}, {273: (4, (1000,) * 70_000)}, {257: (1, (3,))}]
)
def test_a_tiff_with_odd_tags_of_its_pixels_is_refused(
    tag: dict[int, tuple[int, tuple[int, ...]]],
) -> None:
    refused(tiff(gray_tags(3, 4, 8) | tag, bytes(300_000)))


def test_a_tiff_directory_in_its_header_or_half_a_directory_is_refused() -> None:
    body = tiff(gray_tags(3, 4, 8), bytes(12))
    refused(body[:4] + struct.pack("<I", 4) + body[8:])
    for length in range(8, 8 + 2 + 12 * 8):
        refused(body[:length])


def test_tiff_tags_that_share_their_values_to_seem_larger_than_the_file_are_refused() -> None:
    shared = dict.fromkeys((258, 338, 339), (3, (8,) * 400))
    body = tiff(gray_tags(3, 4, 8) | shared, bytes(4000))
    decodable = tiff(gray_tags(3, 4, 8), bytes(4000))
    at = struct.pack("<I", 8 + 2 + 12 * 10 + 4)
    for tag in shared:
        entry = body.index(struct.pack("<HHI", tag, 3, 400))
        body = body[: entry + 8] + at + body[entry + 12 :]
    refused(body[:1012])
    decoded(decodable[:1012])


# Size


@pytest.mark.parametrize("name", PHOTOS)
def test_the_largest_allowed_is_taken_and_one_pixel_more_is_not(name: str) -> None:
    assert open_photo(PHOTOS[name], max_pixels=600).image(upright=True).shape == (20, 30, 3)
    with pytest.raises(ImageTooLarge) as caught:
        open_photo(PHOTOS[name], max_pixels=599)
    facts = {"height": 20, "width": 30, "max_pixels": 599, "max_side": MAX_SIDE}
    assert caught.value.details == facts


@pytest.mark.parametrize(("height", "width"), [(MAX_SIDE + 1, 2), (2, MAX_SIDE + 1), (65_536, 8)])
def test_a_side_too_long_is_refused_however_few_the_pixels(height: int, width: int) -> None:
    image = np.zeros((height, width, 3), np.uint8)
    with pytest.raises(ImageTooLarge, match=f"{MAX_SIDE} along a side"):
        open_photo(saved(image, "PNG"), max_pixels=MAX_PIXELS)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_packed_ycbcr_is_refused_for_its_damage_would_not_be_seen(compression: str) -> None:
    body = saved(Image.fromarray(RGB).convert("YCbCr"), "TIFF", compression=compression)
    assert "YCbCr" in refused(body).message
    body = saved(Image.fromarray(RGB).convert("YCbCr"), "TIFF", compression="jpeg")
    assert decoded(body).shape == RGB.shape


@pytest.mark.parametrize("compression", [2, 3, 4])
def test_faxes_are_refused_before_libtiff_logs_their_damage(compression: int) -> None:
    tags = gray_tags(3, 4, 8) | {259: (3, (compression,))}
    refused(tiff(tags, bytes(300)))


def test_the_size_named_is_the_stored_one() -> None:
    with pytest.raises(ImageTooLarge, match="30 wide and 20 high"):
        open_photo(oriented("TIFF", 6), max_pixels=1)


def claims() -> list[tuple[str, int, int, bytes]]:
    """Return small files whose headers claim a size: (format, height, width, file)."""
    jpeg, bmp, webp = LOSSY["JPEG"], LOSSLESS["BMP"], LOSSY["WEBP, lossy"]
    frame = jpeg.index(b"\xff\xc0") + 5
    header = struct.pack(">II5B", 59_999, 60_000, 8, 2, 0, 0, 0)
    sides = {257: (4, (60_000,)), 256: (4, (59_999,))}
    canvas = (
        struct.pack("<II", 10, 2) + (59_998).to_bytes(3, "little") + (59_999).to_bytes(3, "little")
    )
    vp8x = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + canvas
    vp8l = b"RIFF" + struct.pack("<I", 18) + b"WEBPVP8L" + struct.pack("<IB", 5, 0x2F)
    return [
        ("PNG", 60_000, 59_999, PHOTOS["PNG"][:8] + chunk(b"IHDR", header) + chunk(b"IDAT", b"")),
        (
            "JPEG",
            60_000,
            59_999,
            jpeg[:frame] + struct.pack(">HH", 60_000, 59_999) + jpeg[frame + 4 :],
        ),
        ("BMP", 60_000, 59_999, bmp[:18] + struct.pack("<ii", 59_999, 60_000) + bmp[26:]),
        ("TIFF", 60_000, 59_999, tiff(gray_tags(3, 4, 8) | sides, b"")),
        ("WEBP", 60_000, 59_999, vp8x),
        ("WEBP", 16_000, 15_999, vp8l + struct.pack("<I", 15_998 | 15_999 << 14)),
        ("WEBP", 16_000, 15_999, webp[:26] + struct.pack("<HH", 15_999, 16_000) + webp[30:]),
    ]


@pytest.mark.parametrize(
    ("name", "height", "width", "body"), claims(), ids=lambda part: part if part in FORMATS else ""
)
def test_a_huge_claim_is_judged_before_memory_is_spent(
    name: str, height: int, width: int, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # tracemalloc sees Python's memory and numpy's; Pillow's and libwebp's must not be asked for.
    monkeypatch.setattr("PIL.Image.core.new", None)
    if name == "WEBP":
        monkeypatch.setattr(decode, "WebPImageFile", None)
    tracemalloc.start()
    with pytest.raises(ImageTooLarge) as caught:
        open_photo(body, max_pixels=50_000_000)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1 << 20
    facts = {"height": height, "width": width, "max_pixels": 50_000_000, "max_side": MAX_SIDE}
    assert caught.value.details == facts


@pytest.mark.parametrize("name", PHOTOS)
def test_pillows_own_limit_does_not_count(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, PILLOW_LIMIT, 400)  # would warn
    photo = open_photo(PHOTOS[name], max_pixels=600)
    monkeypatch.setattr(Image, PILLOW_LIMIT, 10)  # would raise
    photo.image(upright=True)
    monkeypatch.setattr(Image, PILLOW_LIMIT, 10)
    open_photo(PHOTOS[name], max_pixels=600)


# What is refused


def test_no_bytes_are_an_empty_body() -> None:
    with pytest.raises(EmptyBody):
        open_photo(b"", max_pixels=MAX_PIXELS)


@pytest.mark.parametrize("name", ["GIF", "PPM", "ICO", "TGA", "PCX", "DDS", "ICNS", "JPEG2000"])
def test_other_formats_are_refused_with_the_list_of_those_allowed(name: str) -> None:
    error = refused(saved(noise(32, 32, 3), name))
    assert error.message.endswith("accepted formats: JPEG, PNG, WEBP, BMP, TIFF")


@pytest.mark.parametrize("body", [b"x", b"\0" * 100, b"BM", b"GIF89a", b"8BPS", b"%PDF-1.7", b"{}"])
def test_what_is_no_photo_is_refused(body: bytes) -> None:
    refused(body)


CUT = noise(90, 120, 3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
    ],
)
def test_a_photo_cut_short_is_refused_whatever_pillow_was_told(
    name: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = saved(CUT, name, **options)
    lengths = [*range(1, 40), *(len(body) * part // 40 for part in range(1, 40)), len(body) - 25]
    for length in lengths:
        monkeypatch.setattr(ImageFile, PILLOW_TRUNCATES, True)
        try:
            photo = open_photo(body[:length], max_pixels=MAX_PIXELS)
        except UndecodableImage:
            continue
        monkeypatch.setattr(ImageFile, PILLOW_TRUNCATES, True)
        with pytest.raises(UndecodableImage, match="its pixels are damaged or cut short"):
            photo.image(upright=True)


@pytest.mark.parametrize("name", ["BMP", "TIFF"])
def test_a_photo_that_lacks_one_byte_of_its_last_pixel_is_refused(name: str) -> None:
    refused(saved(CUT, name)[:-1])


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF, deflate"])
def test_a_photo_damaged_within_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, PILLOW_TRUNCATES, True)
    body = PHOTOS[name]
    middle = body.index(b"\xff\xda") if name == "JPEG" else len(body) // 2
    refused(body[:middle] + bytes(40) + body[middle + 40 :])


def fails(*_: object) -> None:
    raise MemoryError


def bomb(name: bytes, head: bytes) -> bytes:
    return chunk(name, head + zlib.compress(bytes(2 << 20)))


@pytest.mark.parametrize("text", [bomb(b"zTXt", b"k\0\0"), bomb(b"iTXt", b"k\0\1\0\0\0")])
def test_text_of_a_png_is_not_unpacked(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    plane = noise(4, 5)
    before, after = png(plane, 0, before=text), png(plane, 0, after=text)
    monkeypatch.setattr("zlib.decompressobj", fails)
    np.testing.assert_array_equal(decoded(before), gray(plane))
    np.testing.assert_array_equal(decoded(after), gray(plane))


def test_a_run_length_encoded_bmp_is_refused() -> None:
    body = bytearray(saved(Image.fromarray(noise(4, 5), "P"), "BMP"))
    body[30] = 1  # BITMAPINFOHEADER's compression: BI_RLE8
    assert "run-length" in refused(bytes(body)).message


def test_pillow_out_of_memory_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.Image.core.new", fails)
    refused(LOSSLESS["PNG"])


# Hostile bytes

SEEDS = [
    *PHOTOS.values(),
    *(oriented(name, 6) for name in ("JPEG", "PNG", "WEBP", "TIFF")),
    saved(Image.new("CMYK", (9, 9), (1, 2, 3, 4)), "JPEG"),
    saved(Image.fromarray(noise(9, 9) % 16, "P"), "PNG", transparency=bytes(16)),
    saved(RGB, "PNG", save_all=True, append_images=[Image.fromarray(RGB[::-1])]),
    saved(RGB, "MPO", save_all=True, append_images=[Image.fromarray(RGB[::-1])]),
    saved(Image.fromarray(noise(9, 9), "P"), "BMP"),
    *(saved(Image.new(mode, (9, 9)), "TIFF") for mode in ("1", "P", "LAB", "I", "I;16", "CMYK")),
]
MAGIC = [b"MM\0*\0\0\0\x08", *(body[:length] for body in PHOTOS.values() for length in (8, 16, 40))]
BYTE = st.one_of(st.sampled_from([0, 1, 2, 7, 8, 16, 127, 128, 254, 255]), st.integers(0, 255))


def decodes_or_refuses(body: bytes) -> None:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    cause = None
    try:
        photo = open_photo(body, max_pixels=100_000)
        assert photo.image(upright=True).shape == (*photo.size(upright=True), 3)
    except ServeError as error:
        cause = error.__cause__
    assert not isinstance(cause, Warning)


@settings(max_examples=300, deadline=None)
@given(magic=st.sampled_from([b"", *MAGIC]), rest=st.binary(max_size=300))
def test_random_bytes_decode_or_are_refused(magic: bytes, rest: bytes) -> None:
    decodes_or_refuses(magic + rest)


@settings(max_examples=1000, deadline=None)
@given(
    body=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 400), BYTE), min_size=1, max_size=6),
    cut=st.integers(0, 3000),
)
def test_changed_photos_decode_or_are_refused(
    body: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    changed = bytearray(body)
    for position, value in changes:
        changed[position % len(changed)] = value
    decodes_or_refuses(bytes(changed[: len(changed) - cut // 2000 * (cut % 2000)]))
