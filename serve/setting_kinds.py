"""The kinds of values that only settings have; each `parse` raises ValueError on anything else."""

import re
from collections.abc import Mapping
from pathlib import Path

from model.engines.engine import MIN_TILE_PIXELS
from serve.attributes import split_attributes
from serve.errors import ServeError
from serve.instances.options import INSTANCE_KINDS
from serve.kinds import Kind, whole
from serve.logs import LEVEL_NUMBERS, LEVELS
from serve.media import DEFAULT_ACCEPT, choose
from serve.options import KINDS, fitting
from serve.s3_uri import ALLOWED_PATTERNS, parse_patterns

_MAX_NAME_CHARACTERS = 100
_NAMESPACE = re.compile(r"[A-Za-z0-9._/#:-]{1,255}")  # CloudWatch API, MetricDatum


def _parse_bins(text: str) -> tuple[int, ...]:
    known = ((1, 2, 3, 6), (1, 2, 3, 4))
    return known[known.index(tuple(int(part) for part in text.split(",")))]


def _parse_accept(text: str) -> str:
    try:
        _check_options(choose(text, DEFAULT_ACCEPT).params)
    except ServeError as err:
        raise ValueError from err
    return text


def _parse_options(text: str) -> str:
    _check_options(split_attributes(text))
    return text


def _check_options(given: Mapping[str, str]) -> None:
    """Refuse what no kind of network takes; which one there will be is not known yet."""
    if given.keys() - fitting(given, KINDS).keys() - fitting(given, INSTANCE_KINDS).keys():
        raise ValueError


def _parse_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    is_short = all(0 < len(name) <= _MAX_NAME_CHARACTERS for name in names)
    if not is_short or not text.isprintable() or len(set(names)) < len(names):
        raise ValueError
    return names


def _parse_tile_pixels(text: str) -> int:
    return 0 if text == "0" else int(_TILES.parse(text))


def _parse_level(text: str) -> str:
    if text.lower() == "warn":
        return "warning"
    if text.isdigit():
        return LEVELS[LEVEL_NUMBERS.index(int(text))]
    return LEVELS[LEVELS.index(text.lower())]


def _parse_namespace(text: str) -> str:
    if not _NAMESPACE.fullmatch(text) or text.startswith("AWS/"):
        raise ValueError
    return text


_TILES = whole(MIN_TILE_PIXELS, 1 << 30)

PATH = Kind("path", Path)
OPTIONS = Kind("name=value, `;` between, of docs/http.md's options", _parse_options)
NAMES = Kind("different printable names of 1 to 100 characters, commas between", _parse_names)
S3_PATTERNS = Kind(ALLOWED_PATTERNS, parse_patterns)
TILE_PIXELS = Kind(f"0 or {_TILES.allowed}", _parse_tile_pixels)
BINS = Kind("`1,2,3,6` or `1,2,3,4`", _parse_bins)
ACCEPT = Kind("a type of docs/http.md, options allowed", _parse_accept)
LOG_LEVEL = Kind(
    "`debug`, `info`, `warning` or `warn`, `error`, `critical`, or 10, 20, 30, 40, 50", _parse_level
)
NAMESPACE = Kind("1 to 255 letters, digits and `._/#:-`, not `AWS/...`", _parse_namespace)
