"""Pictures to look at: the photo with its classes laid over it, or the layer alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.engines.engine import Prediction
from serve.answers.answer import Asked, Photo, Size
from serve.answers.limits import check_scores, check_sides
from serve.encode.picture import encode_picture
from serve.render.layer import (
    Layer,
    confidence_layer,
    winner_layer,
    winners_confidence_layer,
)
from serve.render.legend import Entry, as_color, with_legend, with_scale
from serve.render.outline import with_outline
from serve.render.overlay import blend, rgba
from serve.stages import Stages
from serve.style import style_of

_OVERLAY_ALPHA, _LAYER_ALPHA = 0.5, 1.0


@dataclass(frozen=True)
class _Found:
    """What was read off a prediction."""

    layer: Callable[[], Layer]
    mask: NDArray[np.uint8] | None
    """None where nothing needs it."""


class PictureAnswer:
    """See `serve.answers.answer.Answer`.

    Args:
        asked: what for.
        file_format: Pillow's name.
        over_photo: whether the photo is beneath.

    Raises:
        BadOption: a class is asked for that is not there.
    """

    def __init__(self, asked: Asked, file_format: str, *, over_photo: bool) -> None:
        self._asked = asked
        self._format = file_format
        self._over_photo = over_photo
        alpha = _OVERLAY_ALPHA if over_photo else _LAYER_ALPHA
        self._style = style_of(asked.options, asked.labels, alpha=alpha)
        self._has_legend = asked.options.legend and over_photo

    def check(self, size: Size) -> None:
        """Within what engines count and the format holds."""
        check_scores(self._asked, size)
        check_sides(size, self._format, self._asked.media_type)

    def read(self, prediction: Prediction) -> _Found:
        """The mask, one class's plane, or both; never all scores."""
        style = self._style
        if not style.probabilistic:
            mask = prediction.mask()
            return _Found(partial(winner_layer, mask, style), mask)
        if style.target is None:
            mask, top = prediction.top()
            return _Found(partial(winners_confidence_layer, mask, top, style), mask)
        plane = prediction.plane(style.target)
        layer = partial(confidence_layer, plane, style, style.target)
        return _Found(layer, prediction.mask() if style.outline else None)

    def write(self, found: _Found, photo: Photo, stages: Stages) -> bytes:
        """PNG, JPEG or WebP."""
        image = photo.image() if self._over_photo else None
        with stages.timed("render"):
            layer = found.layer()
            if found.mask is not None:
                layer = with_outline(layer, found.mask, self._style)
            picture = rgba(layer) if image is None else blend(image, layer)
            if self._has_legend:
                picture = self._with_legend(picture, found)
        # A legend makes it wider.
        check_sides((picture.shape[0], picture.shape[1]), self._format, self._asked.media_type)
        with stages.timed("encode"):
            return encode_picture(picture, self._format, quality=self._asked.options.quality)

    def _with_legend(self, picture: NDArray[np.uint8], found: _Found) -> NDArray[np.uint8]:
        style = self._style
        if style.probabilistic and style.colormap is not None:
            title = "probability" if style.target is None else style.labels.names[style.target]
            return with_scale(picture, title, style.colormap.name)
        return with_legend(picture, self._entries(found))

    def _entries(self, found: _Found) -> list[Entry]:
        """Classes that the picture shows, by id."""
        style, names = self._style, self._style.labels.names
        shown = style.drawn
        if found.mask is not None and style.target is None:
            shown = style.shown & (np.bincount(found.mask.ravel(), minlength=256) > 0)
        ids = np.flatnonzero(shown).tolist()
        return [(names[id_], as_color(style.colors[id_])) for id_ in ids]
