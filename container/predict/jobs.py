"""Photos that were named, or lie in folders that were, and where their answers go."""

import mimetypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from container.photo_files import SUFFIXES, photo_files
from container.whole_file import write_whole
from serve.setting import SettingsError

_EXTENSIONS = {
    "image/jpeg-overlay": ".jpg",
    "image/jpeg": ".jpg",
    "image/webp-overlay": ".webp",
    "application/x-npy": ".npy",
    "application/x-recordio-protobuf": ".recordio",
    "application/x-protobuf": ".recordio",
}


@dataclass(frozen=True)
class Job:
    """A photo and where its answer goes."""

    photo: Path
    stem: Path
    """Of the answer, without the extension that its type has."""

    def write(self, media_type: str, body: bytes) -> None:
        """Keep the answer, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        extension = _EXTENSIONS.get(media_type)
        if extension is None:
            known = "image/png" if media_type.startswith("image/png") else media_type
            extension = mimetypes.guess_extension(known) or ".out"
        write_whole(self.stem.with_name(self.stem.name + extension), body)


def jobs_of(paths: Sequence[Path], out: Path) -> list[Job]:
    """Photos named, and those in folders, whose own folders are kept; no answers among them.

    Raises:
        SettingsError: a path is nothing of the kind, a folder has no photos, or an answer would
            take another's place.
    """
    jobs = [job for path in paths for job in _jobs(path, out)]
    photos: dict[Path, Path] = {}
    for job in jobs:
        other = photos.setdefault(job.stem, job.photo)
        if other != job.photo:
            msg = f"the answers to {other} and {job.photo} would have one name; ask one by one"
            raise SettingsError(msg)
    return jobs


def _jobs(path: Path, out: Path) -> Iterator[Job]:
    if os.path.isdir(path):
        found = _photos_in(path, out)
        if not found:
            msg = f"{path} has no photos; their names end in {', '.join(SUFFIXES)}"
            raise SettingsError(msg)
        yield from (Job(photo, out / photo.relative_to(path)) for photo in found)
    elif os.path.isfile(path):
        yield Job(path, out / path.name)
    else:
        msg = f"there is no photo or folder at {str(path)[:80]}"
        raise SettingsError(msg)


def _photos_in(folder: Path, out: Path) -> list[Path]:
    answers = out.resolve()
    if answers == folder.resolve():
        msg = f"-o {out} is the folder of the photos, whose answers would be photos next time"
        raise SettingsError(msg)
    found = photo_files(folder)
    if not answers.is_relative_to(folder.resolve()):
        return found
    return [path for path in found if not path.resolve().is_relative_to(answers)]
