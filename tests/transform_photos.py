"""Two hundred files as a batch transform job finds them in a bucket: photos, and what is none."""

import itertools
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from model.upsampling import Size
from tests.photos import chunk, saved
from tests.server import CAT

HD: Size = (540, 960)  # crashed the built-in
LARGE: Size = (2255, 2826)  # took it more than the 60 s that its workers had
MAX_PAYLOAD_MB = 6
_ORIENTATION = 0x0112  # EXIF


@dataclass(frozen=True)
class Bad:
    """A file that is refused, and how."""

    body: bytes
    status: int
    code: str


def photos() -> dict[str, tuple[bytes, Size]]:
    """By name: a file, and the (height, width) that its answer has; 170 of them."""
    found: dict[str, tuple[bytes, Size]] = {}
    for number in range(2):
        found[f"large {number}.jpg"] = _written(number, LARGE, "JPEG"), LARGE
    for number in range(8):
        found[f"hd/{number}.JPG".replace("/", "-")] = _written(number, HD, "JPEG"), HD
    full = CAT.read_bytes().ljust(MAX_PAYLOAD_MB << 20, b"\0")
    found["as long as may be.jpg"] = full, (300, 451)
    kinds = itertools.cycle(_KINDS.items())
    sizes = np.random.default_rng(5).integers(1, 300, (159, 2))
    for number, ((name, (mode, format_, options)), size) in enumerate(
        zip(kinds, sizes, strict=False)
    ):
        height, width = int(size[0]), int(size[1])
        body = _written(number, (height, width), format_, mode, **options)
        found[f"{number:03} {name}.{format_.lower()}"] = body, (height, width)
    return found


def bad_files() -> dict[str, Bad]:
    """By name: thirty files that are no photos, or none that may be answered."""
    jpeg, png = CAT.read_bytes(), _written(0, (120, 90), "PNG")
    found = {
        "padded.jpg": Bad(jpeg + bytes(MAX_PAYLOAD_MB << 20), 413, "body-too-large"),
        "one byte too many.bin": Bad(bytes((MAX_PAYLOAD_MB << 20) + 1), 413, "body-too-large"),
        "bomb.png": Bad(_png_that_says(32_000, 32_000), 413, "image-too-large"),
        "long bomb.png": Bad(_png_that_says(8, 60_000), 413, "image-too-large"),
        "bomb.jpg": Bad(_jpeg_that_says(65_500, 65_500, jpeg), 413, "image-too-large"),
    }
    for number in range(4):
        found[f"empty {number}.jpg"] = Bad(b"", 400, "empty-body")
    undecodable = {
        f"cut {cut}.{name}": whole[: len(whole) * cut // 8]
        for name, whole in (("jpg", jpeg), ("png", png))
        for cut in range(1, 8)
    }
    undecodable |= {
        "README.txt": b"Photos of the spring campaign.\n",
        "train.manifest": b'{"source-ref": "s3://bucket/cat.jpg"}\n',
        "labels.csv": b"photo,class\ncat.jpg,1\n",
        "_SUCCESS": b"\n",
        "cat.gif": saved(Image.new("P", (20, 30)), "GIF"),
        "report.jpg": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
        "photos.zip": b"PK\3\4" + jpeg,
    }
    return found | {name: Bad(b, 400, "undecodable-image") for name, b in undecodable.items()}


def write(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Write them there; their paths, the good among the bad."""
    for name, body in files.items():
        (folder / name).write_bytes(body)
    written = sorted(folder / name for name in files)
    return [written[i] for i in np.random.default_rng(3).permutation(len(written))]


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return exif


_KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "color": ("RGB", "JPEG", {}),
    "gray": ("L", "JPEG", {}),
    "cmyk": ("CMYK", "JPEG", {}),
    "progressive": ("RGB", "JPEG", {"progressive": True}),
    "turned": ("RGB", "JPEG", {"exif": _exif(6)}),
    "deep": ("I;16", "PNG", {}),
    "palette": ("P", "PNG", {}),
    "alpha": ("RGBA", "PNG", {}),
    "lossless": ("RGB", "WEBP", {"lossless": True}),
    "plain": ("RGB", "BMP", {}),
    "strips": ("RGB", "TIFF", {"compression": "tiff_lzw"}),
}
"""Mode, format, and what else Pillow is told."""


def _written(number: int, size: Size, format_: str, mode: str = "RGB", **options: Any) -> bytes:
    """Another part of the cat each time, so that no answer can pass for another's."""
    height, width = size
    with Image.open(CAT) as cat:
        part = cat.crop((number % 150, number % 90, 300 + number % 150, 200 + number % 90))
        photo = part.resize((width, height))
    if mode == "I;16":
        return saved(np.asarray(photo.convert("L")).astype(np.uint16) * 257, format_)
    return saved(photo.convert(mode), format_, **options)


def _png_that_says(height: int, width: int) -> bytes:
    """A few kilobytes that would unpack to zeros without end."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1_000_000), 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def _jpeg_that_says(height: int, width: int, jpeg: bytes) -> bytes:
    """A JPEG with another size in its first frame header (ITU T.81, B.2.2)."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]
