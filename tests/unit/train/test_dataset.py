import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.train.samples import write_job, write_sample
from train.check import check_pairs
from train.dataset import read_dataset
from train.errors import AlgorithmError, ClientError
from train.job import Job
from train.label_map import parse_label_map
from train.pairs import find_pairs


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return write_job(tmp_path)


def refusal(job: Job) -> str:
    with pytest.raises(ClientError) as refused:
        read_dataset(job, workers=1)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 1024
    return message


def with_label_maps(job: Job, **values: object) -> Job:
    folder = job.layout.channel("label_map")
    folder.mkdir()
    for name, value in values.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return replace(job, channels={**job.channels, "label_map": folder})


def test_a_good_dataset_has_no_warnings(job: Job) -> None:
    dataset = read_dataset(job)
    assert [pair.name for pair in dataset.train.pairs] == ["a", "b"]
    assert [pair.name for pair in dataset.validation.pairs] == ["v"]
    assert dataset.warnings == ()


def test_another_size_is_named(job: Job) -> None:
    write_sample(job, "train", "b", np.zeros((8, 6), np.uint8))
    assert refusal(job) == (
        "a problem with the data: train_annotation/b.png is 6x8, its photo 8x6 pixels "
        "(width x height, as stored)"
    )


def test_a_label_past_the_last_class_is_named(job: Job) -> None:
    labels = np.resize(np.array((0, 3, 7, 255), np.uint8), (6, 8))
    write_sample(job, "validation", "v", labels)
    assert refusal(job) == (
        "a problem with the data: validation_annotation/v.png has pixel value 3, 7, "
        "no label of 3 classes"
    )


def test_a_label_map_explains_it(job: Job) -> None:
    write_sample(job, "validation", "v", np.full((6, 8), 7, np.uint8))
    job = with_label_maps(job, validation_label_map={"map": {"0": 0, "2": 7}})
    dataset = read_dataset(job, workers=1)
    assert dataset.validation.label_map.table[7] == 2
    assert dataset.train.label_map.table[2] == 2
    assert dataset.warnings == ()


def test_pixels_that_a_map_leaves_out_are_a_warning(job: Job) -> None:
    job = with_label_maps(job, train_label_map={"map": {"0": 0}})
    assert read_dataset(job, workers=1).warnings == (
        "train_label_map.json leaves out pixel values 1, 2, found in 2 annotations; "
        "they are ignored",
    )


def test_a_label_map_of_another_name_is_named(job: Job) -> None:
    job = with_label_maps(job, label_map={"scale": 85})
    assert refusal(job) == (
        "channel label_map has label_map.json; "
        "allowed: train_label_map.json and validation_label_map.json, one or both"
    )


def test_a_file_beside_a_label_map_is_a_warning(job: Job) -> None:
    job = with_label_maps(job, train_label_map={"scale": 1}, notes={})
    assert read_dataset(job, workers=1).warnings == (
        "files of label_map beside train_label_map.json and validation_label_map.json "
        "are passed over: notes.json",
    )


def test_every_kind_of_damage_is_named_at_once(job: Job) -> None:
    photo, _ = write_sample(job, "train", "cut")
    photo.write_bytes(photo.read_bytes()[:300])
    _, annotation = write_sample(job, "train", "text")
    annotation.write_text("labels")
    _, annotation = write_sample(job, "train", "rgb")
    Image.new("RGB", (8, 6)).save(annotation)
    _, annotation = write_sample(job, "train", "alone")
    annotation.unlink()
    said = refusal(job)
    assert said.startswith("4 problems with the data: train/alone.jpg has no annotation ")
    assert "; train/cut.jpg cannot be read as JPEG or PNG: " in said
    assert "; train_annotation/text.png cannot be read as PNG: " in said
    assert "; train_annotation/rgb.png has colours (mode RGB) " in said


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_cut_short_at_its_very_end_is_named(job: Job, kind: str) -> None:
    photo, _ = write_sample(job, "train", "b", np.zeros((64, 64), np.uint8))
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(photo, format=kind)
    assert read_dataset(job, workers=1).warnings == ()
    photo.write_bytes(photo.read_bytes()[:-400])
    assert refusal(job).startswith("a problem with the data: train/b.jpg cannot be read as JPEG")


def test_the_first_few_are_listed_and_how_many_more(job: Job) -> None:
    for number in range(9):
        write_sample(job, "train", f"bad{number}", np.full((6, 8), 9, np.uint8))
    said = refusal(job)
    assert said.startswith("9 problems with the data: train_annotation/bad0.png has ")
    assert "bad4.png" in said
    assert "bad5.png" not in said
    assert said.endswith("; and 4 more")


def test_an_empty_channel_is_named(job: Job) -> None:
    for path in job.channels["validation"].iterdir():
        path.unlink()
    assert refusal(job).startswith("a problem with the data: channel validation has no file .jpg")


@pytest.mark.parametrize("told", [1, 1464])
def test_another_number_of_samples_than_told_is_a_warning(tmp_path: Path, told: int) -> None:
    job = write_job(tmp_path, told=told)
    assert read_dataset(job, workers=1).warnings == (
        f"num_training_samples={told}, and train has 2; the schedule goes by the former",
    )


def test_many_files_go_to_processes_and_come_back_in_order(tmp_path: Path) -> None:
    job = write_job(tmp_path)
    for number in range(300):
        labels = np.full((6, 8), 9 if number == 299 else number % 3, np.uint8)
        write_sample(job, "train", f"n{number:03}", labels)
    found = find_pairs("train", job.channels["train"], job.channels["train_annotation"])
    label_map = parse_label_map({"map": {"0": 0, "1": 1}}, 3, source="x")
    here = check_pairs("train", found.pairs, label_map, workers=1)
    there = check_pairs("train", found.pairs, label_map, workers=2)
    assert here == there
    assert here[-1].unmapped == {9}
    assert [finding.unmapped for finding in here[2:5]] == [frozenset(), frozenset(), {2}]


def test_a_process_that_dies_is_not_the_users_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = write_job(tmp_path)
    pair = find_pairs("train", job.channels["train"], job.channels["train_annotation"]).pairs[0]
    monkeypatch.setattr("train.check._check", _die)
    label_map = parse_label_map({"scale": 1}, 3, source="x")
    with pytest.raises(AlgorithmError, match=r"^a process that checked the pictures of train died"):
        check_pairs("train", [pair] * 300, label_map, workers=2)


def _die(*_arguments: object) -> None:
    import os  # noqa: PLC0415
    import signal  # noqa: PLC0415

    os.kill(os.getpid(), signal.SIGKILL)
