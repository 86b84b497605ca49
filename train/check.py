"""Pairs whose files can be used: readable, of one size, with labels that mean something.

An annotation is decoded whole, for its labels. Of a training photo's JPEG the bytes are read
through but only an eighth of each side is computed, which finds one cut short at half the cost.
Many pairs go to processes of their own.
"""

from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.metrics import IGNORED
from train.errors import AlgorithmError, ClientError
from train.label_map import LabelMap
from train.pairs import Folder, Found, Pair, find_pairs, listed
from train.picture import PHOTO_FORMATS, opened, read_mask
from train.processes import pool_of

_CHUNK = 64
"""Pairs handed to a process at once; fewer than four times as many are not worth one."""


@dataclass(frozen=True)
class Finding:
    """What one pair's files are like."""

    error: str = ""
    """Why the pair cannot be used; empty where it can."""
    unmapped: frozenset[int] = frozenset()
    """Pixel values in the annotation that the label map leaves out."""
    labelled: bool = False
    """Whether a pixel has a label other than the one to ignore."""


def photo_size(path: Path) -> tuple[int, int]:
    """Return a training photo's (height, width) once all its bytes were read.

    Raises:
        ClientError: it cannot be read; the message leaves the file's name to the caller.
    """
    with opened(path, PHOTO_FORMATS) as photo:
        width, height = photo.size
        photo.draft("RGB", (1, 1))  # of JPEG alone: compute an eighth of each side
        photo.load()
    return height, width


@dataclass(frozen=True)
class Check:
    """What pairs are judged by; called with one, here or in another process."""

    photos: Folder
    annotations: Folder
    label_map: LabelMap
    size_of: Callable[[Path], tuple[int, int]] = photo_size
    """Opens a photo and returns its (height, width) as stored, or raises ClientError."""

    def __call__(self, pair: Pair) -> Finding:
        """Open both files."""
        name = self.photos.named(pair.image.relative_to(self.photos.path))
        try:
            size = self.size_of(pair.image)
            name = self.annotations.named(pair.annotation.relative_to(self.annotations.path))
            return _judged(read_mask(pair.annotation, size), self.label_map)
        except ClientError as err:
            return Finding(f"{name} {err}")


def find_checked(check: Check, *, workers: int) -> Found:
    """`find_pairs`, and then every file of the pairs opened.

    Raises:
        AlgorithmError: a process that decoded pictures died.
    """
    found = find_pairs(check.photos, check.annotations)
    findings = check_pairs(found.pairs, check, workers=workers)
    errors = [*found.errors, *(finding.error for finding in findings if finding.error)]
    if not errors and not any(finding.labelled for finding in findings):
        name, source = check.annotations.name, check.label_map.source
        errors = [f"{name} has no pixel with a label: by {source}, all are to be ignored"]
    warnings = (*found.warnings, *_unmapped(check.label_map.source, findings))
    return Found(found.pairs, tuple(errors), warnings)


def check_pairs(pairs: Sequence[Pair], check: Check, *, workers: int) -> list[Finding]:
    """One finding a pair, in the same order.

    Raises:
        AlgorithmError: a process that decoded pictures died.
    """
    if workers < 2 or len(pairs) < 4 * _CHUNK:  # noqa: PLR2004  # one process is this one
        return [check(pair) for pair in pairs]
    try:
        with pool_of(workers) as pool:
            return list(pool.map(check, pairs, chunksize=_CHUNK))
    except BrokenProcessPool as err:
        name = check.photos.name
        msg = f"a process that checked the pictures of {name} died; was memory short?"
        raise AlgorithmError(msg) from err


def _judged(mask: NDArray[np.uint8], label_map: LabelMap) -> Finding:
    present = frozenset(np.flatnonzero(Image.fromarray(mask).histogram()).tolist())
    if refused := sorted(present & label_map.refused):
        odd = np.isin(mask, refused)
        row, column = np.unravel_index(odd.argmax(), odd.shape)
        values, count = ", ".join(map(str, refused[:5])), label_map.num_classes
        found = f"has pixel value {values} (first at column {column}, row {row})"
        # Labels rise with pixel values, so what is refused is all from some value to 254.
        allowed = f"0 to {min(label_map.refused) - 1}, and {IGNORED} to ignore"
        msg = f"{found}, no label of {count} classes; allowed: {allowed}"
        raise ClientError(msg)
    labelled = any(label_map.table[value] != IGNORED for value in present)
    return Finding(unmapped=present & label_map.unmapped, labelled=labelled)


def _unmapped(source: str, findings: Sequence[Finding]) -> tuple[str, ...]:
    pixels: set[int] = set().union(*(finding.unmapped for finding in findings))
    if not pixels:
        return ()
    count = sum(bool(finding.unmapped) for finding in findings)
    values = listed(map(str, sorted(pixels)))
    found = f"found in {count} annotations; they are ignored"
    return (f"{source} leaves out pixel values {values}, {found}",)
