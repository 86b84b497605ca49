import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from train.errors import ClientError
from train.label_map import LabelMap, parse_label_map, read_label_map


def parse(values: dict[str, object], num_classes: int = 21) -> LabelMap:
    return parse_label_map(values, num_classes, source="train_label_map.json")


def refusal(values: dict[str, object], num_classes: int = 21) -> str:
    with pytest.raises(ClientError) as refused:
        parse(values, num_classes)
    message = str(refused.value)
    assert len(message) < 300
    return message


def labels(label_map: LabelMap, *pixels: int) -> list[int]:
    mask = np.array([pixels], np.uint8)
    found: list[int] = label_map.labels(mask)[0].tolist()
    return found


def test_the_guides_scale() -> None:
    assert labels(parse({"scale": "3"}), 0, 3, 6) == [0, 1, 2]


def test_the_guides_map_has_labels_for_keys_and_pixels_for_values() -> None:
    assert labels(parse({"map": {"0": 5, "1": 0, "2": 2}}), 0, 5, 2) == [1, 0, 2]


def test_masks_keep_their_shape_and_are_not_changed() -> None:
    mask = np.arange(6, dtype=np.uint8).reshape(2, 3)
    found = parse({"scale": 2}).labels(mask)
    assert found.dtype == np.uint8
    assert found.tolist() == [[0, 0, 1], [1, 2, 2]]
    assert mask.tolist() == [[0, 1, 2], [3, 4, 5]]
    found[0, 0] = 9  # the caller's own


@pytest.mark.parametrize("scale", [1, "1", " 1 ", 1.0, "1.0"])
def test_spellings_of_the_default(scale: object) -> None:
    label_map = parse({"scale": scale})
    assert labels(label_map, 0, 1, 20, 255) == [0, 1, 20, 255]
    assert label_map.refused == frozenset(range(21, 255))
    assert not label_map.unmapped


@pytest.mark.parametrize(
    ("scale", "num_classes", "label"),
    [
        (1, 254, 255),
        (3, 21, 255),  # 85 is no class
        (127, 3, 255),  # 255 is no multiple: void beside 0, 127 and 254
        (255, 2, 1),  # black and white
        (85, 4, 3),
        (85, 3, 255),
        ("25.5", 11, 10),
    ],
)
def test_255_is_ignored_unless_it_is_a_class_times_the_scale(
    scale: object, num_classes: int, label: int
) -> None:
    label_map = parse({"scale": scale}, num_classes)
    assert labels(label_map, 255) == [label]
    assert 255 not in label_map.refused


def test_pixels_that_a_map_leaves_out_are_ignored_and_known() -> None:
    label_map = parse({"map": {"0": 7, "1": "9"}}, 2)
    assert labels(label_map, 7, 9, 8, 255) == [0, 1, 255, 255]
    assert label_map.unmapped == frozenset(range(255)) - {7, 9}
    assert not label_map.refused


def test_a_map_may_name_255_on_either_side() -> None:
    label_map = parse({"map": {"0": 0, "1": 255, "255": 4}}, 2)
    assert labels(label_map, 0, 255, 4) == [0, 1, 255]
    assert 4 not in label_map.unmapped


@settings(deadline=None)
@given(scale=st.integers(1, 255), num_classes=st.integers(2, 254))
def test_a_label_is_a_class_or_255_at_any_scale(scale: int, num_classes: int) -> None:
    label_map = parse({"scale": scale}, num_classes)
    for pixel in range(255):
        expected = pixel // scale
        assert (pixel in label_map.refused) == (expected >= num_classes)
        assert label_map.table[pixel] == (expected if expected < num_classes else 255)
    assert label_map.table[255] in {*range(num_classes), 255}


@settings(deadline=None)
@given(pixels=st.lists(st.integers(0, 255), min_size=1, max_size=21, unique=True))
def test_a_map_and_its_inverse(pixels: list[int]) -> None:
    label_map = parse({"map": {str(label): pixel for label, pixel in enumerate(pixels)}})
    assert labels(label_map, *pixels) == list(range(len(pixels)))
    assert pickle.loads(pickle.dumps(label_map)) == label_map  # noqa: S301  # it goes to processes


SCALES = "allowed: a number from 1 to 255"
EITHER = 'allowed: either {"scale": 3} or {"map": {"label": pixel}}'


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, f" has nothing; {EITHER}"),
        ({"Scale": 1}, f" has Scale; {EITHER}"),
        ({"scale": 1, "map": {}}, f" has scale, map; {EITHER}"),
        ({"map": [0, 1]}, f" has map; {EITHER}"),
        ({"scale": 0}, f": scale is '0'; {SCALES}"),
        ({"scale": 256}, f": scale is '256'; {SCALES}"),
        ({"scale": "0.5"}, f": scale is '0.5'; {SCALES}"),
        ({"scale": -3}, f": scale is '-3'; {SCALES}"),
        ({"scale": True}, f": scale is 'True'; {SCALES}"),
        ({"scale": "1e999999999"}, f": scale is '1e999999999'; {SCALES}"),
        ({"scale": None}, f": scale is 'None'; {SCALES}"),
        (
            {"map": {"21": 1}},
            ": label '21' is no class; allowed: 0 to 20, and 255 to ignore",
        ),
        (
            {"map": {"cat": 1}},
            ": label 'cat' is no class; allowed: 0 to 20, and 255 to ignore",
        ),
        ({"map": {"1": 256}}, ": label 1 is pixel '256'; allowed: 0 to 255"),
        ({"map": {"1": [1, 2]}}, ": label 1 is pixel '[1, 2]'; allowed: 0 to 255"),
        ({"map": {"1": -1}}, ": label 1 is pixel '-1'; allowed: 0 to 255"),
        ({"map": {"1": 5, "2": 5}}, ": pixel 5 stands for two labels"),
        ({"map": {"1": 5, "01": 6}}, ": label 1 is there twice"),
    ],
)
def test_what_cannot_be_a_label_map_is_refused(values: dict[str, object], says: str) -> None:
    assert refusal(values) == f"train_label_map.json{says}"


def test_a_file_is_read_and_called_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "validation_label_map.json"
    path.write_text(json.dumps({"scale": "2"}))
    label_map = read_label_map(path, 21)
    assert labels(label_map, 4) == [2]
    assert label_map.source == "validation_label_map.json"


def test_without_a_file_pixels_are_labels() -> None:
    label_map = read_label_map(None, 21)
    assert label_map.table == parse({"scale": 1}).table
    assert label_map.source == "the default label map"


def test_a_damaged_file_is_the_users(tmp_path: Path) -> None:
    path = tmp_path / "train_label_map.json"
    path.write_text('{"scale": ')
    with pytest.raises(ClientError, match=r"^train_label_map\.json is not valid JSON"):
        read_label_map(path, 21)
