"""Random scale, crop, flip and colour of a photo together with its labels.

    photo ─ scale ▶ longer side base_size * 0.5..2 ─ crop ▶ square of crop_size ─ flip, colour

Chance comes first: `draw` makes a `Placement` of numbers, and all after it is a pure function of
them. Both pictures are resampled from the same box to the same size, the photo bilinearly and the
labels by nearest neighbour, so a pixel of one lies over the same pixel of the other. Where the
scaled photo is smaller than the crop, black and 255 (ignored) fill the right and the bottom.

Source: the algorithm's hyperparameter page for base_size and crop_size, with the longer side as
since 2020-06; GluonCV 0.10.5 `data/segbase.py` for padding and flip. The change of colour is ours,
and mild.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.metrics import IGNORED

_LUMA = np.array((0.299, 0.587, 0.114), np.float32)  # ITU-R BT.601
_JITTER = 0.1
_EVEN = 0.5


@dataclass(frozen=True)
class Sizes:
    """The two hyperparameters, in pixels."""

    base_size: int
    crop_size: int
    stride: int = 8
    """Of the network; GluonCV's definitions train on multiples of it alone."""

    @property
    def side(self) -> int:
        """Of the square that the network sees: crop_size, up to a multiple of the stride."""
        return -(-self.crop_size // self.stride) * self.stride


@dataclass(frozen=True)
class Placement:
    """What chance decided for one sample."""

    size: tuple[int, int]
    """(height, width) of the scaled photo."""
    corner: tuple[int, int]
    """(top, left) of the crop in it."""
    flipped: bool
    brightness: float
    """Factors around 1."""
    contrast: float
    saturation: float


def augment(
    image: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator, sizes: Sizes
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One random view of a photo and its labels.

    Args:
        image: (H, W, 3) RGB; not changed.
        mask: (H, W) labels, 255 to be ignored; not changed.
        rng: takes seven numbers of it, whatever the photo.
        sizes: how large to scale and to crop.

    Returns:
        (S, S, 3) and (S, S), new arrays; S is `sizes.side`. No label is there that was not, but
        255.
    """
    height, width = mask.shape
    placement = draw(rng, (height, width), sizes)
    return place(image, mask, placement, sizes.side)


def draw(rng: np.random.Generator, shape: tuple[int, int], sizes: Sizes) -> Placement:
    """Let chance decide about a photo of `shape`, (height, width)."""
    numbers = [float(number) for number in rng.random(7)]
    longer = sizes.base_size * (0.5 + 1.5 * numbers[0])
    scale = longer / max(shape)
    height, width = (max(1, round(side * scale)) for side in shape)
    top, left = (
        int(number * (max(0, side - sizes.side) + 1))
        for number, side in zip(numbers[1:3], (height, width), strict=True)
    )
    brightness, contrast, saturation = (1 + _JITTER * (2 * number - 1) for number in numbers[4:])
    return Placement(
        (height, width), (top, left), numbers[3] < _EVEN, brightness, contrast, saturation
    )


def place(
    image: NDArray[np.uint8], mask: NDArray[np.uint8], placement: Placement, side: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Do what was decided; arrays as in `augment`."""
    view = jitter(_crop(image, placement, side, Image.Resampling.BILINEAR), placement)
    labels = _crop(mask, placement, side, Image.Resampling.NEAREST)
    view, labels = _padded(view, side, 0), _padded(labels, side, IGNORED)
    return (view[:, ::-1].copy(), labels[:, ::-1].copy()) if placement.flipped else (view, labels)


def jitter(image: NDArray[np.uint8], placement: Placement) -> NDArray[np.uint8]:
    """Change saturation, then contrast, then brightness; (H, W, 3) uint8, a new array."""
    colour = image.astype(np.float32)
    gray = (colour @ _LUMA)[..., np.newaxis]
    colour = gray + np.float32(placement.saturation) * (colour - gray)
    middle = gray.mean()
    colour = middle + np.float32(placement.contrast) * (colour - middle)
    colour *= np.float32(placement.brightness)
    rounded: NDArray[np.float32] = np.clip(np.rint(colour), 0, 255)
    return rounded.astype(np.uint8)


def _crop(
    pixels: NDArray[np.uint8], placement: Placement, side: int, how: Image.Resampling
) -> NDArray[np.uint8]:
    """Scale and crop in one step, to (side, side) at most: the rest is never computed."""
    top, left = placement.corner
    bottom, right = (
        min(start + side, end) for start, end in zip((top, left), placement.size, strict=True)
    )
    height, width = pixels.shape[:2]
    down, across = height / placement.size[0], width / placement.size[1]
    # Rounding may take the product past the edge by its last bit, which Pillow refuses.
    box = (left * across, top * down, min(width, right * across), min(height, bottom * down))
    picture = Image.fromarray(pixels)
    return np.asarray(picture.resize((right - left, bottom - top), how, box))


def _padded(pixels: NDArray[np.uint8], side: int, value: int) -> NDArray[np.uint8]:
    rest = [(0, side - pixels.shape[0]), (0, side - pixels.shape[1]), (0, 0)][: pixels.ndim]
    return np.pad(pixels, rest, constant_values=value)
