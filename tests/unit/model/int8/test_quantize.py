"""The search, with judges that say what a test wants; what int8 is worth is measured elsewhere."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from model.int8.quantize import Task, calibrate, quantize, ranked
from model.int8.ranges import Range
from tests.small_body import image_of, tensors_of, write_small_body


@dataclass(frozen=True)
class Verdict:
    same_ids: float


@dataclass
class Judge:
    """Says what it is told to, by how many are left out."""

    says: Callable[[int], float]

    def __post_init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, folder: Path, left_out: int) -> Verdict:
        model = onnx.load(folder / "body.onnx")
        quantized = [each for each in model.graph.initializer if each.data_type == 3]
        assert sum(each.name.endswith("_q") for each in quantized) == 6 - left_out
        self.asked.append(left_out)
        return Verdict(self.says(left_out))


@pytest.fixture
def task(tmp_path: Path) -> Task:
    (tmp_path / "scratch").mkdir()
    photos = [partial(image_of, seed, 20 + seed, 30) for seed in range(3)]
    return Task(write_small_body(tmp_path), photos, tmp_path / "scratch", 1, lambda items, _: items)


def test_where_all_may_be_quantized_nothing_is_left_out_or_ranked(task: Task) -> None:
    shown: list[str] = []

    def show(items: Sequence[Any], what: str) -> Iterable[Any]:
        shown.append(what)
        return items

    judge = Judge(lambda _: 0.995)
    found = quantize(replace(task, shown=show), judge)
    assert (found.left_out, found.convolutions, found.judged) == ((), 6, Verdict(0.995))
    assert judge.asked == [0]
    assert shown == ["equalizing", "calibrating", "choosing ranges"]
    onnx.checker.check_model(found.folder / "body.onnx", full_check=True)


def test_more_is_left_out_until_it_is_enough(task: Task) -> None:
    judge = Judge({0: 0.9, 1: 0.95, 2: 0.99}.__getitem__)
    found = quantize(task, judge)
    assert judge.asked == [0, 1, 2]
    worst = ranked(task, calibrate(task))[:2]
    assert found.left_out == tuple(each.name for each in worst)


def test_at_most_half_are_left_out_and_the_best_is_taken(task: Task) -> None:
    judge = Judge({0: 0.5, 1: 0.7, 2: 0.6}.__getitem__)
    found = quantize(task, judge)
    assert judge.asked == [0, 1, 2]  # of six; the next step would be four
    assert (len(found.left_out), found.judged.same_ids) == (1, 0.7)
    assert [path.name for path in sorted(task.scratch.glob("without-*"))] == ["without-1"]


def test_of_two_alike_the_one_that_quantizes_more_is_taken(task: Task) -> None:
    assert quantize(task, Judge(lambda _: 0.8)).left_out == ()


def test_the_one_that_does_most_harm_is_first(task: Task) -> None:
    found = calibrate(task)
    coarse = {**found.ranges, "relu_deep": Range(2 * found.ranges["relu_deep"].step * 255, 0)}
    assert ranked(task, replace(found, ranges=coarse))[0].name == "conv_b"


def test_ranges_are_those_of_the_photos(task: Task) -> None:
    found = calibrate(task)
    assert set(found.ranges) == {
        "scaled",
        "relu_a",
        "relu_deep",
        "conv_b",
        "relu_c",
        "relu_sum",
    }
    scaled = found.ranges["scaled"]
    assert scaled.zero == 0
    assert scaled.step * 255 == pytest.approx(1, abs=0.02)
    path = task.scratch / "float" / "body.onnx"
    (tensor,) = tensors_of(path, task.photos[0](), "conv_b")
    off = np.abs(found.ranges["conv_b"].rounded(tensor) - tensor)
    assert off.mean() < found.ranges["conv_b"].step


def test_of_those_that_do_like_harm_the_one_of_least_work_is_first(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def logits(_task: Task, path: Path, images: Sequence[Any]) -> list[Any]:
        harm = 0.0 if path.parent.name == "float" else 1.0
        return [np.full(1, harm) for _ in images]

    monkeypatch.setattr("model.int8.quantize._logits", logits)
    names = [each.name for each in ranked(task, calibrate(task))]
    # conv_logits runs behind the pool, on a quarter of the pixels; the last three are alike.
    assert names[:3] == ["conv_logits", "conv_deep", "conv_a"]
    assert names[3:] == ["conv_b", "conv_c", "conv_d"]
