"""Pictures of things, pixel by pixel."""

import numpy as np

from serve.instances.drawing import Look, layer_of, line_width, whole_box, with_labels

COLORS = np.array([[200, 0, 0], [0, 0, 250]], np.uint8)
IDS = np.array([[0, 1, 1, 1, 2, 2, 2, 0]] * 5, np.uint8)


def test_things_have_their_colors_and_the_rest_nothing() -> None:
    layer = layer_of(IDS, COLORS, Look(alpha=0.5, outline=0))
    assert layer.opacity[2].tolist() == [0, 127, 127, 127, 127, 127, 127, 0]
    assert layer.rgb[2, [1, 4]].tolist() == COLORS.tolist()


def test_edges_are_opaque_and_on_the_things_alone() -> None:
    layer = layer_of(IDS, COLORS, Look(alpha=0.5, outline=1))
    assert layer.opacity[2].tolist() == [0, 255, 127, 255, 255, 127, 255, 0]


def test_lines_are_as_wide_as_suits_the_picture() -> None:
    assert [line_width(size) for size in ((10, 10), (300, 451), (1080, 1920))] == [1, 1, 4]
    opacity = layer_of(IDS, COLORS, Look(alpha=0.5, outline=None)).opacity
    assert opacity[2].tolist() == [0, 255, 127, 255, 255, 127, 255, 0]


def test_a_box_is_drawn_just_inside_its_edges() -> None:
    gray = np.full((60, 80, 3), 128, np.uint8)
    drawn = with_labels(gray, np.array([[10, 20, 40, 50]], np.float32), [("", "")], COLORS[:1])
    changed = (drawn != gray).any(axis=2)
    expected = np.zeros((60, 80), bool)
    expected[20:50, 10:40] = True
    expected[21:49, 11:39] = False
    np.testing.assert_array_equal(changed, expected)
    assert (gray == 128).all()


def test_what_is_written_on_a_layer_is_opaque() -> None:
    layer = np.zeros((300, 300, 4), np.uint8)
    boxes = np.array([[50, 100, 200, 250]], np.float32)
    drawn = with_labels(layer, boxes, [("cat", "0.98")], COLORS[:1])
    assert set(np.unique(drawn[:, :, 3])) == {0, 255}
    tag = drawn[80:100, 50:110]
    assert (tag[:, :, 3] == 255).sum() > 600
    assert (tag[:, :, :3] > 180).all(axis=2).sum() > 10  # white letters


def test_boxes_in_whole_pixels_are_one_wide_and_within_the_picture() -> None:
    def at(*sides: float) -> tuple[int, int, int, int]:
        return whole_box(np.array(sides, np.float32), (60, 90))

    assert at(0, 0, 90, 60) == (0, 0, 90, 60)
    assert at(89.9, 59.9, 90, 60) == (89, 59, 90, 60)
    assert at(10.2, 10.2, 10.3, 30) == (10, 10, 11, 30)
