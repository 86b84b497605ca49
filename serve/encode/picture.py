"""(H, W, 3|4) → PNG, JPEG or WebP bytes, the last two by Pillow."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serve.encode.png import encode_png

# WebP by its quickest method: a photo hardly shrinks with more, and the network would wait for it.
_SETTINGS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90},
    "WEBP": {"quality": 85, "method": 0},
}

MAX_SIDE = {"PNG": 2**31 - 1, "JPEG": 65_500, "WEBP": 16_383}
"""Pixels; the formats have no larger pictures."""


def encode_picture(
    picture: NDArray[np.uint8], file_format: str, *, quality: int | None = None
) -> bytes:
    """RGB, or RGBA for PNG → bytes; `quality` 1 to 100, for JPEG and WebP."""
    if file_format == "PNG":
        return encode_png(picture)
    settings = _SETTINGS[file_format]
    if quality is not None:
        settings = settings | {"quality": quality}
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, file_format, **settings)
    return buffer.getvalue()
