"""Label maps: which label each value of an annotation's pixels stands for.

    {"scale": "3"}                          label = floor(pixel / 3); {"scale": "1"} is the default
    {"map": {"0": 5, "1": 0, "2": 2}}       the key is the label, the value the pixel: 5 becomes 0

One file a channel, `train_label_map.json` and `validation_label_map.json`, in the channel
`label_map`. Source: SageMaker's developer guide, semantic-segmentation, and its worked examples.

The guide is silent on the rest. Here: 255 is to be ignored, unless a map names it, or it is a whole
multiple of a scale and the label that makes is a class (annotations of two classes as 0 and 255,
with scale 255). Pixels that a map leaves out are ignored, and reported. Pixels scaled to a label
past the last class are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.json_file import read_json_object
from model.metrics import IGNORED
from train.errors import ClientError

_PIXELS = 256
_SCALE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,9})?")
_WHOLE = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True)
class LabelMap:
    """A table of 256 labels, and the pixel values that it says nothing good of."""

    table: bytes
    """By pixel value: a class, or 255 to ignore."""
    num_classes: int
    source: str
    """What messages call it."""
    unmapped: frozenset[int] = frozenset()
    """Pixel values that a map leaves out; ignored."""
    refused: frozenset[int] = frozenset()
    """Pixel values whose label is past the last class; no annotation may have them."""

    def labels(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W) uint8 pixel values → (H, W) uint8 labels, a new array; 255 is to be ignored."""
        labels: NDArray[np.uint8] = np.frombuffer(self.table, np.uint8)[mask]
        return labels


def read_label_map(path: Path | None, num_classes: int) -> LabelMap:
    """Read such a file; scale 1 where there is none.

    Raises:
        ClientError: it is damaged, or cannot be used for so many classes.
    """
    if path is None:
        return parse_label_map({"scale": 1}, num_classes, source="the default label map")
    try:
        values = read_json_object(path)
    except ArtifactError as err:
        raise ClientError(str(err)) from err
    return parse_label_map(values, num_classes, source=path.name)


def parse_label_map(values: Mapping[str, object], num_classes: int, *, source: str) -> LabelMap:
    """What such a file holds; `source` names it in errors.

    Raises:
        ClientError: it has not one of `scale` and `map`, or a number is out of its range.
    """
    if set(values) == {"scale"}:
        return _scaled(_scale(values["scale"], source), num_classes, source)
    if set(values) == {"map"} and isinstance(values["map"], dict):
        return _mapped(_pixels_by_label(values["map"], num_classes, source), num_classes, source)
    found = ", ".join(str(key)[:40] for key in [*values][:3]) or "nothing"
    msg = f'{source} has {found}; allowed: either {{"scale": 3}} or {{"map": {{"label": pixel}}}}'
    raise ClientError(msg)


def _scale(value: object, source: str) -> Fraction:
    text = str(value).strip()
    if _SCALE.fullmatch(text) and 1 <= Fraction(text) <= IGNORED:
        return Fraction(text)
    msg = f"{source}: scale is {text[:80]!r}; allowed: a number from 1 to {IGNORED}"
    raise ClientError(msg)


def _scaled(scale: Fraction, num_classes: int, source: str) -> LabelMap:
    quotients = [pixel / scale for pixel in range(_PIXELS)]
    labels = [int(quotient) for quotient in quotients]
    refused = {pixel for pixel in range(IGNORED) if labels[pixel] >= num_classes}
    if labels[IGNORED] >= num_classes or quotients[IGNORED].denominator > 1:
        labels[IGNORED] = IGNORED
    table = bytes(IGNORED if pixel in refused else labels[pixel] for pixel in range(_PIXELS))
    return LabelMap(table, num_classes, source, refused=frozenset(refused))


def _pixels_by_label(
    entries: Mapping[object, object], num_classes: int, source: str
) -> dict[int, int]:
    pixels: dict[int, int] = {}
    for key, value in entries.items():
        label, pixel = _byte(key), _byte(value)
        if label is None or (label >= num_classes and label != IGNORED):
            msg = f"{source}: label {str(key)[:80]!r} is no class; "
            raise ClientError(msg + f"allowed: 0 to {num_classes - 1}, and {IGNORED} to ignore")
        if pixel is None:
            msg = f"{source}: label {label} is pixel {str(value)[:80]!r}; allowed: 0 to {IGNORED}"
            raise ClientError(msg)
        if label in pixels:
            msg = f"{source}: label {label} is there twice"
            raise ClientError(msg)
        if pixel in pixels.values():
            msg = f"{source}: pixel {pixel} stands for two labels"
            raise ClientError(msg)
        pixels[label] = pixel
    return pixels


def _byte(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if _WHOLE.fullmatch(text) and int(text) <= IGNORED else None


def _mapped(pixels: Mapping[int, int], num_classes: int, source: str) -> LabelMap:
    labels = {pixel: label for label, pixel in pixels.items()}
    table = bytes(labels.get(pixel, IGNORED) for pixel in range(_PIXELS))
    unmapped = frozenset(range(IGNORED)) - frozenset(labels)
    return LabelMap(table, num_classes, source, unmapped=unmapped)
