"""A photo with three classes and soft probabilities, and what is asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.red import RedPrediction

SIZE = (80, 112)

PICTURES = {
    "overlay": "image/png-overlay",
    "overlay_alpha": "image/png-overlay;alpha=0.2",
    "overlay_class": "image/png-overlay;class=dog",
    "overlay_classes": 'image/png-overlay;class="1,background"',
    "overlay_color": "image/png-overlay;class=cat;color=#00ff00",
    "overlay_background": "image/png-overlay;background=1",
    "overlay_outline": "image/png-overlay;outline=2;alpha=0",
    "overlay_palette": "image/png-overlay;palette=voc",
    "overlay_legend": "image/png-overlay;legend=1",
    "overlay_colormap": "image/png-overlay;colormap=viridis;legend=1",
    "overlay_colormap_dynamic": "image/png-overlay;colormap=jet|dynamic|0|4;class=cat",
    "overlay_confidence": "image/png-overlay;probabilistic=1;alpha=1",
    "overlay_confidence_class": "image/png-overlay;probabilistic=1;class=cat;outline=1",
    "overlay_heat": "image/png-overlay;probabilistic=1;class=cat;colormap=magma;legend=1",
    "overlay_stored": "image/png-overlay;orientation=stored",
    "mask": "image/png",
    "mask_voc": "image/png;palette=voc",
    "mask_model": "image/png;palette=model",
    "layer": "image/png-mask",
    "layer_solid": 'image/png-mask;class=1;color="0,1,1";alpha=0.8',
    "layer_confidence": 'image/png-mask;class=1;color="0,1,1";alpha=0.8;probabilistic=1',
    "layer_ids": "image/png-mask;colormap=jet|0|2;alpha=0.8",
    "layer_ids_dynamic": "image/png-mask;colormap=jet|dynamic|0|2;class=1;alpha=0.8",
    "layer_heat": "image/png-mask;probabilistic=1;class=1;colormap=jet;alpha=0.8",
    "layer_heat_dynamic": "image/png-mask;probabilistic=1;class=1;colormap=jet|dynamic;alpha=0.8",
    "jpeg": "image/jpeg-overlay;quality=60",
    "webp": "image/webp-overlay;quality=60;outline=1",
}
"""By the name of the file: what was asked for. Lossy ones are kept as they decode."""


@dataclass(frozen=True)
class SoftPrediction(RedPrediction):
    """As RedPrediction, with probabilities that fall off from left to right."""

    def scores(self) -> NDArray[np.float32]:
        """(3, H, W), the winner's from 0.5 to 1."""
        width = self.image.shape[1]
        winner = np.linspace(1, 0.5, width, dtype=np.float32)
        likely = np.eye(3, dtype=np.float32)[self.mask()].transpose(2, 0, 1)
        rest = (1 - winner) / 2
        return np.asarray(likely * (winner - rest) + rest, np.float32)


class SoftEngine:
    """Answers with SoftPrediction."""

    name = "soft"
    precision = "f32"
    classes = 3

    def predict(self, image: NDArray[np.uint8]) -> SoftPrediction:
        """(H, W, 3) RGB → by its red channel."""
        return SoftPrediction(image)

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[SoftPrediction]:
        """The same of each."""
        return [self.predict(image) for image in images]


def photo() -> NDArray[np.uint8]:
    """Two discs on a gradient."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    image = np.zeros((*SIZE, 3), np.uint8)
    image[..., 1], image[..., 2] = 2 * columns, 3 * rows
    image[..., 0] = 40
    image[(rows - 32) ** 2 + (columns - 34) ** 2 < 24**2, 0] = 150
    image[(rows - 50) ** 2 + (columns - 84) ** 2 < 20**2, 0] = 250
    return image
