"""Pairs handed to processes; what is found in them is told in test_dataset.py."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.train.samples import write_job, write_sample
from train.check import Check, check_pairs
from train.errors import AlgorithmError
from train.job import Job
from train.label_map import parse_label_map
from train.pairs import ANNOTATION_SUFFIXES, PHOTO_SUFFIXES, Folder, find_pairs


def check_of(job: Job) -> Check:
    names = (("train", PHOTO_SUFFIXES), ("train_annotation", ANNOTATION_SUFFIXES))
    photos, annotations = (Folder(job.channels[name], name, ends) for name, ends in names)
    label_map = parse_label_map({"map": {"0": 0, "1": 1}}, 3, source="x")
    return Check(photos, annotations, label_map)


def test_many_files_go_to_processes_and_come_back_in_order(tmp_path: Path) -> None:
    job = write_job(tmp_path)
    for number in range(300):
        labels = np.full((6, 8), 9 if number == 299 else number % 3, np.uint8)
        write_sample(job, "train", f"n{number:03}", labels)
    check = check_of(job)
    pairs = find_pairs(check.photos, check.annotations).pairs
    here = check_pairs(pairs, check, workers=1)
    there = check_pairs(pairs, check, workers=2)
    assert here == there
    assert here[-1].unmapped == {9}
    assert [finding.unmapped for finding in here[2:5]] == [frozenset(), frozenset(), {2}]


def test_a_process_that_dies_is_not_the_users_fault(tmp_path: Path) -> None:
    check = replace(check_of(write_job(tmp_path)), size_of=_die)
    pair = find_pairs(check.photos, check.annotations).pairs[0]
    with pytest.raises(AlgorithmError, match=r"^a process that checked the pictures of train died"):
        check_pairs([pair] * 300, check, workers=2)


def _die(_: Path) -> tuple[int, int]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
