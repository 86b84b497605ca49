from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from container.training_pictures import Sample, write_comparisons, write_curves
from serve.labels import labels_of
from serve.render.comparison import WRONG, Compared, comparison_picture
from serve.render.curves import Point, curves_picture

if TYPE_CHECKING:
    from model.engines.engine import Engine

LABELS = labels_of(3)
IMAGE = np.full((40, 60, 3), 90, np.uint8)
ANNOTATION = np.ones((40, 60), np.uint8)


class Dogs:
    """An engine that sees dogs everywhere, and its own prediction."""

    def predict(self, image: NDArray[np.uint8]) -> Any:
        self.shape = image.shape[:2]
        return self

    def mask(self) -> NDArray[np.uint8]:
        return np.full(self.shape, 2, np.uint8)


ENGINE = cast("Engine", Dogs())


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture)


def named(*names: str) -> list[Sample]:
    return [(name, IMAGE, ANNOTATION) for name in names]


def test_curves_are_written_and_written_again(tmp_path: Path) -> None:
    points = [Point(1, 2.0, 0.5, 0.75)]
    for more in ([], [Point(2, 1.0, 0.625, 0.75)]):
        path = write_curves(tmp_path / "data", points + more, "a job")
        assert path == tmp_path / "data" / "curves.png"
        np.testing.assert_array_equal(pixels(path), curves_picture(points + more, "a job"))
    assert list(path.parent.iterdir()) == [path]


def test_a_comparison_has_what_the_engine_says(tmp_path: Path) -> None:
    (path,) = write_comparisons(tmp_path, named("cat"), ENGINE, LABELS)
    assert path == tmp_path / "validation" / "cat.png"
    compared = Compared(IMAGE, ANNOTATION, np.full((40, 60), 2, np.uint8))
    np.testing.assert_array_equal(pixels(path), comparison_picture(compared, LABELS, "cat"))
    assert (pixels(path) == WRONG).all(axis=2).sum() == 160 * 240


def test_one_sample_at_a_time_is_taken(tmp_path: Path) -> None:
    written: list[int] = []

    def samples() -> Iterator[Sample]:
        for name in "abc":
            written.append(len(list(tmp_path.rglob("*.png"))))
            yield name, IMAGE, ANNOTATION

    write_comparisons(tmp_path, samples(), ENGINE, LABELS)
    assert written == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["a/b", "a_b", "a/b"], ["a_b", "a_b-2", "a_b-3"]),
        (["../../x", "/etc/x", "."], [".._.._x", "_etc_x", "."]),
        (["ä" * 300], ["ä" * 100]),
        (["\udce4", ""], ["", "-2"]),
        (["a\nb", "a\0b"], ["a\nb", "a_b"]),
    ],
)
def test_any_name_is_a_file_of_its_own_in_the_folder(
    tmp_path: Path, names: list[str], files: list[str]
) -> None:
    paths = write_comparisons(tmp_path, named(*names), ENGINE, LABELS)
    assert paths == [tmp_path / "validation" / f"{name}.png" for name in files]
    assert sorted(tmp_path.rglob("*.png")) == sorted(paths)


def test_the_same_samples_again_take_the_place_of_their_pictures(tmp_path: Path) -> None:
    first = write_comparisons(tmp_path, named("a", "b"), ENGINE, LABELS)
    assert write_comparisons(tmp_path, named("a", "b"), ENGINE, LABELS) == first
    assert len(list(tmp_path.rglob("*"))) == 3


def test_labels_of_another_size_are_no_picture(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="have the shapes"):
        write_comparisons(tmp_path, [("a", IMAGE, ANNOTATION[1:])], ENGINE, LABELS)
    assert not list(tmp_path.iterdir())
