"""A few of many, spread over all of them."""

from collections.abc import Sequence
from typing import TypeVar

_Item = TypeVar("_Item")


def evenly(items: Sequence[_Item], most: int) -> list[_Item]:
    """At most so many of the items, spread over all, the first and the last among them.

    >>> evenly(range(15), 3)
    [0, 7, 14]
    """
    if len(items) <= most:
        return list(items)
    gaps = max(most - 1, 1)
    return [items[place * (len(items) - 1) // gaps] for place in range(most)]
