import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.train.samples import write_job, write_sample
from train.dataset import read_dataset
from train.errors import ClientError
from train.job import Job


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
    write_sample(job, "train", "b", np.zeros((7, 8), np.uint8))
    assert refusal(job) == (
        "a problem with the data: train_annotation/b.png is 8x7, its photo 8x6 pixels "
        "(width x height, as stored)"
    )


def test_labels_that_lie_as_exif_turns_the_photo_are_explained(job: Job) -> None:
    write_sample(job, "train", "b", np.zeros((8, 6), np.uint8))
    assert refusal(job) == (
        "a problem with the data: train_annotation/b.png is 6x8, its photo 8x6 pixels "
        "(width x height, as stored: EXIF's turn is not applied)"
    )


def test_a_label_past_the_last_class_is_named(job: Job) -> None:
    labels = np.resize(np.array((0, 3, 7, 255), np.uint8), (6, 8))
    write_sample(job, "validation", "v", labels)
    assert refusal(job) == (
        "a problem with the data: validation_annotation/v.png has pixel value 3, 7 "
        "(first at column 1, row 0), no label of 3 classes; allowed: 0 to 2, and 255 to ignore"
    )


def test_what_a_scale_allows_is_said_in_pixel_values(tmp_path: Path) -> None:
    job = with_label_maps(write_job(tmp_path, num_classes=2), train_label_map={"scale": 85})
    write_sample(job, "train", "a", np.array([[0] * 8] * 5 + [[169] * 7 + [170]], np.uint8))
    write_sample(job, "validation", "v", np.zeros((6, 8), np.uint8))
    assert refusal(job) == (
        "a problem with the data: train_annotation/a.png has pixel value 170 "
        "(first at column 7, row 5), no label of 2 classes; allowed: 0 to 169, and 255 to ignore"
    )


def test_a_channel_without_a_label_is_an_error(job: Job) -> None:
    write_sample(job, "validation", "v", np.full((6, 8), 255, np.uint8))
    assert refusal(job) == (
        "a problem with the data: validation_annotation has no pixel with a label: "
        "by the default label map, all are to be ignored"
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
    assert refusal(job).startswith("a problem with the data: validation has no file .jpg")


@pytest.mark.parametrize("told", [1, 1464])
def test_another_number_of_samples_than_told_is_a_warning(tmp_path: Path, told: int) -> None:
    job = write_job(tmp_path, told=told)
    assert read_dataset(job, workers=1).warnings == (
        f"num_training_samples={told}, and train has 2; the schedule goes by the former",
    )
