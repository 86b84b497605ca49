import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.params import read_params, write_params
from train.checkpoint import Checkpoint, Checkpoints
from train.errors import AlgorithmError, ClientError
from train.history import Epoch, Sums

EPOCHS = tuple(
    Epoch(
        loss=1.25 / number,
        miou=0.1 * number,
        pixel_accuracy=0.2 * number,
        learning_rate=0.3 / number,
        photos_per_s=12.5,
        validated_per_s=7.25,
        waited=0.0625,
    )
    for number in (1, 2, 3)
)
SAVED = Checkpoint(
    seed=2**31 - 1,
    step=7,
    sums=Sums(loss=0.1 + 0.2, trained_s=1 / 3, waited_s=1e-9),
    history=EPOCHS,
    weights={
        "conv1.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a/b": np.ones(2, np.float32),
    },
    states={name: np.array([-0.0, 1e-30, np.pi], np.float32) for name in ("0.0", "0.1")},
    best={"conv1.weight": np.full((2, 3), 9, np.float32)},
)
JOB = {"epochs": "3", "learning_rate": "0.1"}
STEPS = range(8, 11)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints", JOB)


def write(checkpoints: Checkpoints, *steps: int) -> list[Path]:
    """A checkpoint for each step; returns the folder's files."""
    for step in steps:
        checkpoints.write(replace(SAVED, step=step))
    return sorted(checkpoints.folder.iterdir())


def step_of(checkpoints: Checkpoints) -> int:
    found = checkpoints.newest()
    assert found is not None
    return found.step


def assert_same(found: Checkpoint | None, expected: Checkpoint) -> None:
    assert found is not None
    for name in ("seed", "step", "sums", "history"):
        assert getattr(found, name) == getattr(expected, name)
    for group in ("weights", "states", "best"):
        arrays, saved = getattr(found, group), getattr(expected, group)
        assert arrays.keys() == saved.keys()
        for name, array in saved.items():
            assert (arrays[name].dtype, arrays[name].shape) == (np.float32, array.shape)
            assert arrays[name].tobytes() == array.tobytes()


def test_a_job_without_checkpoints_begins_anew(checkpoints: Checkpoints) -> None:
    assert checkpoints.newest() is None
    checkpoints.folder.mkdir()
    assert checkpoints.newest() is None


def test_everything_is_there_again_bit_for_bit(checkpoints: Checkpoints) -> None:
    checkpoints.write(SAVED)
    assert_same(checkpoints.newest(), SAVED)


def test_a_job_interrupted_in_its_first_epoch_has_no_best(checkpoints: Checkpoints) -> None:
    checkpoints.write(replace(SAVED, history=(), states={}, best={}))
    found = checkpoints.newest()
    assert found is not None
    assert (found.history, found.states, found.best) == ((), {}, {})


def test_what_was_read_outlives_the_file(checkpoints: Checkpoints) -> None:
    checkpoints.write(SAVED)
    found = checkpoints.newest()
    for path in checkpoints.folder.iterdir():
        path.write_bytes(bytes(path.stat().st_size))
    assert found is not None
    assert found.weights["conv1.weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_two_are_kept_and_nothing_else_is_left(checkpoints: Checkpoints) -> None:
    checkpoints.folder.mkdir()
    (checkpoints.folder / ".step-000000050.params.7.part").touch()  # by a process that was killed
    names = [path.name for path in write(checkpoints, 99, 100, 101, 1000)]
    assert names == ["step-000000101.params", "step-000001000.params"]
    assert step_of(checkpoints) == 1000


def test_a_step_saved_again_replaces_itself(checkpoints: Checkpoints) -> None:
    assert len(write(checkpoints, 8, 9, 9)) == 2
    assert step_of(checkpoints) == 9


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
def test_the_one_before_is_taken_where_the_newest_is_cut_short(
    checkpoints: Checkpoints, share: float
) -> None:
    newest = write(checkpoints, *STEPS)[-1]
    content = newest.read_bytes()
    newest.write_bytes(content[: int(len(content) * share)])
    assert step_of(checkpoints) == 9


def test_the_one_before_is_taken_where_any_bit_of_the_newest_changed(
    checkpoints: Checkpoints,
) -> None:
    newest = write(checkpoints, *STEPS)[-1]
    content = newest.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        newest.write_bytes(changed)
        if step_of(checkpoints) != 9:  # where the arrays came from, a GPU say, is of no account
            assert_same(checkpoints.newest(), replace(SAVED, step=10))


def test_where_all_are_damaged_the_job_does_not_begin_anew(checkpoints: Checkpoints) -> None:
    for path in write(checkpoints, *STEPS):
        path.write_bytes(b"x")
    with pytest.raises(AlgorithmError, match=r"^no checkpoint in .*checkpoints can be read: "):
        checkpoints.newest()


@pytest.mark.parametrize(
    "facts",
    [None, b"{", b"\xff", b"[]", b"1", b"{}", b'{"format": 2}', b'{"format": 3}'],
)
def test_a_file_of_other_making_is_passed_over(
    checkpoints: Checkpoints, facts: bytes | None
) -> None:
    write(checkpoints, *STEPS)
    arrays = {"weights/a": np.ones(2, np.float32)}
    stored = {} if facts is None else {"facts": np.frombuffer(facts, np.uint8)}
    write_params(checkpoints.folder / "step-000000099.params", {**arrays, **stored})
    assert step_of(checkpoints) == 10


def test_a_file_of_a_later_version_with_other_groups_is_passed_over(
    checkpoints: Checkpoints,
) -> None:
    newest = write(checkpoints, *STEPS)[-1]
    arrays = read_params(newest)
    facts = json.loads(arrays["facts"].tobytes()) | {"format": 3}
    stored = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    write_params(newest, {**arrays, "facts": stored, "else/a": np.ones(2, np.float32)})
    assert step_of(checkpoints) == 9


def test_what_cannot_be_read_does_not_push_out_what_can(checkpoints: Checkpoints) -> None:
    checkpoints.folder.mkdir()
    for step in (97, 98, 99):  # S3 may give back what was removed here
        (checkpoints.folder / f"step-{step:09}.params").write_bytes(struct.pack("<Q", 0x112))
    write(checkpoints, *STEPS)
    assert step_of(checkpoints) == 10
    (checkpoints.folder / "step-000000010.params").write_bytes(b"x")
    assert step_of(checkpoints) == 9


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (JOB | {"epochs": "4"}, "a job with epochs=3, this one has 4;"),
        ({"epochs": "3"}, "a job with learning_rate=0.1, this one has None;"),
        (JOB | {"samples of train": "9"}, "a job with samples of train=None, this one has 9;"),
    ],
)
def test_another_jobs_checkpoints_are_the_users_to_move(
    checkpoints: Checkpoints, job: dict[str, str], said: str
) -> None:
    checkpoints.write(SAVED)
    with pytest.raises(ClientError) as refused:
        Checkpoints(checkpoints.folder, job).newest()
    assert said in str(refused.value)
    assert str(refused.value).endswith("a job of its own needs another CheckpointConfig S3Uri")


def test_a_folder_that_cannot_be_written_is_for_the_command_to_judge(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checkpoints = Checkpoints(tmp_path / "file" / "checkpoints", JOB)
    with pytest.raises(NotADirectoryError):
        checkpoints.write(SAVED)


def test_a_checkpoint_that_something_else_removes_is_no_loss(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(checkpoints, 8, 9)
    unlink = Path.unlink

    def too_late(path: Path, *, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=True)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", too_late)
    assert [path.name[-9:] for path in write(checkpoints, 10)] == ["09.params", "10.params"]
