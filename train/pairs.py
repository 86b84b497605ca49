"""Photos and annotations paired by name: `train/a/cat.jpg` goes with `train_annotation/a/cat.png`.

Knows names alone; `train/check.py` opens the files. The algorithm's guide: every photo has an
annotation of its name (so one that lacks it is an error); an annotation without a photo takes
nothing from training, nor from `evaluate`, and is reported as a warning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png")
"""Of a training channel."""
ANNOTATION_SUFFIXES = (".png",)


@dataclass(frozen=True)
class Folder:
    """Where photos or annotations lie, and what their names end in."""

    path: Path
    name: str
    """What messages call it: a channel, or the path as it was given."""
    suffixes: tuple[str, ...]
    """In lower case; files may have them in any."""

    def named(self, path: Path) -> str:
        """What messages call a file of it; `path` is within the folder."""
        return f"{self.name}/{path}"


@dataclass(frozen=True)
class Pair:
    """One sample; `name` is its path in the folder, without a suffix."""

    name: str
    image: Path
    annotation: Path


@dataclass(frozen=True)
class Found:
    """What the two folders hold."""

    pairs: tuple[Pair, ...]
    """Sorted by name, so that their order is the same on any file system."""
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def find_pairs(photos: Folder, annotations: Folder) -> Found:
    """List two folders, and the folders within them, and what belongs together."""
    images, masks = _list(photos), _list(annotations)
    both = sorted(images.by_name.keys() & masks.by_name.keys())
    pairs = (
        Pair(name, photos.path / images.by_name[name], annotations.path / masks.by_name[name])
        for name in both
    )
    lacking = (
        f"{photos.named(images.by_name[name])} has no annotation {annotations.name}/{name}.png"
        for name in sorted(images.by_name.keys() - masks.by_name.keys())
    )
    alone = (
        annotations.named(masks.by_name[name])
        for name in sorted(masks.by_name.keys() - images.by_name.keys())
    )
    return Found(
        tuple(pairs),
        (*images.errors, *masks.errors, *lacking),
        (*images.warnings, *masks.warnings, *_passed_over("annotations without a photo", alone)),
    )


def listed(items: Iterable[str], *, limit: int = 5, separator: str = ", ", width: int = 200) -> str:
    """The first few, each cut to `width` characters, and how many more there are.

    >>> listed("abcd", limit=2)
    'a, b, and 2 more'
    """
    every = list(items)
    shown = [item[:width] for item in every[:limit]]
    more = [f"and {len(every) - limit} more"] if len(every) > limit else []
    return separator.join(shown + more)


def problems(errors: Sequence[str], *, width: int = 200) -> str:
    """One line about all of them; there is at least one, and each is cut to `width` characters."""
    count = f"{len(errors)} problems" if len(errors) > 1 else "a problem"
    return f"{count} with the data: {listed(errors, separator='; ', width=width)}"


@dataclass(frozen=True)
class _Listing:
    """The pictures of one folder; paths are within it, names without a suffix."""

    by_name: dict[str, Path]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def _list(folder: Folder) -> _Listing:
    files = (path for path in sorted(folder.path.rglob("*")) if path.is_file())
    by_name: dict[str, Path] = {}
    errors, others = [], []
    for path in (path.relative_to(folder.path) for path in files):
        if any(part.startswith(".") for part in path.parts):
            continue
        if path.suffix.lower() not in folder.suffixes:
            others.append(folder.named(path))
            continue
        first = by_name.setdefault(path.with_suffix("").as_posix(), path)
        if first is not path:
            errors.append(f"{folder.named(path)} has the name of {folder.named(first)}")
    kinds = ", ".join(folder.suffixes)
    if not by_name:
        errors.append(f"{folder.name} has no file {kinds}")
    return _Listing(by_name, tuple(errors), _passed_over(f"files that are none of {kinds}", others))


def _passed_over(what: str, paths: Iterable[str]) -> tuple[str, ...]:
    names = listed(paths)
    return (f"{what} are passed over: {names}",) if names else ()
