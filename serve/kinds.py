"""How values are written and read, of options and of settings: in words, and by a parser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_DIGITS = re.compile("[0-9]{1,18}")


@dataclass(frozen=True)
class Kind:
    """How a value is written and read; `parse` raises ValueError on anything else."""

    allowed: str
    parse: Callable[[str], Any]


def whole(low: int, high: int) -> Kind:
    """A whole number within bounds, both of them allowed."""

    def parse(text: str) -> int:
        if not _DIGITS.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return Kind(f"whole number, {low} to {high}", parse)


def one_of(*choices: str, quote: str = "") -> Kind:
    """One of a few words, in any case; `quote` stands around each where they are listed."""
    listed = " or ".join(f"{quote}{choice}{quote}" for choice in choices)
    return Kind(listed, lambda text: choices[choices.index(text.lower())])
