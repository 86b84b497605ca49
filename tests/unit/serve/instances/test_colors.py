import colorsys
from itertools import pairwise

import numpy as np

from serve.instances.colors import colors_of, thing_palette


def hue_of(color: list[int]) -> float:
    return colorsys.rgb_to_hls(*(channel / 255 for channel in color))[0]


def test_the_first_of_a_class_has_its_color_in_every_photo() -> None:
    palette = thing_palette()
    alone = colors_of(np.array([15]), palette)
    among = colors_of(np.array([0, 15, 15, 16]), palette)
    assert alone[0].tolist() == palette[15].tolist()
    assert among[[0, 1, 3]].tolist() == palette[[0, 15, 16]].tolist()


def test_things_of_a_class_share_its_hue_and_differ_all_the_same() -> None:
    colors = colors_of(np.zeros(20, np.int64), thing_palette()).tolist()
    assert len({tuple(color) for color in colors}) == 20
    hues = [hue_of(color) for color in colors]
    np.testing.assert_allclose(hues, hues[0], atol=0.02)
    near = [abs(sum(one) - sum(two)) for one, two in pairwise(colors[:6])]
    assert min(near) > 60  # of 765


def test_classes_in_a_row_differ_in_hue() -> None:
    hues = [hue_of(color) for color in thing_palette()[:80].tolist()]
    for start in range(70):
        for one in range(start, start + 11):
            for two in range(one + 1, start + 11):
                apart = abs(hues[one] - hues[two]) % 1
                assert min(apart, 1 - apart) > 0.02, (one, two)


def test_more_classes_than_colors_begin_anew() -> None:
    palette = thing_palette()
    assert colors_of(np.array([256, 300]), palette).tolist() == palette[[0, 44]].tolist()


def test_a_gray_class_has_lighter_and_darker_things() -> None:
    grays = colors_of(np.zeros(3, np.int64), np.full((256, 3), 128, np.uint8))
    assert len({tuple(color) for color in grays.tolist()}) == 3
