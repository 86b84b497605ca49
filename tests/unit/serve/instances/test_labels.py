"""Names and numbers of things."""

import pytest
from gluoncv.data import COCOInstance

from serve.errors import BadOption
from serve.instances.labels import COCO_IDS, coco_names, numbered, thing_labels_of
from serve.options import Options
from serve.style import class_ids


def test_coco_has_80_names_in_its_own_order() -> None:
    assert [*coco_names()] == COCOInstance.CLASSES
    assert [coco_names()[id_] for id_ in (0, 11, 15, 79)] == [
        "person",
        "stop sign",
        "cat",
        "toothbrush",
    ]


def test_cocos_own_ids_have_ten_gaps() -> None:
    by_name = dict(zip(coco_names(), COCO_IDS, strict=True))
    known = {"person": 1, "fire hydrant": 11, "stop sign": 13, "backpack": 27, "bottle": 44}
    known |= {"dining table": 67, "toilet": 70, "tv": 72, "book": 84, "toothbrush": 90}
    assert {name: by_name[name] for name in known} == known
    assert len({*COCO_IDS}) == 80


def test_things_are_numbered_from_1() -> None:
    labels = thing_labels_of(80)
    assert [*labels.numbers] == [*range(1, 81)]
    assert not labels.has_background
    assert (labels.id_of("1"), labels.id_of("80"), labels.id_of("Cat")) == (0, 79, 15)
    assert (labels.id_of("0"), labels.id_of("81")) == (None, None)


def test_a_number_asked_for_is_of_the_numbering_asked_for() -> None:
    labels = numbered(thing_labels_of(80), Options(ids="coco"))
    assert labels.id_of("13") == 11
    assert labels.id_of("12") is None
    assert labels.numbers[79] == 90


def test_cocos_ids_are_refused_of_other_classes() -> None:
    other = thing_labels_of(2, ("car", "pedestrian"))
    assert numbered(other, Options()).names == ("car", "pedestrian")
    with pytest.raises(BadOption) as refused:
        numbered(other, Options(ids="coco"))
    assert refused.value.details["option"] == "ids"
    assert "not COCO's" in str(refused.value)


def test_a_model_without_names_has_numbers() -> None:
    assert thing_labels_of(3).names == ("class 1", "class 2", "class 3")
    assert thing_labels_of(1).names == ("class 1",)


def test_a_class_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BadOption, match=r"1 to 1, or a name: balloon$"):
        class_ids(Options(class_=("0",)), thing_labels_of(1, ("balloon",)))


def test_a_models_own_colors_are_its_classes() -> None:
    labels = thing_labels_of(2, ("car", "pedestrian"), ((1, 2, 3), (4, 5, 6)))
    assert labels.palette[:2].tolist() == [[1, 2, 3], [4, 5, 6]]
