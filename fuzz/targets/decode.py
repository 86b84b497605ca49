"""serve.decode: a photo's bytes."""

import struct

from fuzz import refusal
from serve.decode import open_photo
from serve.errors import ServeError
from tests.hostile.photos import CASES
from tests.photos import chunk, noise, saved

_MAX_PIXELS = 100_000
_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_SEED_BYTES = 3000


def check(content: bytes) -> None:
    """An image of the size that its header says, or a refusal."""
    content = _with_checksums(content) if content.startswith(_PNG) else content
    try:
        photo = open_photo(content, max_pixels=_MAX_PIXELS)
        assert 0 < photo.height * photo.width <= _MAX_PIXELS
        assert photo.image(upright=True).shape == (*photo.size(upright=True), 3)
    except ServeError as error:
        refusal.check(error)


def _with_checksums(png: bytes) -> bytes:
    """The same chunks with checksums that fit: a changed byte seldom gets past its own."""
    mended, at = _PNG, len(_PNG)
    while at + 12 <= len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        mended += chunk(name, png[at + 8 : at + 8 + length])
        at += 12 + length
    return mended + png[at:]


def seeds() -> list[bytes]:
    """The hostile photos, and some that are meant well."""
    image = noise(8, 9, 3)
    whole = [saved(image, name) for name in ("JPEG", "PNG", "WEBP", "BMP", "TIFF")]
    packed = [saved(image, "TIFF", compression=name) for name in ("tiff_lzw", "jpeg", "lzma")]
    others = [saved(image, "WEBP", lossless=True), saved(image, "JPEG", progressive=True)]
    hostile = [case.body for case in CASES.values() if len(case.body) < _MAX_SEED_BYTES]
    return [*whole, *packed, *others, *hostile]
