"""A batch transform job of two hundred files, most of them photos: SageMaker's side is played.

The built-in answered photos of 2826x2255 with a worker that was replaced after a minute, and those
of 960x540 with a crash that left the job hanging.
"""

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from serve.encode.recordio import read_scores
from tests.memory import memory_mb, resident_mb, worker_of
from tests.server import RunningServer
from tests.transform import Job, Sent
from tests.transform_photos import MAX_PAYLOAD_MB, bad_files, photos, write

GOOD, BAD = photos(), bad_files()
GROWTH = 1.05
"""What a server may hold after a job, over what it held after the same job before."""
PEAK_MB = 1500
"""What its worker may hold at any time, with four photos at once, two of six megapixels. Seen: 950
to 1,140, as it falls out what else is at work beside those two."""
PNG = "image/png"


class Jobs:
    """The folder without Accept, and with; then twice more in chunks, but for the largest."""

    def __init__(self, folder: Path, server: RunningServer) -> None:
        self.server = server
        self.out = {name: folder / name for name in ("recordio", "png", "chunks")}
        (folder / "in").mkdir()
        files = write(
            {name: body for name, (body, _) in GOOD.items()}
            | {name: bad.body for name, bad in BAD.items()},
            folder / "in",
        )
        first = Job(server, self.out["recordio"])
        self.parameters = first.parameters()
        self.sent: dict[str, dict[str, Sent]] = {"recordio": first.run(files)}
        self.sent["png"] = Job(server, self.out["png"], accept=PNG, keep=False).run(files)
        self.peak_mb = memory_mb(worker_of(server), "VmHWM")
        # Of the largest, what is held depends on which of them met. (The heap is not given back.)
        others = [file for file in files if "large" not in file.name]
        self.resident_mb = []
        for _ in range(2):
            self.sent["chunks"] = Job(server, self.out["chunks"], in_chunks=True).run(others)
            self.resident_mb.append(resident_mb(server.process.pid))


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    folder = tmp_path_factory.mktemp("transform")
    with RunningServer(
        SAGEMAKER_BATCH="true",
        SAGEMAKER_MAX_PAYLOAD_IN_MB=str(MAX_PAYLOAD_MB),
        SEG_CACHE_MB="0",
        SEG_PRECISION="f32",  # to the bit, whatever runs beside
    ) as server:
        yield Jobs(folder, server.wait_until_ready())
    shutil.rmtree(folder)


def test_the_folder_has_what_it_should() -> None:
    assert len(GOOD) + len(BAD) == 200
    assert {(540, 960), (2255, 2826)} < {size for _, size in GOOD.values()}


def test_the_server_says_how_it_wants_to_be_asked(jobs: Jobs) -> None:
    assert jobs.parameters == {
        "MaxConcurrentTransforms": 4,
        "BatchStrategy": "SINGLE_RECORD",
        "MaxPayloadInMB": MAX_PAYLOAD_MB,
    }


@pytest.mark.parametrize("job", ["recordio", "png", "chunks"])
def test_every_photo_is_answered_at_once_and_every_other_file_refused(jobs: Jobs, job: str) -> None:
    sent = jobs.sent[job]
    good = GOOD.keys() & sent.keys()
    assert len(good) >= len(GOOD) - 2
    assert {name: sent[name] for name in good} == dict.fromkeys(good, Sent((200,), ""))
    assert {name: sent[name] for name in BAD} == {
        name: Sent((bad.status,), bad.code) for name, bad in BAD.items()
    }
    assert {file.name for file in jobs.out[job].iterdir()} == {f"{name}.out" for name in good}


@pytest.mark.parametrize("name", GOOD)
def test_the_answers_are_those_of_the_photo(jobs: Jobs, name: str) -> None:
    _, size = GOOD[name]
    scores = read_scores((jobs.out["recordio"] / f"{name}.out").read_bytes())
    mask = np.asarray(Image.open(jobs.out["png"] / f"{name}.out"))
    assert scores.shape == (3, *size)
    assert mask.shape == size
    assert np.array_equal(scores.argmax(axis=0), mask)


