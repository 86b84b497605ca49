"""`predict PHOTO...`: send photos, or folders of them, to a running server and keep the answers."""

import argparse
import math
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

from container.predict.jobs import Job, jobs_of
from container.predict.question import FailedError, Question
from serve.setting import SettingsError

_SOME_FAILED = 1


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
    jobs = jobs_of(arguments.photos, arguments.out)
    question = Question(arguments.url, arguments.accept, arguments.timeout, arguments.retries)
    pool = ThreadPoolExecutor(arguments.jobs)
    try:
        failed = _wait({pool.submit(_answer, job, question): job for job in jobs})
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C: photos under way end, no more begin
    print(f"{len(jobs) - failed} of {len(jobs)} photos answered, in {arguments.out}")
    return _SOME_FAILED if failed else 0


def _wait(running: Mapping[Future[None], Job]) -> int:
    """How many photos have no answer, each with a line of its own."""
    failed = 0
    for done in tqdm(as_completed(running), total=len(running), unit="photo", disable=None):
        try:
            done.result()
        except FailedError as err:
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
    _check_number("--jobs", arguments.jobs, "1 or more", is_allowed=arguments.jobs >= 1)
    _check_number("--retries", arguments.retries, "0 or more", is_allowed=arguments.retries >= 0)
    is_time = 0 < arguments.timeout < math.inf
    _check_number("--timeout", arguments.timeout, "more than 0 seconds", is_allowed=is_time)


def _check_number(name: str, value: float, allowed: str, *, is_allowed: bool) -> None:
    if not is_allowed:
        msg = f"{name} {value} cannot be used; allowed: {allowed}"
        raise SettingsError(msg)


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        return False


def _answer(job: Job, question: Question) -> None:
    try:
        job.write(*question.ask(job.photo.read_bytes()))
    except OSError as err:
        raise FailedError(err.strerror or str(err)) from err
