"""What things are called, numbered and coloured.

    class id         0 ... 79    the network's own
    category_id      1 ... 80    what is answered: 0 is no thing, as it was for the containers
    COCO's own id    1 ... 90    on request; ten numbers have no class

A model without names whose classes are 80 has COCO's.
"""

import json
from dataclasses import replace

import numpy as np

from serve.errors import BadOption
from serve.instances.colors import thing_palette
from serve.labels import Labels
from serve.options import Options
from serve.render.palettes import TABLES, Palette, extended

_NEVER_USED = frozenset({12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
COCO_IDS = tuple(number for number in range(1, 91) if number not in _NEVER_USED)
"""COCO's own id of each of its 80 classes. Source: COCO 2017, `categories` of instances_val2017."""


def coco_names() -> tuple[str, ...]:
    """COCO's 80 classes in the order of their ids."""
    return tuple(json.loads((TABLES / "classes.json").read_text())["coco"]["classes"])


def thing_labels_of(
    count: int,
    names: tuple[str, ...] | None = None,
    colors: tuple[tuple[int, int, int], ...] | None = None,
) -> Labels:
    """Labels of a network that tells `count` kinds of things apart, as far as they are known."""
    if names is None and count == len(COCO_IDS):
        names = coco_names()
    return Labels(
        names or tuple(f"class {number}" for number in range(1, count + 1)),
        thing_palette() if colors is None else extended(list(colors)),
        has_background=False,
        category_ids=tuple(range(1, count + 1)),
    )


def of_things(palette: Palette) -> Palette:
    """A palette whose first colour, that of the background, comes last."""
    return np.roll(palette, -1, axis=0)


def numbered(labels: Labels, options: Options) -> Labels:
    """The labels with the numbers that are asked for.

    Raises:
        BadOption: COCO's, of a model whose classes are others.
    """
    if options.ids != "coco":
        return labels
    if [name.lower() for name in labels.names] != [*coco_names()]:
        allowed = "contiguous, as the model's classes are not COCO's"
        raise BadOption(option="ids", value="coco", allowed=allowed)
    return replace(labels, category_ids=COCO_IDS)
