"""How the values of hyperparameters are written, and how they are read.

A kind knows what it allows, in words, and parses a trimmed text or raises ValueError. Knows no
hyperparameter by name.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

_WHOLE = re.compile(r"\+?[0-9]{1,9}(\.0{1,9})?")
# float() would also take underscores, inf, nan and digits of other scripts.
_REAL = re.compile(r"[+-]?([0-9]{1,9}\.?[0-9]{0,60}|\.[0-9]{1,60})([eE][+-]?[0-9]{1,3})?")

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True)
class Kind:
    """How a value is written and read; `parse` raises ValueError on anything else."""

    allowed: str
    parse: Callable[[str], Any]


def whole(low: int, high: int | None = None) -> Kind:
    """A whole number from `low` to `high`; `16.0` is one too, as tuning jobs may write it."""

    def parse(text: str) -> int:
        return _within(_whole(text), low, high)

    return Kind(f"whole number, {low} " + ("or more" if high is None else f"to {high}"), parse)


def real(*, above: float | None = None, below: float | None = None) -> Kind:
    """A number from 0 to 1; `above` and `below` exclude an end where they are given."""

    def parse(text: str) -> float:
        if not _REAL.fullmatch(text):
            raise ValueError
        number = float(text)
        if (above is not None and number <= above) or (below is not None and number >= below):
            raise ValueError
        return _within(number, 0.0, 1.0)

    low = "0" if above is None else f"more than {above:g}"
    high = "1" if below is None else f"less than {below:g}"
    return Kind(f"number, {low} to {high}", parse)


def one_of(*choices: str) -> Kind:
    """One of a few words, in any case."""

    def parse(text: str) -> str:
        return choices[choices.index(text.lower())]

    return Kind(", ".join(f"`{choice}`" for choice in choices), parse)


def _parse_flag(text: str) -> bool:
    return ("false", "true").index(text.lower()) == 1


def _parse_steps(text: str) -> tuple[int, ...]:
    steps = tuple(_within(_whole(part), 1, None) for part in _listed(text))
    if any(late <= early for early, late in pairwise(steps)):
        raise ValueError
    return steps


def _parse_names(text: str) -> tuple[str, ...]:
    names = tuple(_listed(text))
    if not all(names):
        raise ValueError
    return names


def _listed(text: str) -> list[str]:
    """Parts between commas, or of an array in JSON, which SDKs make of a list."""
    if text.startswith("["):
        try:
            parts = json.loads(text)
        except RecursionError as err:
            raise ValueError from err
        if not all(isinstance(part, str | int) for part in parts):
            raise ValueError
        return [str(part).strip() for part in parts]
    return [part.strip() for part in text.split(",")]


FLAG = Kind("`True`, `False`", _parse_flag)
STEPS = Kind("rising epoch numbers, commas between: `10, 20`", _parse_steps)

NAMES = Kind("names by class id, commas between: `background,cat,dog`", _parse_names)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError
    return int(text.partition(".")[0])


def _within(number: _Number, low: _Number, high: _Number | None) -> _Number:
    if number < low or (high is not None and number > high):
        raise ValueError
    return number
