"""Which things are told of: by score and by class."""

import numpy as np
import pytest

from model.instances.instances import Instances, none_found
from serve.instances.choice import choice_of
from serve.instances.ids import ids_of
from serve.instances.labels import thing_labels_of
from serve.options import Options

LABELS = thing_labels_of(80)


def found(*scores: float, classes: tuple[int, ...] | None = None) -> Instances:
    count = len(scores)
    boxes = np.tile(np.array([0, 0, 4, 4], np.float32), (count, 1))
    return Instances(
        boxes=boxes,
        classes=np.array(classes or [0] * count, np.int64),
        scores=np.array(scores, np.float32),
        masks=np.ones((count, 28, 28), np.float32),
        mask_boxes=boxes,
    )


@pytest.mark.parametrize(
    ("threshold", "told"),
    [(None, 3), (0.8, 1), (0.75, 2), (0.0, 5), (1.0, 0), (0.2, 4), (0.7, 2)],
)
def test_a_score_is_told_of_from_the_threshold_on(threshold: float | None, told: int) -> None:
    things = found(0.8, 0.75, 0.5, 0.2, 0.1)
    choice = choice_of(Options(score_threshold=threshold), LABELS)
    assert choice.of(things).scores.tolist() == things.scores[:told].tolist()


def test_a_threshold_in_tenths_is_reached_by_a_score_in_tenths() -> None:
    for tenth in range(11):
        choice = choice_of(Options(score_threshold=tenth / 10), LABELS)
        assert len(choice.of(found(tenth / 10)).scores) == 1


def test_classes_are_picked_by_name_and_number() -> None:
    things = found(0.9, 0.8, 0.7, classes=(15, 16, 0))
    assert choice_of(Options(class_=("dog", "1")), LABELS).of(things).classes.tolist() == [16, 0]
    assert choice_of(Options(class_=("zebra",)), LABELS).of(things).classes.tolist() == []


def test_nothing_found_is_nothing_told() -> None:
    choice = choice_of(Options(), LABELS)
    assert len(choice.of(none_found()).scores) == 0
    assert not ids_of(none_found(), choice, (3, 4)).any()


def test_the_surer_thing_is_seen_where_two_overlap() -> None:
    things = found(0.9, 0.8)
    things.boxes[1] = [2, 0, 6, 4]
    ids = ids_of(things, choice_of(Options(), LABELS), (4, 8))
    assert ids.tolist() == [[1, 1, 1, 1, 2, 2, 0, 0]] * 4


def test_of_more_than_255_things_the_surest_have_numbers() -> None:
    things = found(*np.linspace(1, 0.6, 300).tolist())
    things.boxes[:] = [[place, 0, place + 1, 1] for place in range(300)]
    ids = ids_of(things, choice_of(Options(), LABELS), (1, 300))
    assert ids[0].tolist() == [*range(1, 256), *[0] * 45]
