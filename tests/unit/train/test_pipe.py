"""train/pipe.py with real FIFOs, each filled by a thread as SageMaker's agent would."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from tests.unit.train.samples import MAGIC, as_record, write_job
from train.dataset import read_dataset
from train.errors import AlgorithmError, ClientError, TrainError
from train.job import Job
from train.pipe import spooled

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
ATTRIBUTES = "AttributeNames must be the photo's, then the annotation's, both ending in \"-ref\""


class Stopped(BaseException):
    """What a signal's handler raises."""


def stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """A pipe that nobody fills is waited for without end: a test that does so fails instead."""
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def filed(tmp_path: Path) -> Job:
    """The job in File mode whose files come through the pipes."""
    return write_job(tmp_path / "filed")


@pytest.fixture
def job(tmp_path: Path, filed: Job) -> Job:
    """A job in Pipe mode, its two pipes made but not filled."""
    layout = replace(filed.layout, base=tmp_path / "piped")
    pipes = ("train", "validation")
    channels = {name: layout.pipe(name) for name in pipes}
    channels["train"].parent.mkdir(parents=True)
    for path in channels.values():
        os.mkfifo(path)
    return Job(layout, filed.hyperparameters, channels, "ss-demo", pipes)


def stream(filed: Job, channel: str) -> bytes:
    photos, annotations = (
        sorted(filed.channels[name].iterdir()) for name in (channel, f"{channel}_annotation")
    )
    pairs = zip(photos, annotations, strict=True)
    return b"".join(as_record(path.read_bytes()) for pair in pairs for path in pair)


def fill(path: Path, content: bytes) -> threading.Thread:
    """Write to a FIFO from a thread; its reader may go away early."""

    def write() -> None:
        with suppress(BrokenPipeError), path.open("wb") as pipe:
            pipe.write(content)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def refusal(job: Job, folder: Path, error: type[TrainError], train: bytes) -> str:
    """What is said of such a stream for `train`; nothing may stay behind."""
    writer = fill(job.channels["train"], train)
    with pytest.raises(error) as refused:
        spooled(job, folder)
    writer.join(10)
    assert not writer.is_alive()
    assert not [*folder.glob("*")]
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 400
    return message


def test_pipes_become_folders_that_are_read_as_ever(job: Job, filed: Job, tmp_path: Path) -> None:
    label_map = tmp_path / "label_map"
    job = replace(job, channels={**job.channels, "label_map": label_map})
    writers = [fill(job.channels[name], stream(filed, name)) for name in job.pipes]
    done = spooled(job, tmp_path / "spool")
    for writer in writers:
        writer.join(10)
    assert (done.pipes, done.name, done.hyperparameters) == ((), "ss-demo", job.hyperparameters)
    names = ("train", "train_annotation", "validation", "validation_annotation")
    assert done.channels == {
        "label_map": label_map,
        **{name: tmp_path / "spool" / name for name in names},
    }
    label_map.mkdir()
    (label_map / "train_label_map.json").write_text('{"scale": 1}')
    dataset = read_dataset(done, workers=1)
    assert [pair.name for pair in dataset.train.pairs] == ["000000", "000001"]
    assert [pair.name for pair in dataset.validation.pairs] == ["000000"]
    assert dataset.warnings == ()
    for pair, name in zip(dataset.train.pairs, "ab", strict=True):
        assert pair.image.suffix == ".jpg"
        assert pair.image.read_bytes() == (filed.channels["train"] / f"{name}.jpg").read_bytes()
        annotation = filed.channels["train_annotation"] / f"{name}.png"
        assert pair.annotation.read_bytes() == annotation.read_bytes()


def test_a_pipe_is_filled_before_or_after_the_other(job: Job, filed: Job, tmp_path: Path) -> None:
    train, validation = (job.channels[name] for name in job.pipes)

    def write() -> None:  # nobody opens the second before the first was read to its end
        fill(train, stream(filed, "train")).join()
        fill(validation, stream(filed, "validation")).join()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert not spooled(job, tmp_path / "spool").pipes
    writer.join(10)
    assert not writer.is_alive()


