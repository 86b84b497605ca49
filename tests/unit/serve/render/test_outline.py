import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from serve.render.layer import winner_layer
from serve.render.outline import boundary, with_outline
from tests.unit.serve.render.test_layer import style

MASK = np.array([[0, 0, 0, 1, 1, 1]], np.uint8)


def test_a_boundary_has_both_its_sides() -> None:
    assert boundary(MASK, 1).tolist() == [[False, False, True, True, False, False]]
    assert boundary(MASK, 2).tolist() == [[False, True, True, True, True, False]]


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2)),
    st.integers(1, 16),
)
def test_a_pixel_is_on_it_if_another_id_is_near(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], width: int
) -> None:
    found = boundary(mask, width)
    for row, column in np.ndindex(mask.shape):
        near = mask[
            max(0, row - width) : row + width + 1, max(0, column - width) : column + width + 1
        ]
        assert found[row, column] == (near != mask[row, column]).any()


def test_the_line_is_opaque_in_the_classs_colour_on_the_side_that_is_drawn() -> None:
    chosen = style(outline="1", alpha="0.5")
    layer = winner_layer(MASK, chosen)
    outlined = with_outline(layer, MASK, chosen)
    assert outlined.opacity.tolist() == [[0, 0, 0, 255, 127, 127]]
    assert outlined.rgb[0, 3].tolist() == [220, 60, 60]
    assert layer.opacity.tolist() == [[0, 0, 0, 127, 127, 127]]


def test_under_a_colormap_the_line_has_the_colormaps_colour() -> None:
    chosen = style(outline="1", colormap="jet|dynamic|0|1")
    outlined = with_outline(winner_layer(MASK, chosen), MASK, chosen)
    assert outlined.rgb[0, 3].tolist() == [127, 0, 0]


def test_no_outline_is_the_layer_itself() -> None:
    chosen = style()
    layer = winner_layer(MASK, chosen)
    assert with_outline(layer, MASK, chosen) is layer
