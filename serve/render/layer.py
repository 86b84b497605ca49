"""mask or probabilities → a layer: a colour and an opacity for every pixel, to lay over the photo.

What the Lambda made, formula by formula, with `a` the opacity asked for, `t` one class, `c` its
colour, `M` a colormap and `p` a probability; bytes are 255 times the value without its decimals:

    winner      colour c            opacity a where the mask is t           else 0
    confidence  colour c            opacity a p_t
    winner      M((id-low)/(high-low))      a everywhere; dynamic: where the mask is t
    confidence  M(p_t)                      a everywhere; dynamic: a p_t

and the same for several classes, each in the palette's colour, where `p` is the winner's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serve.render import colormaps
from serve.style import Style


@dataclass(frozen=True)
class Layer:
    """One picture to lay over another."""

    rgb: NDArray[np.uint8]
    """(H, W, 3)."""
    opacity: NDArray[np.uint8]
    """(H, W); 255 covers."""


def winner_layer(mask: NDArray[np.uint8], style: Style) -> Layer:
    """(H, W) ids → every class in its colour, or in the colormap's for its id."""
    opaque = np.uint8(255 * style.alpha)
    opacity = np.where(style.drawn, opaque, np.uint8(0)).astype(np.uint8)
    if style.colormap is not None and not style.colormap.dynamic:
        opacity = np.full(256, opaque)
    return Layer(style.colors_in(mask)[mask], opacity[mask])


def confidence_layer(probability: NDArray[np.float32], style: Style, class_id: int) -> Layer:
    """(H, W) probabilities of one class → its colour as opaque as it is probable."""
    return _confidence(
        probability, style, np.broadcast_to(style.palette[class_id], (*probability.shape, 3))
    )


def winners_confidence_layer(
    mask: NDArray[np.uint8], top: NDArray[np.float32], style: Style
) -> Layer:
    """(H, W) ids and their probabilities → every class drawn as opaque as it is probable."""
    layer = _confidence(top, style, style.palette[mask])
    is_partial = style.colormap is None or style.colormap.dynamic
    if is_partial:
        return Layer(layer.rgb, np.where(style.drawn[mask], layer.opacity, np.uint8(0)))
    return layer


def _confidence(probability: NDArray[np.float32], style: Style, rgb: NDArray[np.uint8]) -> Layer:
    colormap = style.colormap
    if colormap is not None:
        rgb = colormaps.colors_of(colormap.name, probability)
        if not colormap.dynamic:
            return Layer(rgb, np.full(probability.shape, np.uint8(255 * style.alpha)))
    # In double precision, as the Lambda had it: a product just below a whole number stays below.
    opacity = (255 * (style.alpha * probability.astype(np.float64))).astype(np.uint8)
    return Layer(rgb, opacity)
