"""The largest allowed photo is decoded in the memory that docs/limits.md states, format by format.

Each in a process of its own, whose libraries are loaded and whose photo is read before counting.
"""

import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from serve.decode import open_photo
from tests.photos import gray_tags, saved, tiff

MAX_PIXELS = 12_000_000
SIZE = (3000, MAX_PIXELS // 3000)
SLACK = 0.25  # of a byte a pixel, 3 MB
Write = Callable[[int, int], bytes]


def plain(mode: str, name: str, **options: Any) -> Write:
    def write(height: int, width: int) -> bytes:
        return saved(Image.new(mode, (width, height), 90), name, **options)

    return write


def deep_tiff(height: int, width: int) -> bytes:
    """16 bits, colour and alpha, in one strip."""
    packed = zlib.compress(bytes(8 * height * width), 1)
    tags = gray_tags(height, width, 8) | {258: (3, (16,) * 4), 259: (3, (8,)), 262: (3, (2,))}
    tags |= {277: (3, (4,)), 279: (4, (len(packed),)), 338: (3, (2,))}
    return tiff(tags, packed)


PHOTOS: dict[str, tuple[int, Write]] = {
    "JPEG": (7, plain("RGB", "JPEG")),
    "JPEG, progressive": (10, plain("RGB", "JPEG", progressive=True, subsampling=0)),
    "JPEG, progressive CMYK": (12, plain("CMYK", "JPEG", progressive=True, subsampling=0)),
    "PNG": (7, plain("RGB", "PNG")),
    "BMP": (7, plain("RGB", "BMP")),
    "TIFF, unpacked or in strips": (7, plain("RGB", "TIFF", compression="tiff_adobe_deflate")),
    "TIFF, packed in one strip, 16 bits and alpha": (12, deep_tiff),
    "WebP": (16, plain("RGB", "WEBP", lossless=True, method=0)),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_the_largest_photo_takes_what_the_table_says(name: str, tmp_path: Path) -> None:
    bytes_a_pixel, write = PHOTOS[name]
    row = f"| {name} | {bytes_a_pixel} | {50 * bytes_a_pixel} MB |"
    assert row in Path("docs/limits.md").read_text()
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(write(8, 8))
    large.write_bytes(write(*SIZE))
    command = [sys.executable, "-m", "tests.process.test_decode_memory", str(small), str(large)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 3 < float(said.stdout) < bytes_a_pixel + SLACK


def _resident_bytes(field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def _bytes_a_pixel(small: Path, large: Path) -> float:
    open_photo(small.read_bytes(), max_pixels=MAX_PIXELS).image(upright=True)
    body = large.read_bytes()
    before = _resident_bytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
    open_photo(body, max_pixels=MAX_PIXELS).image(upright=True)
    return (_resident_bytes("VmHWM") - before) / MAX_PIXELS


if __name__ == "__main__":
    print(_bytes_a_pixel(Path(sys.argv[1]), Path(sys.argv[2])))
