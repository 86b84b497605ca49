"""mask → indexed PNG: one channel, eight bits, the pixel is the class id.

Mode P for any number of classes, with all 256 palette entries written, so that no reader packs or
unpacks bits and none turns ids into something else (the built-in's clients read `mask == id`).
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Level 1 is several times faster than the default and a mask, mostly runs, hardly grows.
_COMPRESS_LEVEL = 1


def encode_mask(mask: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """(H, W) ids and a (256, 3) RGB palette → PNG bytes."""
    picture = Image.fromarray(mask)
    picture.putpalette(palette.tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=_COMPRESS_LEVEL)
    return buffer.getvalue()
