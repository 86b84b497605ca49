import numpy as np
import pytest

from serve.labels import labels_of
from serve.options import parse_options
from serve.render.palettes import palette_of
from serve.style import class_ids


@pytest.mark.parametrize(
    ("count", "first", "last", "palette"),
    [
        (21, "background", "tv", "voc"),
        (19, "road", "bicycle", "cityscapes"),
        (150, "wall", "flag", "ade20k"),
        (3, "class 0", "class 2", "distinct"),
    ],
)
def test_names_come_from_the_data_set_with_as_many_classes(
    count: int, first: str, last: str, palette: str
) -> None:
    labels = labels_of(count)
    assert len(labels.names) == count
    assert len(set(labels.names)) == count
    assert (labels.names[0], labels.names[-1]) == (first, last)
    np.testing.assert_array_equal(labels.palette, palette_of(palette))


def test_what_the_model_says_comes_first() -> None:
    labels = labels_of(21, tuple("abcdefghijklmnopqrstu"), tuple((i, 0, 0) for i in range(21)))
    assert labels.names[2] == "c"
    assert labels.palette[20].tolist() == [20, 0, 0]
    assert labels.palette.shape == (256, 3)


def test_names_without_colours_get_distinct_ones() -> None:
    labels = labels_of(2, ("sky", "sea"))
    np.testing.assert_array_equal(labels.palette, palette_of("distinct"))


@pytest.mark.parametrize(
    ("names", "background", "drawn"),
    [
        (("background", "cat"), None, [False, True]),
        (("Background", "cat"), None, [False, True]),
        (("road", "cat"), None, [True, True]),
        (None, None, [False, True]),
        (("background", "cat"), True, [True, True]),
        (("road", "cat"), False, [False, True]),
    ],
)
def test_class_0_is_drawn_unless_it_is_the_background(
    names: tuple[str, ...] | None, background: bool | None, drawn: list[bool]
) -> None:
    found = labels_of(2, names).drawn(background=background)
    assert found.shape == (256,)
    assert found[:2].tolist() == drawn
    assert not found[2:].any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1", 1),
        ("2", None),
        ("cat", 1),
        ("CAT", 1),
        ("dog", None),
        ("-1", None),
        ("1" * 5000, None),
        ("\u0661", None),
    ],
)
def test_a_class_is_known_by_id_and_by_name(text: str, expected: int | None) -> None:
    assert labels_of(2, ("background", "Cat")).id_of(text) == expected


def test_a_name_may_have_commas() -> None:
    labels = labels_of(2, ("Building, edifice", "sky"))
    assert labels.id_of("building,edifice") == 0
    assert class_ids(parse_options({"class": "building, Edifice"}), labels) == (0,)
    assert class_ids(parse_options({"class": "sky,0"}), labels) == (1, 0)


def test_okabe_and_itos_colours_come_first_in_distinct() -> None:
    assert palette_of("distinct")[:3].tolist() == [[0, 0, 0], [230, 159, 0], [86, 180, 233]]
