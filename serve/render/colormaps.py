"""matplotlib's colormaps without matplotlib: tables/colormaps.npz, by scripts/freeze_tables.py.

A fraction v of a map with N entries is entry trunc(N v), and the last for v = 1, as matplotlib has
it. Bytes are trunc(255 fraction): what the Lambda's pictures have.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FILE = Path(__file__).parent / "tables" / "colormaps.npz"


def names() -> tuple[str, ...]:
    """Every name, in matplotlib's spelling."""
    return tuple(_tables())


def spelled(name: str) -> str | None:
    """Matplotlib's spelling of a name in any case; None if there is no such map."""
    return {known.lower(): known for known in _tables()}.get(name.lower())


def colors_of(name: str, fractions: NDArray[Any]) -> NDArray[np.uint8]:
    """(...) values, each clipped to 0..1 → (..., 3) RGB."""
    table = _tables()[name]
    places = (np.asarray(fractions, np.float64) * len(table)).astype(np.int64)
    return table.take(np.clip(places, 0, len(table) - 1), axis=0)


@cache
def _tables() -> dict[str, NDArray[np.uint8]]:
    with np.load(_FILE, allow_pickle=False) as file:
        ends = np.cumsum(file["lengths"])
        tables = np.split(file["entries"], ends[:-1])
        return dict(zip(file["names"].tolist(), tables, strict=True))
