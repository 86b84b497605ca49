"""Who runs next, and with whom."""

import numpy as np
import pytest

from serve.errors import InferenceFailed
from serve.visit import Visit
from serve.waiting import BatchLimit, Job, Waiting, next_batch
from tests.red import RedPrediction


def job(height: int, width: int) -> Job:
    return Job(np.broadcast_to(np.uint8(0), (height, width, 3)), lambda _: None, Visit("id"))


def known() -> Job:
    return Job(RedPrediction(np.zeros((2, 2, 3), np.uint8)), lambda _: None, Visit("id"))


def places(jobs: list[Job], most: int) -> list[int]:
    return [jobs.index(each) for each in next_batch(jobs, BatchLimit(most))]


def test_photos_of_the_first_ones_shape_run_with_it_and_no_others() -> None:
    a, b = job(2, 3), job(3, 2)
    assert places([a, b, job(2, 3), known(), job(2, 3), b, job(2, 3)], 8) == [0, 2, 4, 6]
    assert places([b, a, a], 8) == [0]
    assert next_batch([], BatchLimit(8)) == []


def test_what_is_known_already_is_read_off_alone() -> None:
    assert places([known(), known(), job(2, 3)], 8) == [0]


def test_the_first_may_be_taken_alone_whatever_it_is() -> None:
    waiting = Waiting()
    flat = Job(np.zeros((2, 3), np.uint8), lambda _: None, Visit("id"))  # no photo has two axes
    after = job(2, 3)
    for each in (flat, after):
        waiting.put(each)
    with pytest.raises(ValueError, match="unpack"):
        waiting.take(BatchLimit(8))
    assert waiting.take_first() == [flat]
    assert waiting.take(BatchLimit(8)) == [after]
    assert waiting.take_first() == []


@pytest.mark.parametrize(
    ("waiting", "most", "expected"),
    [(1, 8, 1), (2, 8, 2), (3, 8, 2), (4, 8, 4), (7, 8, 4), (8, 8, 8), (9, 8, 8), (9, 1, 1)],
)
def test_a_batch_has_a_power_of_two(waiting: int, most: int, expected: int) -> None:
    assert places([job(2, 3) for _ in range(waiting)], most) == list(range(expected))


def test_a_batch_has_so_many_pixels_at_most_and_one_photo_any_number() -> None:
    limit = BatchLimit(8, 2 * 500 * 700)
    assert len(next_batch([job(500, 700) for _ in range(4)], limit)) == 2
    assert len(next_batch([job(500, 701) for _ in range(4)], limit)) == 1
    assert len(next_batch([job(5000, 5000) for _ in range(4)], limit)) == 1


def test_one_of_another_shape_is_overtaken_by_one_batch_alone() -> None:
    waiting, other = Waiting(), job(3, 2)
    same = [job(2, 3) for _ in range(6)]
    for each in (same[0], other, *same[1:]):
        waiting.put(each)
    assert waiting.take(BatchLimit(4)) == same[:4]
    assert waiting.take(BatchLimit(4)) == [other]
    assert waiting.take(BatchLimit(4)) == same[4:]
    assert waiting.take(BatchLimit(4)) == []


def test_what_would_end_a_thread_is_told_as_a_failure() -> None:
    taken = job(1, 1)
    taken.fail(SystemExit(1))
    failed = taken.answer.exception()
    assert isinstance(failed, InferenceFailed)
    assert isinstance(failed.__cause__, SystemExit)
    taken.fail(ValueError())  # told already
    assert taken.answer.exception() is failed