def test_more_than_a_pipe_holds_comes_through_whole(job: Job, filed: Job, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(3 << 20)
    large = [JPEG + b"." + noise + MAGIC + b"abcd", PNG + MAGIC + noise]
    fill(job.channels["train"], b"".join(map(as_record, large)))
    fill(job.channels["validation"], stream(filed, "validation"))
    folder = spooled(job, tmp_path / "spool").channels["train"].parent
    assert (folder / "train" / "000000.jpg").read_bytes() == large[0]
    assert (folder / "train_annotation" / "000000.png").read_bytes() == large[1]


def test_a_photo_may_be_a_png(job: Job, filed: Job, tmp_path: Path) -> None:
    fill(job.channels["train"], as_record(PNG + b"photo") + as_record(PNG + b"labels"))
    fill(job.channels["validation"], stream(filed, "validation"))
    folders = spooled(job, tmp_path / "spool").channels
    assert [path.name for path in folders["train"].iterdir()] == ["000000.png"]


def test_a_job_in_file_mode_passes_through(filed: Job, tmp_path: Path) -> None:
    assert spooled(filed, tmp_path / "spool") is filed
    assert not (tmp_path / "spool").exists()


PHOTO, LABELS = as_record(JPEG + b"photo"), as_record(PNG + b"labels")
DEFECTS = {
    "empty": (b"", "channel train has no records; is its augmented manifest empty?"),
    "odd": (
        PHOTO + LABELS + PHOTO,
        f"channel train ends with record 3, a photo without an annotation; {ATTRIBUTES}",
    ),
    "photo-alone": (
        PHOTO,
        f"channel train ends with record 1, a photo without an annotation; {ATTRIBUTES}",
    ),
    "gif": (
        PHOTO + LABELS + as_record(b"GIF89a"),
        "channel train, record 3, which should be a photo, is no JPEG or PNG: "
        f"it begins with b'GIF89a'; {ATTRIBUTES}",
    ),
    "annotation-jpeg": (
        PHOTO + PHOTO,
        "channel train, record 2, which should be an annotation, is no PNG: "
        f"it begins with b'\\xff\\xd8\\xffphoto'; {ATTRIBUTES}",
    ),
    "annotation-text": (
        PHOTO + as_record(b"s3://bucket/labels/000.png"),
        "channel train, record 2, which should be an annotation, is no PNG: "
        f"it begins with b's3://bucket/labe'; {ATTRIBUTES}",
    ),
    "nothing-in-it": (
        PHOTO + as_record(b""),
        f"channel train, record 2, which should be an annotation, is no PNG: it is empty; "
        f"{ATTRIBUTES}",
    ),
    "cut-short": (PHOTO + LABELS[:-2], "channel train, record 2: cut short, 14 of 16 bytes came"),
    "no-recordio": (
        JPEG + bytes(100_000),
        "channel train, record 1: no RecordIO, begins with ff d8 ff 00, not 0a 23 d7 ce",
    ),
}


@pytest.mark.parametrize(("train", "said"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_named_and_nothing_stays(
    job: Job, tmp_path: Path, train: bytes, said: str
) -> None:
    assert refusal(job, tmp_path / "spool", ClientError, train) == said


def test_a_defect_of_the_second_channel_leaves_nothing_of_the_first(
    job: Job, tmp_path: Path
) -> None:
    fill(job.channels["validation"], b"")
    said = refusal(job, tmp_path / "spool", ClientError, PHOTO + LABELS)
    assert said == "channel validation has no records; is its augmented manifest empty?"


def test_a_full_volume_is_named_with_what_was_needed(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        return write_bytes(Path("/dev/full") if path.name == "000001.jpg" else path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    photo = as_record(JPEG + bytes(1_000_000))
    assert refusal(job, tmp_path / "spool", ClientError, (photo + LABELS) * 2) == (
        "the volume is full at train/000001.jpg: the files of Pipe mode are kept on disk, "
        "0.002 GB so far; a larger VolumeSizeInGB holds them all"
    )


def test_a_folder_that_cannot_be_written_is_not_the_users(job: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refusal(job, tmp_path / "file" / "spool", AlgorithmError, PHOTO + LABELS)
    assert said == (
        f"train/000000.jpg cannot be written to {tmp_path / 'file' / 'spool'}: Not a directory"
    )


def test_files_of_another_run_are_not_taken_for_samples(job: Job, tmp_path: Path) -> None:
    stray = tmp_path / "spool" / "train" / "000000.jpg"
    stray.parent.mkdir(parents=True)
    stray.write_text("")
    with pytest.raises(AlgorithmError, match=r"is not empty$"):
        spooled(job, tmp_path / "spool")
    assert stray.exists()


def test_a_pipe_that_is_not_there_is_sagemakers(job: Job, tmp_path: Path) -> None:
    job.channels["train"].unlink()
    with pytest.raises(AlgorithmError) as refused:
        spooled(job, tmp_path / "spool", wait_s=0)
    place = job.layout.base / "input" / "data"
    assert str(refused.value) == f"pipe train_0 of channel train is not in {place}"


def test_a_pipe_that_is_a_folder_is_sagemakers(job: Job, tmp_path: Path) -> None:
    job.channels["train"].unlink()
    job.channels["train"].mkdir()
    with pytest.raises(AlgorithmError) as refused:
        spooled(job, tmp_path / "spool")
    assert str(refused.value) == ("pipe train_0 of channel train cannot be opened: Is a directory")


def test_a_pipe_made_late_is_waited_for(job: Job, filed: Job, tmp_path: Path) -> None:
    path = job.channels["train"]
    path.unlink()
    fill(job.channels["validation"], stream(filed, "validation"))

    def late() -> None:
        os.mkfifo(path)
        fill(path, stream(filed, "train"))

    timer = threading.Timer(0.2, late)
    timer.start()
    assert not spooled(job, tmp_path / "spool").pipes
    timer.join()
