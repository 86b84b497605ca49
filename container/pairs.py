"""Labelled photos: `x.jpg` in one folder, its annotation `x.png` in another.

Folders within them are followed, hidden files are not looked at. Photos are read as served: as
stored, without EXIF's turn, because so lie the masks of an endpoint and the labels.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from container.predict import SUFFIXES
from model.annotation import open_annotation
from model.errors import DataError
from model.metrics import IGNORED
from serve.decode import Photo, open_photo
from serve.errors import ServeError
from serve.settings import SettingsError

_ANNOTATION_SUFFIXES = frozenset({".png"})


@dataclass(frozen=True)
class Pair:
    """A photo and its annotation."""

    photo: Path
    annotation: Path
    classes: int
    """Of the model; other labels are errors."""
    max_pixels: int

    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) RGB, a new array.

        Raises:
            DataError: the photo cannot be decoded.
        """
        photo = self._opened()
        try:
            return photo.image(upright=False)
        except ServeError as err:
            msg = f"{self.photo}: {err.message}"
            raise DataError(msg) from err

    def labels(self) -> NDArray[np.uint8]:
        """(H, W) class ids or IGNORED, a new array.

        Raises:
            DataError: the annotation cannot be used.
        """
        annotation = open_annotation(_read(self.annotation), str(self.annotation))
        return annotation.labels(self.classes)

    def check(self) -> int:
        """Check all that is known without the photo's pixels.

        Returns:
            How many pixels are labelled.

        Raises:
            DataError: photo or annotation cannot be used, or they do not go together.
        """
        photo = self._opened()
        annotation = open_annotation(_read(self.annotation), str(self.annotation))
        size = (annotation.height, annotation.width)
        if size != photo.size(upright=False):
            msg = (
                f"{self.annotation} is {annotation.width} wide and {annotation.height} high, "
                f"{self.photo.name} {photo.width} and {photo.height}; both must have one size"
            )
            if size == photo.size(upright=True):
                msg += ", the photo's as stored: EXIF's turn is not applied"
            raise DataError(msg)
        return int(np.count_nonzero(annotation.labels(self.classes) != IGNORED))

    def _opened(self) -> Photo:
        try:
            return open_photo(_read(self.photo), max_pixels=self.max_pixels)
        except ServeError as err:
            msg = f"{self.photo}: {err.message}"
            raise DataError(msg) from err


def find_pairs(
    images: Path, annotations: Path, *, classes: int, max_pixels: int
) -> tuple[Pair, ...]:
    """Every photo of a folder with its annotation, sorted by name.

    Raises:
        SettingsError: one of them is no folder.
        DataError: there are no photos, or one lacks its counterpart.
    """
    photos = _by_stem(images, SUFFIXES)
    labelled = _by_stem(annotations, _ANNOTATION_SUFFIXES)
    if not photos:
        msg = f"{images} has no photos; their names end in {', '.join(sorted(SUFFIXES))}"
        raise DataError(msg)
    if lone := sorted(photos.keys() - labelled.keys()):
        msg = f"{photos[lone[0]]} has no annotation; it would be {annotations / lone[0]}.png"
        raise DataError(msg + _others(lone))
    if lone := sorted(labelled.keys() - photos.keys()):
        msg = f"{labelled[lone[0]]} has no photo; it would be {images / lone[0]}.jpg, .png, ..."
        raise DataError(msg + _others(lone))
    return tuple(Pair(photos[stem], labelled[stem], classes, max_pixels) for stem in sorted(photos))


def check_pairs(pairs: Iterable[Pair]) -> None:
    """Check every pair, see `Pair.check`.

    Raises:
        DataError: one cannot be used, or no pixel of any is labelled.
    """
    if not sum(pair.check() for pair in pairs):
        msg = f"no pixel of any annotation is labelled; all are {IGNORED}, which does not count"
        raise DataError(msg)


def _by_stem(folder: Path, suffixes: frozenset[str]) -> dict[str, Path]:
    """Files by their path in the folder without the suffix."""
    if not folder.is_dir():
        msg = f"there is no folder at {folder}"
        raise SettingsError(msg)
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in suffixes or path.name.startswith("."):
            continue
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in found:
            msg = f"{path} and {found[stem].name} would have one annotation, {stem}.png"
            raise DataError(msg)
        found[stem] = path
    return found


def _others(stems: list[str]) -> str:
    return f" ({len(stems) - 1} more have none)" if len(stems) > 1 else ""


def _read(path: Path) -> bytes:
    try:
        body = path.read_bytes()
    except OSError as err:
        msg = f"{path} cannot be read: {err.strerror}"
        raise DataError(msg) from err
    if not body:
        msg = f"{path} is empty"
        raise DataError(msg)
    return body
