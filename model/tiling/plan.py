"""What must be known of a network to run it tile by tile; `tiling.json`, beside its graphs.

The conversion writes it (model/tiling/surgery.py), the engines read it: at run time no graph is
looked into.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from model.json_file import read_json_object
from model.tiling.grids import Grid

FILE = "tiling.json"
TILE, POOLS = "tile", "tile_pools"
"""The graphs of the second and of the first pass."""


def rows_of(name: str) -> str:
    """The input of a tile graph for the matrix from the left; `name` is what it makes."""
    return f"{name}.rows"


def columns_of(name: str) -> str:
    """And from the right."""
    return f"{name}.columns"


@dataclass(frozen=True)
class Resize:
    """An inner resize: in a tile graph, rows · source · columns, both inputs."""

    name: str
    source: Grid
    target: Grid
    is_pooled: bool
    """Whether it comes before a pool, and so in the first pass too."""


@dataclass(frozen=True)
class Pool:
    """A pool over the whole photo to cells² cells.

    In the first pass a sum, rows · source · columns; in the second an input.
    """

    name: str
    cells: int
    source: Grid


@dataclass(frozen=True)
class Plan:
    """See above."""

    stride: int
    """Tiles begin at multiples of it: there, and only there, all grids of tile and whole agree."""
    reach: int
    """Pixels around its own place that can change a cell of the logits, or of what is pooled."""
    logits: Grid
    resizes: tuple[Resize, ...]
    pools: tuple[Pool, ...]

    @property
    def tile_is_body(self) -> bool:
        """Whether a tile needs no graph of its own."""
        return not self.resizes and not self.pools

    def to_json(self) -> str:
        """The file's content."""
        resizes = [
            (r.name, r.source.to_json(), r.target.to_json(), r.is_pooled) for r in self.resizes
        ]
        pools = [(p.name, p.cells, p.source.to_json()) for p in self.pools]
        values = {"stride": self.stride, "reach": self.reach, "logits": self.logits.to_json()}
        return json.dumps(values | {"resizes": resizes, "pools": pools}) + "\n"

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Plan":
        """What `to_json` wrote."""
        grid = Grid.from_json
        return cls(
            values["stride"],
            values["reach"],
            grid(values["logits"]),
            tuple(Resize(name, grid(a), grid(b), first) for name, a, b, first in values["resizes"]),
            tuple(Pool(name, cells, grid(a)) for name, cells, a in values["pools"]),
        )


def read_plan(folder: Path) -> Plan:
    """Of the graphs in a folder, whose manifest vouches for it.

    Raises:
        ArtifactError: it is not there.
    """
    place = "the folder of the graphs"
    return Plan.from_json(cast("Mapping[str, Any]", read_json_object(folder / FILE, place=place)))
