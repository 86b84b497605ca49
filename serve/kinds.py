"""How values of options and settings are written and read: in words, a parser and a schema."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_DIGITS = re.compile("[0-9]{1,18}")


@dataclass(frozen=True)
class Kind:
    """How a value is written and read; `parse` raises ValueError on anything else."""

    allowed: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    """JSON Schema of the values as JSON has them: numbers, truths, texts."""


def whole(low: int, high: int) -> Kind:
    """A whole number within bounds, both of them allowed."""

    def parse(text: str) -> int:
        if not _DIGITS.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Kind(f"whole number, {low} to {high}", parse, schema)


def one_of(*choices: str, quote: str = "") -> Kind:
    """One of a few words, in any case; `quote` stands around each where they are listed."""
    listed = " or ".join(f"{quote}{choice}{quote}" for choice in choices)
    schema = {"type": "string", "enum": [*choices]}
    return Kind(listed, lambda text: choices[choices.index(text.lower())], schema)


FLAGS = {"1": True, "true": True, "yes": True, "on": True}
FLAGS |= {"0": False, "false": False, "no": False, "off": False}
"""The words for true and false."""


def _flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise ValueError
    return FLAGS[text.lower()]


FLAG = Kind("1 or 0, true or false, yes or no, on or off", _flag, {"type": "boolean"})
