"""image → the network's input, as GluonCV's segmentation preset does it.

Scaled to 0..1, minus the ImageNet mean, divided by its standard deviation, channels first. The
photo keeps its size. Source: gluoncv `data/transforms/presets/segmentation.py`.
"""

import numpy as np
from numpy.typing import NDArray

MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)


def normalize(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB → (1, 3, H, W) float32, C order, a new array."""
    height, width, channels = image.shape
    out = np.empty((1, channels, height, width), np.float32)
    for channel, (mean, std) in enumerate(zip(MEAN_RGB, STD_RGB, strict=True)):
        plane = out[0, channel]
        np.divide(image[:, :, channel], np.float32(255), out=plane)
        plane -= np.float32(mean)
        plane /= np.float32(std)
    return out


def pad_to(image: NDArray[np.uint8], min_side: int) -> NDArray[np.uint8]:
    """Repeat the last row and column until both sides have `min_side` pixels.

    Returns the image itself when it is large enough. The photo stays at the top left, so cropping
    the answer to the photo's height and width undoes it.
    """
    height, width, _ = image.shape
    rows, columns = max(0, min_side - height), max(0, min_side - width)
    if not rows and not columns:
        return image
    return np.pad(image, ((0, rows), (0, columns), (0, 0)), mode="edge")
