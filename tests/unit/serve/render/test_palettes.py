import numpy as np
import pytest

from serve.render.palettes import PALETTES


def test_gray_gives_each_id_its_own_gray() -> None:
    assert PALETTES["gray"].tolist() == [[i, i, i] for i in range(256)]


def test_voc_is_the_development_kits() -> None:
    """The 21 colours as Pascal VOC publishes them, and the border's."""
    assert PALETTES["voc"][[*range(21), 255]].tolist() == [
        [0, 0, 0],
        [128, 0, 0],
        [0, 128, 0],
        [128, 128, 0],
        [0, 0, 128],
        [128, 0, 128],
        [0, 128, 128],
        [128, 128, 128],
        [64, 0, 0],
        [192, 0, 0],
        [64, 128, 0],
        [192, 128, 0],
        [64, 0, 128],
        [192, 0, 128],
        [64, 128, 128],
        [192, 128, 128],
        [0, 64, 0],
        [128, 64, 0],
        [0, 192, 0],
        [128, 192, 0],
        [0, 64, 128],
        [224, 224, 192],
    ]


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_is_256_colours_that_cannot_be_changed(name: str) -> None:
    palette = PALETTES[name]
    assert palette.shape == (256, 3)
    assert palette.dtype == np.uint8
    assert len({tuple(colour) for colour in palette.tolist()}) == 256
    with pytest.raises(ValueError, match="read-only"):
        palette[0] = 1
