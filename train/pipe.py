"""Pipe mode → File mode: what comes through the pipes is laid down as files before training.

    pipe <channel>_0: photo, annotation, photo, annotation, ...  each one a RecordIO record
    folder/<channel>/000000.jpg, 000001.png, ...                 the suffix by the first bytes
    folder/<channel>_annotation/000000.png, 000001.png, ...

SageMaker has one pipe for each epoch; the first is read to its end and the others are never opened.
From there on every check, the order of samples and going on from a checkpoint are those of File
mode. The price is local disk for all photos and annotations, which a pipe was meant to save, and
that training begins once everything has come.

One channel after the other: SageMaker fills each pipe by itself, and asks for no order among them.
To read a pipe waits for SageMaker for as long as that takes; a signal whose handler raises ends it.

Source: SageMaker's developer guide, your-algorithms-training-algo-running-container (pipes) and
augmented-manifest (the stream).
"""

import errno
import os
import select
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from train.errors import AlgorithmError, ClientError
from train.job import Job
from train.recordio import read_records

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_SUFFIXES = {_JPEG: ".jpg", _PNG: ".png"}
_FULL = (errno.ENOSPC, errno.EDQUOT)
_POLL_S = 0.1
_ATTRIBUTES = "AttributeNames must be the photo's, then the annotation's, both ending in \"-ref\""


def spooled(job: Job, folder: Path, *, wait_s: float = 60) -> Job:
    """The same job with folders instead of pipes; a job without pipes comes back as it is.

    Args:
        job: as `read_job` has judged it.
        folder: for the files; made if need be, empty, on a volume that holds them all. They stay
            where all goes well, and are removed where not.
        wait_s: how long to wait for a pipe to be there; SageMaker may make it a little late.

    Raises:
        ClientError: a stream is empty, damaged or cut short, a photo is no JPEG or PNG, an
            annotation no PNG or missing, or the volume is full. Names channel and record.
        AlgorithmError: a pipe is not there or cannot be opened, or `folder` cannot be used.
    """
    if not job.pipes:
        return job
    _judge_empty(folder)
    spool = _Spool(folder)
    folders = {name: folder / name for pipe in job.pipes for name in (pipe, f"{pipe}_annotation")}
    with ExitStack() as undone:
        for path in folders.values():
            # A full volume would have no room for the failure file either.
            undone.callback(shutil.rmtree, path, ignore_errors=True)
        for pipe in job.pipes:
            with _opened(pipe, job.channels[pipe], wait_s) as stream:
                _fill(spool, pipe, stream)
        undone.pop_all()
    return replace(job, channels={**job.channels, **folders}, pipes=())


def _judge_empty(folder: Path) -> None:
    """Files of another run would be taken for samples."""
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder}, where the pipes' files go, is not empty"
        raise AlgorithmError(msg)


def _opened(channel: str, path: Path, wait_s: float) -> "_Pipe":
    deadline = time.monotonic() + wait_s
    while not path.exists():
        if time.monotonic() >= deadline:
            msg = f"pipe {path.name} of channel {channel} is not in {path.parent}"
            raise AlgorithmError(msg)
        time.sleep(_POLL_S)
    try:
        return _Pipe(path)
    except OSError as err:
        msg = f"pipe {path.name} of channel {channel} cannot be opened: {err.strerror}"
        raise AlgorithmError(msg) from err


class _Pipe:
    """What comes through a pipe, waited for in short turns.

    A signal that arrives just before a call that blocks would wait as long as that does.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115
        self._arrived = select.poll()
        self._arrived.register(self._file, select.POLLIN)

    def __enter__(self) -> "_Pipe":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """As many bytes as there are, at most `size`; none once all writers have gone."""
        while not self._arrived.poll(1000 * _POLL_S):
            pass
        return self._file.read(size) or b""


def _without_waiting(path: str, flags: int) -> int:
    """For `open`: a pipe that nobody writes to opens too."""
    return os.open(path, flags | os.O_NONBLOCK)


@dataclass
class _Spool:
    """The folder, and how much went into it."""

    folder: Path
    written_bytes: int = 0

    def write(self, path: Path, content: bytes) -> None:
        """Write a file, its folder made if need be; `path` is within the spool's folder."""
        needed = self.written_bytes + len(content)
        try:
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)
        except OSError as err:
            if err.errno in _FULL:
                msg = (
                    f"the volume is full at {path}: the files of Pipe mode are kept on disk, "
                    f"{needed / 1e9:.3f} GB so far; a larger VolumeSizeInGB holds them all"
                )
                raise ClientError(msg) from err
            msg = f"{path} cannot be written to {self.folder}: {err.strerror}"
            raise AlgorithmError(msg) from err
        self.written_bytes = needed


def _fill(spool: _Spool, channel: str, stream: _Pipe) -> None:
    """Write every record of one channel to its file."""
    number = 0
    for number, record in enumerate(read_records(stream, source=f"channel {channel}"), start=1):
        spool.write(_path(channel, number, record), record)
    if not number:
        msg = f"channel {channel} has no records; is its augmented manifest empty?"
        raise ClientError(msg)
    if number % 2:
        msg = f"channel {channel} ends with record {number}, a photo without an annotation; "
        raise ClientError(msg + _ATTRIBUTES)


def _path(channel: str, number: int, record: bytes) -> Path:
    """Where a record goes; `number` counts from 1, samples from 0."""
    sample, second = divmod(number - 1, 2)
    kind, begins = ("an annotation", (_PNG,)) if second else ("a photo", (_JPEG, _PNG))
    suffix = next((_SUFFIXES[magic] for magic in begins if record.startswith(magic)), None)
    if suffix is None:
        allowed = "PNG" if second else "JPEG or PNG"
        msg = (
            f"channel {channel}, record {number}, which should be {kind}, is no {allowed}: "
            f"{_shown(record)}; {_ATTRIBUTES}"
        )
        raise ClientError(msg)
    folder = f"{channel}_annotation" if second else channel
    return Path(folder, f"{sample:06}{suffix}")


def _shown(record: bytes) -> str:
    return f"it begins with {record[:16]!r}" if record else "it is empty"
