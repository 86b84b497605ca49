"""`predict PHOTO...`: send photos, or folders of them, to a running server and keep the answers."""

import argparse
import http.client
import json
import math
import mimetypes
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

from container.whole_file import write_whole
from serve.setting import SettingsError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".mpo"})
"""Of photos, in lower case."""
_EXTENSIONS = {
    "image/jpeg-overlay": ".jpg",
    "image/jpeg": ".jpg",
    "image/webp-overlay": ".webp",
    "application/x-npy": ".npy",
    "application/x-recordio-protobuf": ".recordio",
    "application/x-protobuf": ".recordio",
}
_LATER = frozenset({429, 502, 503, 504})
_SOME_FAILED = 1


@dataclass(frozen=True)
class _Job:
    """A photo and where its answer goes."""

    photo: Path
    stem: Path
    """Of the answer, without the extension that its type has."""


class _FailedError(Exception):
    """A photo has no answer; the message is one line."""


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "predict",
        help="send photos to a running server",
        description=f"{__doc__} The answer to cat.jpg is cat.jpg.png, .json, ... by its type.",
    )
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO", help="photo or folder")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for the answers")
    parser.add_argument(
        "--url", default="http://localhost:8080/invocations", help="default: %(default)s"
    )
    parser.add_argument(
        "--accept", default="image/png-overlay", help="type and options; default: %(default)s"
    )
    parser.add_argument("--jobs", type=int, default=2, help="photos at once; default: %(default)s")
    parser.add_argument(
        "--retries", type=int, default=5, help="when the server is busy; default: %(default)s"
    )
    parser.add_argument(
        "--timeout", type=float, default=60.0, help="seconds an answer may take; default: 60"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask for every photo; 0 when all were answered."""
    _check(arguments)
    jobs = list(_jobs(arguments.photos, arguments.out))
    _check_apart(jobs)
    ask = partial(
        _ask, arguments.url, arguments.accept, arguments.timeout, retries=arguments.retries
    )
    pool = ThreadPoolExecutor(arguments.jobs)
    try:
        failed = _wait({pool.submit(_answer, job, ask): job for job in jobs})
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C: photos under way end, no more begin
    print(f"{len(jobs) - failed} of {len(jobs)} photos answered, in {arguments.out}")
    return _SOME_FAILED if failed else 0


def _wait(running: Mapping[Future[None], _Job]) -> int:
    """How many photos have no answer, each with a line of its own."""
    failed = 0
    for done in tqdm(as_completed(running), total=len(running), unit="photo", disable=None):
        try:
            done.result()
        except _FailedError as err:
            failed += 1
            tqdm.write(f"failed: {running[done].photo}: {err}", file=sys.stderr)
    return failed


def _check(arguments: argparse.Namespace) -> None:
    if not _is_url(arguments.url):
        msg = f"--url {arguments.url[:80]!r} cannot be used; allowed: http://... or https://..."
        raise SettingsError(msg)
    if not arguments.accept.isprintable():
        msg = f"--accept {arguments.accept[:80]!r} cannot be used; allowed: a type and its options"
        raise SettingsError(msg)
    is_timeout = 0 < arguments.timeout < math.inf
    if arguments.jobs < 1 or arguments.retries < 0 or not is_timeout:
        msg = "--jobs is at least 1, --retries at least 0, --timeout above 0"
        raise SettingsError(msg)


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        return False


def _check_apart(jobs: list[_Job]) -> None:
    """No answer may take another's place."""
    photos: dict[Path, Path] = {}
    for job in jobs:
        other = photos.setdefault(job.stem, job.photo)
        if other != job.photo:
            msg = f"the answers to {other} and {job.photo} would have one name; ask one by one"
            raise SettingsError(msg)


def _jobs(paths: list[Path], out: Path) -> Iterator[_Job]:
    """Photos named, and those in folders, whose own folders are kept; no answers among them."""
    for path in paths:
        if os.path.isdir(path):
            found = _photos_in(path, out)
            if not found:
                msg = f"{path} has no photos; their names end in {', '.join(sorted(SUFFIXES))}"
                raise SettingsError(msg)
            yield from (_Job(photo, out / photo.relative_to(path)) for photo in found)
        elif os.path.isfile(path):
            yield _Job(path, out / path.name)
        else:
            msg = f"there is no photo or folder at {str(path)[:80]}"
            raise SettingsError(msg)


def _photos_in(folder: Path, out: Path) -> list[Path]:
    answers = out.resolve()
    if answers == folder.resolve():
        msg = f"-o {out} is the folder of the photos, whose answers would be photos next time"
        raise SettingsError(msg)
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not answers.is_relative_to(folder.resolve()):
        return found
    return [path for path in found if not path.resolve().is_relative_to(answers)]


def _answer(job: _Job, ask: Callable[[bytes], tuple[str, bytes]]) -> None:
    try:
        media_type, body = ask(job.photo.read_bytes())
        extension = _EXTENSIONS.get(media_type)
        if extension is None:
            known = "image/png" if media_type.startswith("image/png") else media_type
            extension = mimetypes.guess_extension(known) or ".out"
        write_whole(job.stem.with_name(job.stem.name + extension), body)
    except OSError as err:
        raise _FailedError(err.strerror or str(err)) from err


def _ask(
    url: str, accept: str, timeout_s: float, photo: bytes, *, retries: int
) -> tuple[str, bytes]:
    """Type and body of the answer; patient while the server is busy, starts or is not there."""
    as_sent = accept.encode().decode("latin-1")  # UTF-8, by way of http.client
    for attempt in range(retries + 1):
        reason, is_worth_it = "", True
        request = urllib.request.Request(url, photo, {"Accept": as_sent})  # noqa: S310  # checked
        request.add_header("Content-Type", "application/octet-stream")
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
                return str(answer.headers.get_content_type()), answer.read()
        except urllib.error.HTTPError as err:
            reason, is_worth_it = _told(err), err.code in _LATER
        except urllib.error.URLError as err:
            reason = f"no answer from {url}: {err.reason}"
        except (OSError, http.client.HTTPException) as err:
            reason = f"no whole answer from {url}: {err or type(err).__name__}"
        if not is_worth_it or attempt == retries:
            raise _FailedError(reason)
        time.sleep(min(0.5 * 2**attempt, 8))
    raise _FailedError


def _told(error: urllib.error.HTTPError) -> str:
    """Status and the server's own words."""
    try:
        body = json.loads(error.read())
        return f"{error.code} {body['code']}: {body['message']}"
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.code} {error.reason}"
