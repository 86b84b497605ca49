"""matplotlib's colormaps without matplotlib: tables/colormaps.npz, by scripts/freeze_tables.py.

A fraction v of a map with N entries is entry trunc(N v), and the last for v = 1, as matplotlib has
it. Bytes are trunc(255 fraction): what the Lambda's pictures have.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 14
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
    values = np.asarray(fractions)
    colors = np.empty((values.size, 3), np.uint8)
    flat = values.ravel()
    for start in range(0, values.size, _BLOCK):  # what lies between stays in the cores' caches
        places = flat[start : start + _BLOCK].astype(np.float64) * len(table)
        clipped = np.clip(places, 0, len(table) - 1).astype(np.int64)
        table.take(clipped, axis=0, out=colors[start : start + _BLOCK])
    return colors.reshape(*values.shape, 3)


@cache
def _tables() -> dict[str, NDArray[np.uint8]]:
    with np.load(_FILE, allow_pickle=False) as file:
        ends = np.cumsum(file["lengths"])
        tables = np.split(file["entries"], ends[:-1])
        return dict(zip(file["names"].tolist(), tables, strict=True))
