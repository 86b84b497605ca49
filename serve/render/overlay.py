"""photo and layer → one picture."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serve.render.layer import Layer


def blend(image: NDArray[np.uint8], layer: Layer) -> NDArray[np.uint8]:
    """(H, W, 3) photo under a layer of its size → (H, W, 3), rounded; Pillow's own arithmetic."""
    picture = Image.fromarray(image).copy()
    picture.paste(Image.fromarray(layer.rgb), mask=Image.fromarray(layer.opacity))
    return np.asarray(picture)


def rgba(layer: Layer) -> NDArray[np.uint8]:
    """(H, W, 4): the layer alone."""
    return np.dstack((layer.rgb, layer.opacity))
