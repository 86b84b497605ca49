"""serve.decode: a small file makes little work, and is told which limit it is past.

Each limit is tried at its value and one past it.
"""

import contextlib
import re
import zlib
from pathlib import Path

import numpy as np
import pytest

from serve.decode import open_photo
from serve.errors import ServeError, UndecodableImage
from serve.formats import jpeg
from tests.hostile.photos import CASES
from tests.photos import (
    canvas,
    chunk,
    frame,
    gray_tags,
    noise,
    png,
    riff_chunk,
    saved,
    segment,
    tiff,
    tiled,
    webp,
)

MAX_PIXELS = 1_000_000
PLANE = noise(4, 5)
JPEG = saved(noise(20, 30, 3), "JPEG")
SOI, REST = JPEG[:2], JPEG[2:]
WEBP = saved(noise(20, 30, 3), "WEBP", lossless=True)


def decoded(body: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return open_photo(body, max_pixels=MAX_PIXELS).image(upright=True)


def refused(body: bytes, reason: str) -> None:
    with pytest.raises(UndecodableImage, match=re.escape(f"cannot be decoded: it{reason};")):
        decoded(body)


# JPEG


def segments_before_the_first_scan() -> int:
    return len(re.findall(rb"\xff[\xc0-\xfe]", JPEG[2 : JPEG.index(b"\xff\xda") + 2]))


def test_a_jpeg_has_20000_segments_and_no_more() -> None:
    comments = segment(0xFE, b"") * (20_000 - segments_before_the_first_scan())
    np.testing.assert_array_equal(decoded(SOI + comments + REST), decoded(JPEG))
    more = SOI + comments + segment(0xFE, b"") + REST
    refused(more, " has more than 20000 segments")


@pytest.mark.parametrize(
    "between",
    [bytes(5_000_000), b"\xff" * 5_000_000, b"\xff\0" * 2_500_000, b"\xff\xd0" * 2_500_000],
    ids=["zeros", "padding", "stuffing", "restarts"],
)
def test_what_stands_between_segments_is_passed_over(between: bytes) -> None:
    np.testing.assert_array_equal(decoded(SOI + segment(0xFE, b"") + between + REST), decoded(JPEG))


def test_of_a_jpegs_header_what_makes_pixels_is_kept() -> None:
    exif = segment(0xE1, b"Exif\0\0" + bytes(60_000))
    others = [segment(0xE0 + n, b"whatever" + bytes(60_000)) for n in range(16)]
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
    stripped, found = jpeg.still(SOI + exif * 9 + b"".join(others) + adobe + REST)
    assert (stripped, found) == (SOI + adobe + REST, exif[4:])


def test_tables_of_a_jpeg_take_64_kib_and_no_more() -> None:
    table = b"\0" + b"\1" * 64
    refused(
        SOI + segment(0xDB, table * 500) * 3 + REST,
        " has more than 65536 bytes of tables before its first scan",
    )
    np.testing.assert_array_equal(decoded(SOI + segment(0xDB, table * 500) + REST), decoded(JPEG))


def test_a_jpeg_has_100_scans_and_no_more() -> None:
    body = saved(np.full((64, 64), 90, np.uint8), "JPEG", progressive=True)
    scan = body[body.rindex(b"\xff\xda") : -2]
    first = body.count(b"\xff\xda")
    decoded(body[:-2] + scan * (100 - first) + b"\xff\xd9")
    refused(body[:-2] + scan * (101 - first) + b"\xff\xd9", " has more than 100 scans")
    # Nor does it help to hide them behind a segment that libjpeg does not take for one.
    hidden = body[:-2] + b"\xff\x02\xff\xff" + scan * 101 + b"\xff\xd9"
    refused(hidden, " has more than 100 scans")
    among = body[:-2] + segment(0xFE, b"") * 20_000 + scan * 101 + b"\xff\xd9"
    refused(among, " has more than 20000 segments")
    # A film behind the photo has the two bytes by chance.
    decoded(body + b"\xff\xda" * 200)


# PNG


def test_a_png_has_20000_chunks_and_no_more() -> None:
    empty = chunk(b"prVt", b"")
    np.testing.assert_array_equal(decoded(png(PLANE, 0, before=empty * 19_997))[..., 0], PLANE)
    refused(png(PLANE, 0, before=empty * 19_999), " has more than 20000 chunks")


@pytest.mark.parametrize("name", [b"gAMA", b"iCCP", b"pHYs", b"tEXt", b"eXIf", b"sBIT", b"xxxx"])
def test_damage_in_what_makes_no_pixels_does_not_fail_a_png(name: bytes) -> None:
    damaged = chunk(name, b"nonsense")[:-1] + b"?"
    np.testing.assert_array_equal(decoded(png(PLANE, 0, before=damaged))[..., 0], PLANE)


# WebP


def test_a_webp_has_20000_chunks_and_no_more() -> None:
    empty = riff_chunk(b"prVt", b"")
    picture = canvas(20, 30) + WEBP[12:]
    np.testing.assert_array_equal(decoded(webp(picture, empty * 19_998)), decoded(WEBP))
    refused(webp(picture, empty * 19_999), " has more than 20000 chunks")


def test_an_animation_of_a_webp_has_few_frames_or_is_refused() -> None:
    shown = canvas(20, 30, flags=2) + riff_chunk(b"ANIM", bytes(6))
    picture = frame(20, 30, WEBP[12:])
    np.testing.assert_array_equal(decoded(webp(shown, picture * 9)), decoded(WEBP))
    refused(webp(shown, picture * 20_000), " has more than 20000 chunks")


# TIFF


@pytest.mark.parametrize("size", [(1, 1), (300, 257), (1, 32_767)])
def test_tiles_of_a_tiff_may_reach_beyond_it(size: tuple[int, int]) -> None:
    packed = zlib.compress(bytes([77]) * 256 * 256)
    image = decoded(tiled(size, (256, 256), packed))
    assert image.shape == (*size, 3)
    assert (image == 77).all()


def test_tiles_of_a_tiff_that_reach_far_beyond_it_are_refused() -> None:
    tile, packed = (1 << 20, 16), zlib.compress(bytes(1 << 24), 9)
    assert decoded(tiled((1, 16), tile, packed)).shape == (1, 16, 3)
    refused(tiled((1, 17), tile, packed), " has more than 16777284 pixels in its tiles")


def test_strips_of_a_tiff_that_lie_over_each_other_are_refused() -> None:
    over = {278: (4, (9,)), 273: (4, (1000,) * 8)}  # 9 of 10 rows, then the last one, and again
    np.testing.assert_array_equal(decoded(tiff(gray_tags(10, 10, 8) | over, bytes(100))), 0)
    over = {278: (4, (9,)), 273: (4, (1000,) * 9)}
    body = tiff(gray_tags(10, 10, 8) | over, bytes(100))
    refused(body, " has more than 400 pixels in its strips")


# All formats


def decode_all() -> float:
    """Decode tests/hostile/photos; returns the MB resident then."""
    for case in CASES.values():
        with contextlib.suppress(ServeError):
            decoded(case.body)
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def test_hostile_photos_leave_no_memory_behind_however_often_they_come() -> None:
    first, *others = (decode_all() for _ in range(6))
    assert max(others) < first + 4
