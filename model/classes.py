"""`classes.json`: what an artifact's class ids are called, and their colours.

    {"classes": ["background", "cat", "dog"], "palette": ["#000000", "#dc3c3c", "#3c5adc"]}

Entry i is class i's. `palette` may be left out. Keys that are not ours are ignored.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from model.errors import ArtifactError
from model.json_file import read_json_object

FILE_NAME = "classes.json"
_MAX_NAME_CHARS = 100
_COLOR = re.compile("#[0-9a-fA-F]{6}")

Color = tuple[int, int, int]
"""RGB, 0 to 255 each."""

_Entry = TypeVar("_Entry")


@dataclass(frozen=True)
class Classes:
    """Names by class id, and colours where there are any."""

    names: tuple[str, ...]
    palette: tuple[Color, ...] | None = None


def read_classes(path: Path, count: int) -> Classes | None:
    """Read a file of this kind; None where there is none.

    Args:
        path: the file; need not lie in a model directory.
        count: how many classes the network tells apart.

    Raises:
        ArtifactError: it is damaged, or names another number of classes.
    """
    if not path.exists():
        return None
    return parse_classes(read_json_object(path), count, source=path.name)


def parse_classes(values: Mapping[str, object], count: int, *, source: str) -> Classes:
    """What such a file holds; `source` names it in errors.

    Raises:
        ArtifactError: an entry is missing, cannot be used, or there are too few or too many.
    """
    if "classes" not in values:
        msg = f"{source} lacks 'classes', the list of the {count} classes' names"
        raise ArtifactError(msg)
    names = _entries(source, "classes", values["classes"], count, _name)
    if len(set(names)) < len(names):
        msg = f"{source}: two classes have the same name"
        raise ArtifactError(msg)
    if values.get("palette") is None:
        return Classes(names)
    return Classes(names, _entries(source, "palette", values["palette"], count, _color))


def write_classes(path: Path, classes: Classes) -> None:
    """Write a file that `read_classes` reads."""
    values: dict[str, list[str]] = {"classes": list(classes.names)}
    if classes.palette is not None:
        values["palette"] = ["#{:02x}{:02x}{:02x}".format(*color) for color in classes.palette]
    path.write_text(json.dumps(values, ensure_ascii=False) + "\n", encoding="utf-8")


def _entries(
    source: str, key: str, values: object, count: int, read: Callable[[object], _Entry]
) -> tuple[_Entry, ...]:
    if not isinstance(values, list) or len(values) != count:
        found = f"{len(values)} entries" if isinstance(values, list) else "no list"
        msg = (
            f"{source}: {key!r} must be a list of {count}, one a class of the model; it is {found}"
        )
        raise ArtifactError(msg)
    entries = []
    for index, value in enumerate(values):
        try:
            entries.append(read(value))
        except ValueError as err:
            msg = f"{source}: {key} {index} is {str(value)[:80]!r}; allowed: {err}"
            raise ArtifactError(msg) from err
    return tuple(entries)


def _name(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= _MAX_NAME_CHARS:
        return value.strip()
    msg = f"a name of 1 to {_MAX_NAME_CHARS} printable characters"
    raise ValueError(msg)


def _color(value: object) -> Color:
    if isinstance(value, str) and _COLOR.fullmatch(value):
        red, green, blue = bytes.fromhex(value[1:])
        return red, green, blue
    msg = "a colour such as #dc3c3c"
    raise ValueError(msg)