@pytest.mark.parametrize("name", list(GOOD)[::6])
def test_the_answers_are_those_of_a_single_request(jobs: Jobs, name: str) -> None:
    body, _ = GOOD[name]
    for accept, folder in ({"Accept": PNG}, jobs.out["png"]), ({}, jobs.out["recordio"]):
        assert jobs.server.post(body, **accept)[2] == (folder / f"{name}.out").read_bytes()


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        ("image/jpeg", Sent((200,), "")),
        ("application/x-image", Sent((200,), "")),
        ("text/csv", Sent((415,), "unsupported-media-type")),
    ],
)
def test_a_jobs_content_type_is_for_all_its_files(
    jobs: Jobs, tmp_path: Path, content_type: str, sent: Sent
) -> None:
    files = write({name: body for name, (body, _) in list(GOOD.items())[10:22]}, tmp_path)
    job = Job(jobs.server, tmp_path / "out", content_type=content_type)
    assert set(job.run(files).values()) == {sent}


def test_the_server_stays_the_same_and_keeps_nothing(jobs: Jobs) -> None:
    first, last = jobs.resident_mb
    assert last < GROWTH * first, jobs.resident_mb
    assert jobs.peak_mb < PEAK_MB
    assert jobs.server.output.count("loaded by") == 1
    assert '"level": "ERROR"' not in jobs.server.output


def test_a_jobs_own_concurrency_finds_room(tmp_path: Path) -> None:
    """Forty at once, each on a connection of its own: more than the queue had places."""
    files = write({name: body for name, (body, _) in list(GOOD.items())[10:]}, tmp_path)
    with RunningServer(
        SAGEMAKER_BATCH="TRUE", SAGEMAKER_MAX_CONCURRENT_TRANSFORMS="40", SEG_QUEUE_SIZE="4"
    ) as server:
        server.wait_until_ready()
        assert "SEG_QUEUE_SIZE=4 is raised to 80: 40 photos come at once" in server.output
        job = Job(server, tmp_path / "out", accept=PNG, keep=False)
        assert job.parameters()["MaxConcurrentTransforms"] == 40
        assert set(job.run(files).values()) == {Sent((200,), "")}


def test_one_place_is_room_for_one_at_a_time(tmp_path: Path) -> None:
    """The next photo may be there before the last one's place is given back."""
    files = write({name: body for name, (body, _) in list(GOOD.items())[10:]}, tmp_path)
    with RunningServer(SAGEMAKER_BATCH="true", SEG_QUEUE_SIZE="1") as server:
        job = Job(server.wait_until_ready(), tmp_path / "out", accept=PNG, keep=False)
        assert job.parameters()["MaxConcurrentTransforms"] == 1
        assert set(job.run(files).values()) == {Sent((200,), "")}


def test_the_sdks_local_mode_is_answered(tmp_path: Path) -> None:
    """It sends one at a time, asks in the API's words, and takes any status for an answer."""
    with RunningServer(
        SAGEMAKER_BATCH="True",
        SAGEMAKER_MAX_CONCURRENT_TRANSFORMS="1",
        SAGEMAKER_BATCH_STRATEGY="MULTI_RECORD",
    ) as server:
        server.wait_until_ready()
        assert "SAGEMAKER_BATCH_STRATEGY=MULTI_RECORD has no effect" in server.output
        asked = {"MaxConcurrentTransforms": 1, "BatchStrategy": "SingleRecord"}
        assert Job(server, tmp_path).parameters() == asked | {"MaxPayloadInMB": 100}
        for body, (height, width) in list(GOOD.values())[2:15]:
            _, _, answer = server.post(body, **{"Content-type": "image/jpeg", "Accept": PNG})
            assert Image.open(io.BytesIO(answer)).size == (width, height)
        _, _, answer = server.post(b"", **{"Content-type": "image/jpeg"})
        assert json.loads(answer)["code"] == "empty-body"
