"""Layers pixel by pixel, by the formulas of serve/render/layer.py."""

import numpy as np
import pytest
from numpy.typing import NDArray

from serve.labels import Labels, labels_of
from serve.options import parse_options
from serve.render.layer import (
    Layer,
    confidence_layer,
    winner_layer,
    winners_confidence_layer,
)
from serve.style import Style, style_of

LABELS = labels_of(3, ("background", "cat", "dog"), ((0, 0, 0), (220, 60, 60), (60, 90, 220)))
MASK = np.array([[0, 1, 2]], np.uint8)
VOC = labels_of(21)


def style(labels: Labels = LABELS, **options: str) -> Style:
    renamed = {name.rstrip("_"): value for name, value in options.items()}
    return style_of(parse_options(renamed), labels, alpha=1.0)


def pixels(layer: Layer) -> list[list[int]]:
    """RGBA of the first row."""
    return np.dstack((layer.rgb, layer.opacity))[0].tolist()  # type: ignore[no-any-return]


def row(*values: float) -> NDArray[np.float32]:
    return np.array([values], np.float32)


def test_every_class_has_its_colour_and_the_background_none() -> None:
    assert pixels(winner_layer(MASK, style(alpha="0.5"))) == [
        [0, 0, 0, 0],
        [220, 60, 60, 127],
        [60, 90, 220, 127],
    ]


def test_the_background_is_drawn_when_asked_for() -> None:
    assert pixels(winner_layer(MASK, style(background="1")))[0] == [0, 0, 0, 255]


def test_only_the_classes_asked_for_are_drawn() -> None:
    opacity = winner_layer(MASK, style(class_="dog,0")).opacity
    assert opacity.tolist() == [[255, 0, 255]]


def test_one_colour_for_all_of_them() -> None:
    assert pixels(winner_layer(MASK, style(class_="1", color="#00ffff", alpha="0.8"))) == [
        [0, 255, 255, 0],
        [0, 255, 255, 204],
        [0, 255, 255, 0],
    ]


def test_one_classs_confidence_is_its_opacity_everywhere() -> None:
    cyan = style(class_="1", color="0,1,1", alpha="0.8", probabilistic="1")
    assert pixels(confidence_layer(row(0, 0.5, 1), cyan, 1)) == [
        [0, 255, 255, 0],
        [0, 255, 255, 102],
        [0, 255, 255, 204],
    ]


def test_ids_in_a_colormap_cover_everything() -> None:
    ids = np.array([[0, 14, 15]], np.uint8)
    assert pixels(winner_layer(ids, style(VOC, colormap="jet|0|15", alpha="0.8"))) == [
        [0, 0, 127, 204],
        [204, 0, 0, 204],
        [127, 0, 0, 204],
    ]
    assert pixels(winner_layer(ids, style(VOC, colormap="jet|0|24", alpha="0.8")))[1] == [
        192,
        255,
        54,
        204,
    ]


def test_a_dynamic_colormap_covers_only_what_is_asked_for() -> None:
    layer = winner_layer(MASK, style(colormap="jet|dynamic|0|2", class_="2"))
    assert pixels(layer) == [[0, 0, 127, 0], [124, 255, 121, 0], [127, 0, 0, 255]]


def test_without_bounds_a_class_keeps_its_colour_in_every_photo() -> None:
    both = winner_layer(np.array([[1, 2]], np.uint8), style(colormap="jet"))
    alone = winner_layer(np.array([[1, 1]], np.uint8), style(colormap="jet"))
    assert both.rgb[0, 0].tolist() == alone.rgb[0, 0].tolist()


def test_ids_beyond_the_bounds_have_the_colours_of_the_ends() -> None:
    layer = winner_layer(np.array([[0, 9]], np.uint8), style(VOC, colormap="jet|3|5"))
    assert layer.rgb.tolist() == [[[0, 0, 127], [127, 0, 0]]]


def test_bounds_on_one_id_give_the_lowest_colour() -> None:
    layer = winner_layer(np.array([[5]], np.uint8), style(VOC, colormap="jet|5|5"))
    assert layer.rgb.tolist() == [[[0, 0, 127]]]


def test_confidence_in_a_colormap() -> None:
    steady = style(class_="1", colormap="jet", probabilistic="1", alpha="0.8")
    assert pixels(confidence_layer(row(0, 1), steady, 1)) == [[0, 0, 127, 204], [127, 0, 0, 204]]
    dynamic = style(class_="1", colormap="jet|dynamic", probabilistic="1", alpha="0.8")
    assert pixels(confidence_layer(row(0, 1), dynamic, 1)) == [[0, 0, 127, 0], [127, 0, 0, 204]]


def test_the_winners_confidence_is_their_opacity() -> None:
    layer = winners_confidence_layer(MASK, row(0.9, 0.5, 1), style(probabilistic="1"))
    assert pixels(layer) == [[0, 0, 0, 0], [220, 60, 60, 127], [60, 90, 220, 255]]


def test_the_winners_confidence_in_a_colormap() -> None:
    everywhere = style(probabilistic="1", colormap="jet")
    layer = winners_confidence_layer(MASK, row(0, 0, 1), everywhere)
    assert layer.opacity.tolist() == [[255, 255, 255]]
    assert layer.rgb[0, 2].tolist() == [127, 0, 0]
    dynamic = style(probabilistic="1", colormap="jet|dynamic")
    assert winners_confidence_layer(MASK, row(1, 1, 1), dynamic).opacity.tolist() == [[0, 255, 255]]


@pytest.mark.parametrize("alpha", ["0", "0.001", "0.5", "0.999", "1"])
def test_bytes_are_truncated_not_rounded(alpha: str) -> None:
    opacity = winner_layer(MASK, style(alpha=alpha, background="1")).opacity
    assert opacity.tolist() == [[int(255 * float(alpha))] * 3]
    assert opacity.dtype == np.uint8
