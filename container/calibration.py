"""Which photos calibrate an int8 model, and which judge it; none does both."""

from collections.abc import Sequence
from pathlib import Path

from container.exits import DataError
from container.photos import AnyPhoto
from container.spread import evenly

MOST_CALIBRATING, MOST_JUDGING = 30, 60
_LEAST_PHOTOS = 4


def parted(
    photos: Sequence[AnyPhoto], folder: Path
) -> tuple[Sequence[AnyPhoto], Sequence[AnyPhoto]]:
    """Photos that calibrate and photos that judge, each spread over the folder.

    Raises:
        DataError: they are too few.
    """
    if len(photos) < _LEAST_PHOTOS:
        msg = f"{folder} has {len(photos)} photos to quantize by; {_LEAST_PHOTOS} are the least"
        raise DataError(msg)
    return evenly(photos[::2], MOST_CALIBRATING), evenly(photos[1::2], MOST_JUDGING)
