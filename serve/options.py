"""What a request may choose beside its type: one vocabulary, one frozen object.

Options come as parameters of the type asked for (`image/png-overlay;class="cat,dog";alpha=0.4`), in
the header X-Amzn-SageMaker-Custom-Attributes or from SEG_OPTIONS (serve/attributes.py), in this
order of precedence. Names and values are matched without regard to case. A name or value we do not
know is refused rather than ignored. Pure: strings in, `Options` out. Which classes there are is the
model's to say (serve/style.py). Networks that find things one by one have a table of their own of
what may be chosen (serve/instances/options.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from PIL import ImageColor

from serve.errors import BadOption
from serve.kinds import FLAG, Kind, one_of, whole
from serve.render import colormaps, palettes

MAX_CLASSES = 254
"""Of any model; its own artifact says how many."""

_IGNORED = frozenset({"charset"})  # clients add it to any type out of habit

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Colormap:
    """`jet`, `jet|dynamic`, `jet|0|24`, `jet|dynamic|0|24`, as the Lambda wrote it.

    `jet|5` has the lower bound alone, `jet||24` the upper one.
    """

    name: str
    dynamic: bool = False
    """Opacity follows what is shown: the classes drawn, or the probability."""
    low: int | None = None
    high: int | None = None
    spans_photo: bool = False
    """A bound that is missing is the lowest or highest id in the photo, not the model's."""


def _fraction(text: str) -> float:
    """All its digits: the smallest number of JSON's, 5e-324, has 324 of them."""
    if not re.fullmatch(r"\d{0,3}(\.\d*)?", text) or not 0 <= float(text) <= 1:
        raise ValueError
    return float(text)


def _classes(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise ValueError
    return names


def _color(text: str) -> Color:
    """A CSS name, #rgb, #rrggbb, or three fractions; truncated to bytes as the Lambda's are."""
    if "," in text:
        red, green, blue = (int(255 * _fraction(part.strip())) for part in text.split(","))
        return red, green, blue
    if not re.fullmatch(r"#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6}|[a-zA-Z]+", text):
        raise ValueError
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def _bound(text: str) -> int | None:
    """A whole number, also one that no class has; None for nothing at all."""
    if not re.fullmatch(r"(-?[0-9]{1,4})?", text):
        raise ValueError
    return int(text) if text else None


def _colormap(text: str) -> Colormap:
    head, *rest = [part.strip() for part in text.split("|")]
    name = colormaps.spelled(head)
    dynamic = bool(rest) and rest[0].lower() == "dynamic"
    bounds = [_bound(part) for part in rest[dynamic:]]
    if name is None or len(bounds) > 2:  # noqa: PLR2004  # low and high
        raise ValueError
    low, high, *_ = *bounds, None, None
    if low is not None and high is not None and low > high:
        raise ValueError
    return Colormap(name, dynamic, low, high)


_FRACTION = {"type": "number", "minimum": 0, "maximum": 1}
_THREE = {"type": "array", "items": _FRACTION, "minItems": 3, "maxItems": 3}

FRACTION = Kind("a number from 0 to 1", _fraction, _FRACTION)

KINDS: Mapping[str, Kind] = {
    "class": Kind("class ids or names, with commas between", _classes),
    "alpha": FRACTION,
    "color": Kind(
        "a CSS name, #rgb, #rrggbb, or three numbers from 0 to 1",
        _color,
        {"anyOf": [{"type": "string", "format": "color"}, _THREE]},
    ),
    "colormap": Kind(
        "a matplotlib name, then |dynamic, |min|max or |dynamic|min|max if wanted",
        _colormap,
        {"type": "string", "format": "colormap"},
    ),
    "probabilistic": FLAG,
    "background": FLAG,
    "outline": whole(0, 16),
    "legend": FLAG,
    "quality": whole(1, 100),
    "palette": one_of(*palettes.NAMES, "model"),
    "array": one_of("scores", "mask"),
    "dtype": one_of("float32", "float16", "uint8"),
    "topk": whole(1, MAX_CLASSES),
    "regions": one_of("none", "rle", "polygons"),
    "orientation": one_of("stored", "shown"),
}


@dataclass(frozen=True)
class Options:
    """None where the default depends on the type asked for, or on the model."""

    class_: tuple[str, ...] = ()
    """As asked for, ids or names; empty for all."""
    alpha: float | None = None
    color: Color | None = None
    colormap: Colormap | None = None
    probabilistic: bool = False
    background: bool | None = None
    outline: int | None = None
    """Pixels on either side of a boundary."""
    legend: bool = False
    quality: int | None = None
    palette: str | None = None
    array: str | None = None
    dtype: str = "float32"
    topk: int | None = None
    regions: str | None = None
    orientation: str | None = None
    """Whether the answer matches the photo as stored or as EXIF says it is to be shown."""
    score_threshold: float | None = None
    mask_threshold: float | None = None
    scores: bool | None = None
    boxes: str = "int"
    ids: str = "contiguous"
    labels: bool | None = None


_FIELDS = {field.name.rstrip("_"): field.name for field in fields(Options)}


def parse_options(*sources: Mapping[str, str], kinds: Mapping[str, Kind] = KINDS) -> Options:
    """Read options by name; earlier sources win.

    Args:
        sources: names, in any case, and values as they were written.
        kinds: what may be chosen.

    Raises:
        BadOption: a name is none of ours, or a value cannot be used, in any of the sources.
    """
    chosen: dict[str, Any] = {}
    for source in reversed(sources):
        for name, value in source.items():
            key = name.lower()
            if key in _IGNORED:
                continue
            if key not in kinds:
                raise BadOption(option=name, allowed=list(kinds))
            try:
                chosen[_FIELDS[key]] = kinds[key].parse(value.strip())
            except ValueError as err:
                raise BadOption(option=key, value=value, allowed=kinds[key].allowed) from err
    return Options(**chosen)


def fitting(given: Mapping[str, str], kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Those that `parse_options` takes: settings are for networks of every kind."""
    found = {}
    for name, value in given.items():
        try:
            parse_options({name: value}, kinds=kinds)
        except BadOption:
            continue
        found[name] = value
    return found
