"""Photos and annotations paired by name: `train/a/cat.jpg` goes with `train_annotation/a/cat.png`.

Knows names alone; `train/check.py` opens the files. The algorithm's guide: every photo has an
annotation of its name (so one that lacks it is an error); an annotation without a photo takes
nothing from training and is reported as a warning.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png")
ANNOTATION_SUFFIXES = (".png",)


@dataclass(frozen=True)
class Pair:
    """One sample; `name` is its path in the channel, without a suffix."""

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


def find_pairs(channel: str, images: Path, annotations: Path) -> Found:
    """List two folders and what below them belongs together.

    Args:
        channel: `train` or `validation`, for the messages.
        images: the folder of photos.
        annotations: the folder of annotations.
    """
    photos = _list(channel, images, PHOTO_SUFFIXES)
    masks = _list(f"{channel}_annotation", annotations, ANNOTATION_SUFFIXES)
    both = sorted(photos.by_name.keys() & masks.by_name.keys())
    pairs = (
        Pair(name, images / photos.by_name[name], annotations / masks.by_name[name])
        for name in both
    )
    lacking = (
        f"{channel}/{photos.by_name[name]} has no annotation {channel}_annotation/{name}.png"
        for name in sorted(photos.by_name.keys() - masks.by_name.keys())
    )
    return Found(
        tuple(pairs),
        (*photos.errors, *masks.errors, *lacking),
        (*photos.warnings, *masks.warnings, *_alone(channel, photos, masks)),
    )


def listed(items: Iterable[str], *, limit: int = 5, separator: str = ", ") -> str:
    """The first few, and how many more there are.

    >>> listed("abcd", limit=2)
    'a, b, and 2 more'
    """
    every = list(items)
    shown = [item[:200] for item in every[:limit]]
    more = [f"and {len(every) - limit} more"] if len(every) > limit else []
    return separator.join(shown + more)


@dataclass(frozen=True)
class _Listing:
    """The pictures of one channel; paths are within its folder, names without a suffix."""

    by_name: dict[str, Path]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def _list(channel: str, folder: Path, suffixes: tuple[str, ...]) -> _Listing:
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [path for path in files if not any(part.startswith(".") for part in path.parts)]
    by_name: dict[str, Path] = {}
    errors, others = [], []
    for path in files:
        if path.suffix.lower() not in suffixes:
            others.append(f"{channel}/{path}")
            continue
        first = by_name.setdefault(path.with_suffix("").as_posix(), path)
        if first is not path:
            errors.append(f"{channel}/{path} has the name of {channel}/{first}")
    kinds = ", ".join(suffixes)
    if not by_name:
        errors.append(f"channel {channel} has no file {kinds}")
    warning = f"files that are none of {kinds} are passed over: {listed(others)}"
    return _Listing(by_name, tuple(errors), (warning,) if others else ())


def _alone(channel: str, photos: _Listing, masks: _Listing) -> tuple[str, ...]:
    names = sorted(masks.by_name.keys() - photos.by_name.keys())
    paths = listed(f"{channel}_annotation/{masks.by_name[name]}" for name in names)
    return (f"annotations without a photo are passed over: {paths}",) if names else ()
