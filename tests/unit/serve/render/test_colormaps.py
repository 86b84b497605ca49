"""Every colormap and entry against matplotlib, which serving does without."""

import matplotlib as mpl
import numpy as np
import pytest

from serve.render import colormaps


def test_every_name_is_there() -> None:
    assert set(colormaps.names()) == set(mpl.colormaps)


@pytest.mark.parametrize("name", colormaps.names())
def test_a_map_is_matplotlibs(name: str) -> None:
    fractions = np.concatenate((np.linspace(0, 1, 2561), np.nextafter([0.1, 0.3, 0.5, 1], 0)))
    expected = np.trunc(255 * mpl.colormaps[name](fractions)[:, :3]).astype(np.uint8)
    np.testing.assert_array_equal(colormaps.colors_of(name, fractions), expected)


def test_what_lies_outside_has_the_colour_of_the_end() -> None:
    found = colormaps.colors_of("jet", np.array([-3.0, 0.0, 1.0, 7.0]))
    assert found[0].tolist() == found[1].tolist() == [0, 0, 127]
    assert found[2].tolist() == found[3].tolist() == [127, 0, 0]


def test_a_name_is_found_in_any_case() -> None:
    assert colormaps.spelled("VIRIDIS") == "viridis"
    assert colormaps.spelled("set1") == "Set1"
    assert colormaps.spelled("nope") is None
