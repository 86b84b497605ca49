"""What `evaluate` and training make of the same files."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from container.exits import DataError
from container.photos import LabelledPhoto, find_photos, find_plain, label_map_of
from tests.unit.train.samples import gray_png, write_job
from train.dataset import read_dataset
from train.errors import ClientError
from train.job import Job
from train.picture import read_image, read_mask

# 6 x 8, as the photos of write_job; 255 is written where the kind has room for it.
LABELS = np.resize(np.array((0, 1, 2, 1, 0), np.uint8), (6, 8))
IGNORING = np.where(np.arange(8) == 3, 255, LABELS).astype(np.uint8)
BINARY: NDArray[np.uint8] = np.minimum(LABELS, np.uint8(1))


def png(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def indexed(labels: NDArray[np.uint8], bits: int) -> bytes:
    image = Image.fromarray(labels)
    image.putpalette(bytes(range(255, -1, -1))[: 3 * 2**bits])  # colours that are not the ids
    return png(image, bits=bits)


TRIPLED = np.where(IGNORING == 255, 255, 3 * LABELS).astype(np.uint8)
SAME: dict[str, object] = {"scale": 1}
# What is written, what it means, and the label map that says so.
KINDS: dict[str, tuple[bytes, NDArray[np.uint8], dict[str, object]]] = {
    "palette": (indexed(IGNORING, 8), IGNORING, SAME),
    "palette of 4 bits": (indexed(LABELS, 4), LABELS, SAME),
    "palette of 2 bits": (indexed(LABELS, 2), LABELS, SAME),
    "palette of 1 bit": (indexed(BINARY, 1), BINARY, SAME),
    "gray": (gray_png(IGNORING, 8), IGNORING, SAME),
    "gray of 16 bits": (png(Image.fromarray(IGNORING.astype(np.uint16))), IGNORING, SAME),
    "gray of 4 bits": (gray_png(LABELS, 4), LABELS, {"scale": 17}),
    "gray of 2 bits": (gray_png(LABELS, 2), LABELS, {"scale": 85}),
    "gray of 1 bit": (gray_png(BINARY, 1), BINARY, SAME),
    "gray with a map": (gray_png(TRIPLED, 8), IGNORING, {"map": {"0": 0, "1": 3, "2": 6}}),
}
REFUSED = {
    "colours": png(Image.new("RGB", (8, 6))),
    "alpha": png(Image.new("LA", (8, 6))),
    "gray of 4 bits, stretched": gray_png(LABELS, 4),
    "gray of 16 bits, past 255": png(Image.fromarray(np.full((6, 8), 256, np.uint16))),
    "a label past the last class": gray_png(np.full((6, 8), 3, np.uint8), 8),
    "nothing but what is ignored": gray_png(np.full((6, 8), 255, np.uint8), 8),
    "another size": gray_png(np.zeros((8, 6), np.uint8), 8),
    "a JPEG": b"\xff\xd8\xff",
    "no bytes": b"",
}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return write_job(tmp_path)


def photos_of(job: Job, label_map: Path | None = None) -> tuple[LabelledPhoto, ...]:
    """A job's channel `validation`, as it is, found by `evaluate`."""
    folders = job.channels["validation"], job.channels["validation_annotation"]
    return find_photos(*folders, label_map_of(label_map, 3), max_pixels=48)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_those_of_training(job: Job, kind: str) -> None:
    body, labels, explained = KINDS[kind]
    folder = job.layout.channel("label_map")
    folder.mkdir()
    label_map = folder / "validation_label_map.json"
    label_map.write_text(json.dumps(explained))
    job = replace(job, channels={**job.channels, "label_map": folder})
    (job.channels["validation_annotation"] / "v.png").write_bytes(body)
    trained = read_dataset(job, workers=1).validation
    (photo,) = photos_of(job, label_map)
    assert photo.pair == trained.pairs[0]
    assert np.array_equal(trained.label_map.labels(read_mask(photo.pair.annotation)), labels)
    assert np.array_equal(photo.labels(), labels)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_training_refuses_is_refused_in_the_same_words(job: Job, kind: str) -> None:
    (job.channels["validation_annotation"] / "v.png").write_bytes(REFUSED[kind])
    with pytest.raises(ClientError) as by_training:
        read_dataset(job, workers=1)
    with pytest.raises(DataError) as by_evaluate:
        photos_of(job)
    base = f"{job.channels['validation'].parent}/"
    assert str(by_evaluate.value).replace(base, "") == str(by_training.value)


def test_without_a_label_map_pixels_are_labels(job: Job) -> None:
    body, labels, _ = KINDS["gray"]
    (job.channels["validation_annotation"] / "v.png").write_bytes(body)
    (photo,) = photos_of(job)
    assert np.array_equal(photo.labels(), labels)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif"])
def test_photos_are_those_of_predict(job: Job, suffix: str) -> None:
    (job.channels["validation"] / "v.jpg").unlink()
    path = job.channels["validation"] / f"v.{suffix}"
    Image.new("RGB", (8, 6), (9, 99, 199)).save(path)
    (photo,) = photos_of(job)
    assert photo.pair.image == path
    assert photo.image().shape == (6, 8, 3)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "CMYK"])
def test_a_photo_of_training_is_the_one_served(job: Job, mode: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8))
    format_, exif = "JPEG" if mode == "CMYK" else "PNG", Image.Exif()
    exif[274] = 3  # to be shown upside down
    noise.convert(mode).save(job.channels["validation"] / "v.jpg", format_, exif=exif)
    (photo,) = photos_of(job)
    assert np.array_equal(photo.image(), read_image(photo.pair.image))


def test_an_empty_photo_is_said_to_be(job: Job) -> None:
    (job.channels["validation"] / "v.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"v\.jpg is empty$"):
        photos_of(job)


def test_two_photos_of_one_name_are_an_error(job: Job) -> None:
    (job.channels["validation"] / "v.webp").touch()
    with pytest.raises(DataError, match=r"v\.webp has the name of .*v\.jpg"):
        photos_of(job)


def test_a_photo_of_more_pixels_than_are_served_is_refused(job: Job) -> None:
    Image.new("RGB", (7, 7)).save(job.channels["validation"] / "v.jpg")
    says = r"v\.jpg cannot be used: the photo is 7 wide and 7 high .* at most 48 pixels are allowed"
    with pytest.raises(DataError, match=says):
        photos_of(job)


def test_a_file_that_changes_after_the_check_is_named(job: Job) -> None:
    (photo,) = photos_of(job)
    photo.pair.image.unlink()
    with pytest.raises(DataError, match=r"v\.jpg cannot be read: No such file or directory$"):
        photo.image()
    photo.pair.annotation.write_bytes(b"")
    with pytest.raises(DataError, match=r"v\.png cannot be read as PNG: "):
        photo.labels()


def test_photos_without_annotations_are_found_in_folders_too(tmp_path: Path) -> None:
    pixels = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    for name in ("b.png", "deep/a.PNG", "._b.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(png(Image.fromarray(pixels)))
    photos = find_plain(tmp_path, max_pixels=20)
    assert [photo.path.name for photo in photos] == ["b.png", "a.PNG"]
    np.testing.assert_array_equal(photos[1].image(), pixels)
    with pytest.raises(DataError, match=r"2 problems .*b.png cannot be used: .*a.PNG cannot be"):
        find_plain(tmp_path, max_pixels=19)
