import numpy as np
import pytest

from serve.render.palettes import NAMES, palette_of


def test_gray_gives_each_id_its_own_gray() -> None:
    assert palette_of("gray").tolist() == [[i, i, i] for i in range(256)]


def test_voc_is_the_development_kits() -> None:
    """The 21 colours as Pascal VOC publishes them, and the border's."""
    assert palette_of("voc")[[*range(21), 255]].tolist() == [
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


@pytest.mark.parametrize("name", NAMES)
def test_a_palette_is_256_colours_that_cannot_be_changed(name: str) -> None:
    palette = palette_of(name)
    assert palette.shape == (256, 3)
    assert palette.dtype == np.uint8
    different = {tuple(colour) for colour in palette.tolist()}
    assert len(different) == (255 if name == "ade20k" else 256)  # two of ADE20K's own are the same
    with pytest.raises(ValueError, match="read-only"):
        palette[0] = 1
