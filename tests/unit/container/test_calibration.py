from pathlib import Path

import pytest

from container.calibration import parted
from container.exits import DataError
from container.photos import PlainPhoto


def plain(count: int) -> list[PlainPhoto]:
    return [PlainPhoto(Path(str(number)), 1) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "calibrating", "judging"), [(4, 2, 2), (5, 3, 2), (61, 30, 30), (540, 30, 60)]
)
def test_every_other_photo_calibrates_and_none_of_them_judges(
    count: int, calibrating: int, judging: int
) -> None:
    photos = plain(count)
    first, second = parted(photos, Path("photos"))
    assert (len(first), len(second)) == (calibrating, judging)
    assert not {*first} & {*second}
    assert first[0] == photos[0]
    assert int(str(first[-1].path)) >= count - 2  # type: ignore[union-attr]


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(DataError, match="photos has 3 photos to quantize by; 4 are the least"):
        parted(plain(3), Path("photos"))
