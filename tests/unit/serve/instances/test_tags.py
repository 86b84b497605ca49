"""Names stay within the picture and clear of each other."""

import numpy as np
import pytest

from serve.instances.tags import Tag, Thing, placed

COLOR = (200, 30, 30)


def things(seed: int, count: int, size: tuple[int, int]) -> list[Thing]:
    rng = np.random.default_rng(seed)
    found = []
    for name in range(count):
        y1, y2 = sorted(rng.integers(0, size[0] + 1, 2).tolist())
        x1, x2 = sorted(rng.integers(0, size[1] + 1, 2).tolist())
        found.append(Thing(f"thing number {name}", (x1, y1, x2 + 1, y2 + 1), COLOR))
    return found


def overlap(one: Tag, two: Tag) -> bool:
    rows = range(max(one.box[1], two.box[1]), min(one.box[3], two.box[3]))
    columns = range(max(one.box[0], two.box[0]), min(one.box[2], two.box[2]))
    return bool(rows) and bool(columns)


@pytest.mark.parametrize("size", [(300, 451), (120, 60), (60, 2000), (1080, 1920), (30, 30)])
def test_no_tag_leaves_the_picture_or_lies_over_another(size: tuple[int, int]) -> None:
    for seed in range(5):
        tags = placed(things(seed, 40, size), size)
        for place, tag in enumerate(tags):
            left, top, right, bottom = tag.box
            assert 0 <= left < right <= size[1]
            assert 0 <= top < bottom <= size[0]
            assert not any(overlap(tag, other) for other in tags[:place])


def test_a_tag_stands_on_its_box_where_there_is_room() -> None:
    (tag,) = placed([Thing("cat", (50, 100, 200, 250), COLOR, "0.98")], (300, 451))
    assert (tag.text, tag.box[0], tag.box[3]) == ("cat 0.98", 50, 100)


def test_a_tag_at_the_upper_edge_is_in_its_box() -> None:
    (tag,) = placed([Thing("cat", (50, 3, 200, 250), COLOR, "0.98")], (300, 451))
    assert tag.box[:2] == (50, 3)


def test_a_tag_at_the_right_edge_is_moved_in() -> None:
    (tag,) = placed([Thing("cat", (440, 100, 451, 250), COLOR, "0.98")], (300, 451))
    assert tag.box[2] == 451


def test_the_surer_of_two_has_the_place() -> None:
    box = (0, 40, 20, 60)
    tags = placed([Thing(f"thing {n}", box, COLOR) for n in range(9)], (300, 451))
    assert 1 < len(tags) < 9
    assert [tag.text for tag in tags] == [f"thing {n}" for n in range(len(tags))]


def test_a_long_name_is_cut_to_the_picture() -> None:
    (tag,) = placed([Thing("a very long name " * 9, (10, 100, 90, 200), COLOR)], (300, 100))
    assert tag.text.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert tag.box[2] <= 100


def test_a_small_picture_has_no_tags() -> None:
    assert placed([Thing("cat", (0, 0, 50, 50), COLOR)], (64, 500)) == []


@pytest.mark.parametrize(("width", "told"), [(300, "cat 0.98"), (60, "cat 0.98"), (44, "cat")])
def test_no_part_of_a_score_is_told(width: int, told: str) -> None:
    (tag,) = placed([Thing("cat", (0, 50, width, 200), COLOR, "0.98")], (300, width))
    assert tag.text == told


def test_a_long_name_keeps_its_score() -> None:
    (tag,) = placed([Thing("a very long name " * 9, (10, 100, 90, 200), COLOR, "0.98")], (300, 120))
    assert tag.text.startswith("a very")
    assert tag.text.endswith("… 0.98")


def test_letters_that_the_font_has_not_are_written_as_they_sound() -> None:
    (tag,) = placed([Thing("Gemüse, кот", (10, 100, 90, 200), COLOR)], (300, 451))
    assert tag.text == "Gemuse, kot"


def test_a_long_name_is_not_much_wider_than_its_box() -> None:
    (tag,) = placed([Thing("a very long name " * 9, (10, 100, 90, 200), COLOR, "0.98")], (300, 500))
    assert tag.text.endswith("… 0.98")
    assert tag.box[2] - tag.box[0] <= 0.4 * 500
