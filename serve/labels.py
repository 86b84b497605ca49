"""What a model's classes are called and how they are coloured, wherever that is said.

The artifact's classes.json, else SEG_CLASSES, else the data set that has as many classes (21 Pascal
VOC, 19 Cityscapes, 150 ADE20K), else numbers and the palette `distinct`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from serve.render.palettes import TABLES, Palette, extended, palette_of

BACKGROUND = "background"
_BY_COUNT = {21: "voc", 19: "cityscapes", 150: "ade20k"}


@dataclass(frozen=True)
class Labels:
    """Names and colours by class id."""

    names: tuple[str, ...]
    palette: Palette = field(compare=False)
    has_background: bool
    """Whether class 0 is what is left over, rather than something to be seen."""
    category_ids: tuple[int, ...] = ()
    """What callers call the classes, where that is not the id."""

    @property
    def numbers(self) -> Sequence[int]:
        """By class id, what callers call it; rising."""
        return self.category_ids or range(len(self.names))

    def id_of(self, text: str) -> int | None:
        """The id that a name (in any case) or a number stands for; None for neither."""
        if re.fullmatch("[0-9]{1,9}", text):
            return self.numbers.index(int(text)) if int(text) in self.numbers else None
        names = [_plain(name) for name in self.names]
        return names.index(_plain(text)) if _plain(text) in names else None

    def drawn(self, *, background: bool | None) -> NDArray[np.bool_]:
        """(256,) which ids a picture shows when nobody names any."""
        drawn = np.arange(256) < len(self.names)
        drawn[0] = background if background is not None else not self.has_background
        return drawn


def _plain(name: str) -> str:
    """`Building, Edifice` and `building,edifice` are one name: lists are cut at commas."""
    return ",".join(part.strip() for part in name.lower().split(","))


def labels_of(
    count: int,
    names: tuple[str, ...] | None = None,
    colors: tuple[tuple[int, int, int], ...] | None = None,
) -> Labels:
    """Labels of a model with `count` classes, as far as names and colours are known."""
    known = _BY_COUNT.get(count)
    if names is None and known:
        table = json.loads((TABLES / "classes.json").read_text())
        names, palette = tuple(table[known]["classes"]), palette_of(known)
    else:
        palette = palette_of("distinct") if colors is None else extended(list(colors))
    if names is None:  # as most models of this kind are trained
        return Labels(tuple(f"class {id_}" for id_ in range(count)), palette, has_background=True)
    return Labels(names, palette, has_background=names[0].lower() == BACKGROUND)
