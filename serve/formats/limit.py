"""Limits on what a file makes its reader do, in words that its sender may read."""


class LimitError(ValueError):
    """What there is too much of, and how much may be."""


def at_most(limit: int, found: int, what: str) -> None:
    """Refuse more than `limit`.

    Raises:
        LimitError: `found` is more.
    """
    if found > limit:
        msg = f"it has more than {limit} {what}"
        raise LimitError(msg)
