"""A picture of the answer: the photo beside itself with the mask blended in, and what is what."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_ALPHA = 0.5
_MARGIN = 12
_SWATCH = 18
_FONT_PX = 16


def overlay(
    photo: Image.Image, mask: NDArray[np.uint8], names: list[str], colours: list[str]
) -> Image.Image:
    """Photo left, overlay right, a legend of the classes found below; class 0 is not drawn."""
    photo = photo.convert("RGB")
    palette = np.array([_rgb(colour) for colour in colours], np.float32)
    pixels = np.asarray(photo, np.float32)
    drawn = mask[:, :, None] > 0
    blended = np.where(drawn, (1 - _ALPHA) * pixels + _ALPHA * palette[mask], pixels)
    width, height = photo.size
    size = (2 * width + 3 * _MARGIN, height + _SWATCH + 3 * _MARGIN)
    picture = Image.new("RGB", size, "white")
    picture.paste(photo, (_MARGIN, _MARGIN))
    picture.paste(Image.fromarray(blended.round().astype(np.uint8)), (width + 2 * _MARGIN, _MARGIN))
    found = [class_id for class_id in range(1, len(names)) if (mask == class_id).any()]
    _legend(picture, (_MARGIN, height + 2 * _MARGIN), [(names[i], colours[i]) for i in found])
    return picture


def _legend(picture: Image.Image, corner: tuple[int, int], rows: list[tuple[str, str]]) -> None:
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(_FONT_PX)
    x, y = corner
    for name, colour in rows:
        draw.rectangle((x, y, x + _SWATCH, y + _SWATCH), fill=colour)
        draw.text((x + _SWATCH + 6, y + _SWATCH / 2), name, fill="black", font=font, anchor="lm")
        x += _SWATCH + 6 + int(draw.textlength(name, font=font)) + 2 * _MARGIN


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
