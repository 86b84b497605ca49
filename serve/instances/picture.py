"""Pictures of things to look at: over their photo, or the layer alone."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from model.instances.instances import Instances
from serve.answers.answer import Asked, Photo, Size
from serve.answers.limits import check_sides
from serve.encode.picture import encode_picture
from serve.instances.answer import InstancesAnswer
from serve.instances.colors import colors_of
from serve.instances.drawing import Look, layer_of, with_labels
from serve.instances.ids import MAX_THINGS, ids_of
from serve.instances.labels import of_things
from serve.render.legend import Entry, as_color, with_legend
from serve.render.overlay import blend, rgba
from serve.render.palettes import Palette, palette_of
from serve.stages import Stages

_OVERLAY_ALPHA, _LAYER_ALPHA = 0.5, 1.0


class InstancesPicture(InstancesAnswer):
    """Over the photo or alone, in one of Pillow's formats.

    Args:
        asked: what for.
        file_format: Pillow's name.
        over_photo: whether the photo is beneath.

    Raises:
        BadOption: a class or a numbering is asked for that is not there.
    """

    def __init__(self, asked: Asked, file_format: str, *, over_photo: bool) -> None:
        super().__init__(asked)
        options = asked.options
        self._format = file_format
        self._over_photo = over_photo
        alpha = _OVERLAY_ALPHA if over_photo else _LAYER_ALPHA
        self._look = Look(alpha if options.alpha is None else options.alpha, options.outline)
        self._has_labels = over_photo if options.labels is None else options.labels
        self._palette = asked.labels.palette
        if options.palette not in {None, "model"}:
            self._palette = of_things(palette_of(str(options.palette)))

    def check(self, size: Size) -> None:
        """Within what the format holds."""
        check_sides(size, self._format, self._asked.media_type)

    def read(self, prediction: Instances) -> Instances:
        """All that was asked for, as many as have numbers."""
        return super().read(prediction).at(slice(MAX_THINGS))

    def write(self, found: Instances, photo: Photo, stages: Stages) -> bytes:
        """PNG, JPEG or WebP."""
        image = photo.image() if self._over_photo else None
        with stages.timed("render"):
            picture = self._drawn(found, image, photo.size)
        check_sides((picture.shape[0], picture.shape[1]), self._format, self._asked.media_type)
        with stages.timed("encode"):
            return encode_picture(picture, self._format, quality=self._asked.options.quality)

    def _drawn(
        self, found: Instances, image: NDArray[np.uint8] | None, size: Size
    ) -> NDArray[np.uint8]:
        colors = self._colors(found)
        layer = layer_of(ids_of(found, self._choice, size), colors, self._look)
        picture = rgba(layer) if image is None else blend(image, layer)
        if self._has_labels:
            picture = with_labels(picture, found.boxes, self._names(found), colors)
        if self._asked.options.legend and image is not None:
            picture = with_legend(picture, self._entries(found))
        return picture

    def _colors(self, found: Instances) -> Palette:
        """(N, 3): one colour for all where one is asked for."""
        if self._asked.options.color is not None:
            return np.tile(np.array(self._asked.options.color, np.uint8), (len(found.classes), 1))
        return colors_of(found.classes, self._palette)

    def _names(self, found: Instances) -> list[tuple[str, str]]:
        """`cat` and `0.98`, which is empty where no scores are wanted."""
        names = [self._choice.labels.names[class_id] for class_id in found.classes.tolist()]
        is_wanted = self._asked.options.scores is not False
        scores = [f"{score:.2f}" if is_wanted else "" for score in found.scores.tolist()]
        return list(zip(names, scores, strict=True))

    def _entries(self, found: Instances) -> list[Entry]:
        """Classes that were found, with how many things each, by id."""
        counts = sorted(Counter(found.classes.tolist()).items())
        names = self._choice.labels.names
        firsts = self._colors(found)[[found.classes.tolist().index(id_) for id_, _ in counts]]
        return [
            (names[id_] if count == 1 else f"{names[id_]} ({count})", as_color(color))
            for (id_, count), color in zip(counts, firsts, strict=True)
        ]
