"""Photos for `evaluate` and `quantize`: paired and labelled as for training, seen as served.

serve/decode.py reads the photos, in all its formats: what is measured is what an endpoint answers.
As there and in training they lie as stored, without EXIF's turn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from container.exits import DataError
from container.photo_files import SUFFIXES, photo_files
from serve.decode import Photo, open_photo
from serve.errors import ServeError
from serve.setting import SettingsError
from train.check import Check, find_checked
from train.errors import ClientError
from train.label_map import LabelMap, read_label_map
from train.pairs import ANNOTATION_SUFFIXES, Folder, Pair, problems
from train.picture import read_mask

_WIDTH = 1000
"""Characters of one problem; whole paths are named, and no FailureReason has to hold it."""


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo and its annotation, both checked."""

    pair: Pair
    label_map: LabelMap
    max_pixels: int

    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) RGB, a new array.

        Raises:
            DataError: the photo cannot be decoded.
        """
        return _image(self.max_pixels, self.pair.image)

    def labels(self) -> NDArray[np.uint8]:
        """(H, W) class ids, or 255 to ignore; a new array.

        Raises:
            DataError: the annotation is not what it was when it was checked.
        """
        with _as_data(f"{self.pair.annotation} "):
            return self.label_map.labels(read_mask(self.pair.annotation))


@dataclass(frozen=True)
class PlainPhoto:
    """A photo that nobody has labelled; its header is checked."""

    path: Path
    max_pixels: int

    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) RGB, a new array.

        Raises:
            DataError: it cannot be decoded.
        """
        return _image(self.max_pixels, self.path)

    def labels(self) -> None:
        """There are none."""


AnyPhoto = LabelledPhoto | PlainPhoto


def label_map_of(path: Path | None, classes: int) -> LabelMap:
    """A label map's file, or pixels that are labels where none is given.

    Raises:
        SettingsError: there is no such file.
        DataError: it cannot be used for so many classes.
    """
    if path is not None and not path.exists():
        msg = f"there is no label map at {path}"
        raise SettingsError(msg)
    with _as_data():
        return read_label_map(path, classes)


def find_photos(
    images: Path, annotations: Path, label_map: LabelMap, *, max_pixels: int
) -> tuple[tuple[LabelledPhoto, ...], tuple[str, ...]]:
    """Every photo of a folder, sorted by name, and warnings, one line each.

    All is checked but for the photos' pixels.

    Raises:
        SettingsError: one of them is no folder.
        DataError: something cannot be used; the first few are named, and how many more.
    """
    check = Check(
        _folder(images, SUFFIXES),
        _folder(annotations, ANNOTATION_SUFFIXES),
        label_map,
        partial(_size, max_pixels),
    )
    found = find_checked(check, workers=1)  # headers and annotations: the networks take the time
    if found.errors:
        raise DataError(problems(found.errors, width=_WIDTH))
    photos = (LabelledPhoto(pair, label_map, max_pixels) for pair in found.pairs)
    return tuple(photos), found.warnings


def find_plain(images: Path, *, max_pixels: int) -> tuple[PlainPhoto, ...]:
    """Every photo of a folder, and of those in it, sorted by name.

    Raises:
        SettingsError: it is no folder.
        DataError: a photo cannot be used; the first few are named, and how many more.
    """
    folder = _folder(images, SUFFIXES)
    paths = photo_files(images)
    errors = []
    for path in paths:
        try:
            _size(max_pixels, path)
        except ClientError as err:
            errors.append(f"{folder.named(path.relative_to(images))} {err}")
    if errors:
        raise DataError(problems(errors, width=_WIDTH))
    return tuple(PlainPhoto(path, max_pixels) for path in paths)


def _folder(path: Path, suffixes: tuple[str, ...]) -> Folder:
    if not path.is_dir():
        msg = f"there is no folder at {path}"
        raise SettingsError(msg)
    return Folder(path, str(path), suffixes)


def _size(max_pixels: int, path: Path) -> tuple[int, int]:
    with _as_client():
        return _opened(max_pixels, path).size(upright=False)


def _image(max_pixels: int, path: Path) -> NDArray[np.uint8]:
    with _as_data(f"{path} "), _as_client():
        return _opened(max_pixels, path).image(upright=False)


def _opened(max_pixels: int, path: Path) -> Photo:
    body = path.read_bytes()
    if not body:
        msg = "is empty"
        raise ClientError(msg)
    return open_photo(body, max_pixels=max_pixels)


@contextmanager
def _as_client() -> Iterator[None]:
    """Say what is wrong with a photo as train/check.py does, which names the file."""
    try:
        yield
    except ServeError as err:
        msg = f"cannot be used: {err.message}"
        raise ClientError(msg) from err
    except OSError as err:
        msg = f"cannot be read: {err.strerror}"
        raise ClientError(msg) from err


@contextmanager
def _as_data(subject: str = "") -> Iterator[None]:
    """What is a job's fault there is the data's here."""
    try:
        yield
    except ClientError as err:
        msg = f"{subject}{err}"
        raise DataError(msg) from err
