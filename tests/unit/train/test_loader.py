"""Decoding in processes: what comes of it, in which order, and what is left of the processes."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.unit.train.samples import write_job, write_sample
from train.augment import Sizes, augment
from train.dataset import Split
from train.errors import AlgorithmError, ClientError
from train.label_map import parse_label_map
from train.loader import Batch, Loader
from train.order import order, sample_rng
from train.pairs import ANNOTATION_SUFFIXES, PHOTO_SUFFIXES, Folder, find_pairs
from train.picture import read_image
from train.watch import Interrupted

SAMPLES, SEED = 5, 3
SIZES = Sizes(base_size=24, crop_size=16)


def split_of(base: Path) -> Split:
    """Five samples; each is known by its only label."""
    job = write_job(base)
    for path in (*job.channels["train"].iterdir(), *job.channels["train_annotation"].iterdir()):
        path.unlink()
    for number in range(SAMPLES):
        write_sample(job, "train", f"s{number}", np.full((6, 8), number, np.uint8))
    folders = [
        Folder(job.channels[name], name, ends)
        for name, ends in (("train", PHOTO_SUFFIXES), ("train_annotation", ANNOTATION_SUFFIXES))
    ]
    label_map = parse_label_map({"scale": 1}, SAMPLES, source="x")
    return Split(find_pairs(*folders).pairs, label_map)


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    """Not to be changed."""
    return split_of(tmp_path_factory.mktemp("loader"))


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    """Two processes that all tests may share."""
    with Loader(2) as loader:
        yield loader


def batches(
    loader: Loader, split: Split, count: int, *, size: int = 2, step: int = 0
) -> list[Batch]:
    endless = loader.batches(split, SIZES, size=size, seed=SEED, step=step)
    taken = list(islice(endless, count))
    endless.close()
    return taken


def numbers(batch: Batch) -> list[int]:
    """Which samples it has."""
    return [int(labels.min()) for labels in batch.labels]


def assert_same(some: list[Batch], others: list[Batch]) -> None:
    for one, other in zip(some, others, strict=True):
        assert np.array_equal(one.images, other.images)
        assert np.array_equal(one.labels, other.labels)


def started_since(before: list[object]) -> list[multiprocessing.process.BaseProcess]:
    return [child for child in multiprocessing.active_children() if child not in before]


def test_samples_come_in_the_epochs_order_and_fill_its_last_batch(
    loader: Loader, split: Split
) -> None:
    found = [numbers(batch) for batch in batches(loader, split, 7)]
    first, second, third = (order(SEED, epoch, SAMPLES).tolist() for epoch in range(3))
    assert found[:3] == [first[:2], first[2:4], [first[4], first[0]]]
    assert found[3:6] == [second[:2], second[2:4], [second[4], second[0]]]
    assert found[6] == third[:2]
    assert sorted(first) == sorted(second) == list(range(SAMPLES))
    assert first != second


def test_a_batch_may_be_larger_than_the_channel(loader: Loader, split: Split) -> None:
    (batch,) = batches(loader, split, 1, size=12)
    once = order(SEED, 0, SAMPLES).tolist()
    assert numbers(batch) == [*once, *once, *once[:2]]


def test_a_sample_that_comes_again_in_a_batch_is_another_view(loader: Loader, split: Split) -> None:
    (batch,) = batches(loader, split, 1, size=12)
    index = int(order(SEED, 0, SAMPLES)[0])
    photo = read_image(split.pairs[index].image)
    mask = np.full(photo.shape[:2], index, np.uint8)
    for turn in range(3):
        rng = sample_rng(SEED, 0, index + turn * SAMPLES)
        view, _ = augment(photo, mask, rng, SIZES)
        assert np.array_equal(batch.images[turn * SAMPLES], view)
    assert not np.array_equal(batch.images[0], batch.images[SAMPLES])


def test_a_view_is_what_its_epoch_and_place_make_of_it(loader: Loader, split: Split) -> None:
    batch = batches(loader, split, 4)[3]
    assert (batch.images.shape, batch.labels.shape) == ((2, 16, 16, 3), (2, 16, 16))
    assert {batch.images.dtype, batch.labels.dtype} == {np.dtype(np.uint8)}
    for place, index in enumerate(order(SEED, 1, SAMPLES).tolist()[:2]):
        photo = read_image(split.pairs[index].image)
        mask = np.full(photo.shape[:2], index, np.uint8)
        view, labels = augment(photo, mask, sample_rng(SEED, 1, index), SIZES)
        assert np.array_equal(batch.images[place], view)
        assert np.array_equal(batch.labels[place], labels)


def test_the_number_of_processes_changes_nothing(loader: Loader, split: Split) -> None:
    with Loader(1) as alone:
        assert_same(batches(alone, split, 7), batches(loader, split, 7))


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_a_job_goes_on_at_any_step(loader: Loader, split: Split, step: int) -> None:
    straight = batches(loader, split, step + 3)
    assert_same(batches(loader, split, 3, step=step), straight[step:])


def test_samples_of_validation_come_once_whole_and_in_order(loader: Loader, split: Split) -> None:
    samples = list(loader.samples(split))
    assert [sample.name for sample in samples] == ["s0", "s1", "s2", "s3", "s4"]
    for number, sample in enumerate(samples):
        assert np.array_equal(sample.labels, np.full((6, 8), number))
        assert np.array_equal(sample.image, read_image(split.pairs[number].image))


def test_validation_goes_between_batches(loader: Loader, split: Split) -> None:
    endless = loader.batches(split, SIZES, size=2, seed=SEED, step=0)
    before = list(islice(endless, 3))
    assert len(list(loader.samples(split))) == SAMPLES
    assert_same([*before, *islice(endless, 3)], batches(loader, split, 6))
    endless.close()


def test_the_label_map_is_applied(loader: Loader, split: Split) -> None:
    label_map = parse_label_map({"map": {"0": 4, "3": 0}}, SAMPLES, source="x")
    mapped = [sample.labels.max() for sample in loader.samples(replace(split, label_map=label_map))]
    assert mapped == [3, 255, 255, 255, 0]


@pytest.mark.parametrize("kind", ["image", "annotation"])
def test_a_file_that_vanished_since_the_check_is_named(
    tmp_path: Path, loader: Loader, kind: str
) -> None:
    split = split_of(tmp_path)
    getattr(split.pairs[3], kind).unlink()
    with pytest.raises(ClientError, match=r"^s3 changed since it was checked: a file of it "):
        batches(loader, split, 3)
    with pytest.raises(ClientError, match=r"^s3 changed since it was checked: a file of it "):
        list(loader.samples(split))
    assert len(list(loader.samples(replace(split, pairs=split.pairs[:3])))) == 3


def test_a_process_that_is_killed_ends_the_job_and_is_not_the_users_fault(split: Split) -> None:
    before: list[object] = [*multiprocessing.active_children()]
    with Loader(2) as loader:
        endless = loader.batches(split, SIZES, size=2, seed=SEED, step=0)
        next(endless)
        victim = started_since(before)[0].pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(AlgorithmError, match=r"^a process that decoded photos died"):
            deque(islice(endless, 1000))
        with pytest.raises(AlgorithmError, match=r"^a process that decoded photos died"):
            list(loader.samples(split))
    assert not started_since(before)


def test_nothing_is_started_before_it_is_needed_and_waiting_is_counted(split: Split) -> None:
    before: list[object] = [*multiprocessing.active_children()]
    with Loader(1) as loader:
        assert not started_since(before)
        assert loader.waited_s == 0
        batches(loader, split, 1)
        assert loader.waited_s > 0


def test_no_process_outlives_an_error(split: Split) -> None:
    before: list[object] = [*multiprocessing.active_children()]
    with pytest.raises(KeyError), Loader(2) as loader:  # noqa: PT012  # two steps to the error
        endless = loader.batches(split, SIZES, size=2, seed=SEED, step=0)
        next(endless)
        assert started_since(before)
        raise KeyError
    assert not started_since(before)


def test_ctrl_c_is_for_the_process_that_trains(split: Split) -> None:
    before: list[object] = [*multiprocessing.active_children()]
    with Loader(1) as loader:
        assert len(batches(loader, split, 1)) == 1
        for child in started_since(before):
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
        assert len(batches(loader, split, 9)) == 9


def test_a_sigterm_that_went_to_all_processes_stops_the_job(split: Split) -> None:
    before: list[object] = [*multiprocessing.active_children()]
    stopping: list[bool] = []
    with Loader(1, is_stopping=lambda: bool(stopping)) as loader:
        batches(loader, split, 1)
        stopping.append(True)
        for child in started_since(before):
            child.terminate()
            child.join()
        with pytest.raises(Interrupted):
            batches(loader, split, 1000)
