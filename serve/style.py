"""Options and a model's labels → what is to be drawn, with nothing left open."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serve.errors import BadOption
from serve.kinds import whole
from serve.labels import Labels
from serve.options import Colormap, Options
from serve.render import colormaps
from serve.render.palettes import Palette, palette_of

_LISTED = 30  # names in an error


@dataclass(frozen=True)
class Style:
    """How a picture of classes looks."""

    labels: Labels
    ids: tuple[int, ...]
    """Classes asked for; empty for all."""
    drawn: NDArray[np.bool_]
    """(256,) which ids are shown."""
    palette: Palette
    """Where one colour was asked for, every class has it."""
    alpha: float
    colormap: Colormap | None
    probabilistic: bool
    outline: int

    @property
    def shown(self) -> NDArray[np.bool_]:
        """(256,) ids that leave a trace: a colormap that is not dynamic covers everything."""
        if self.colormap is None or self.colormap.dynamic:
            return self.drawn
        return np.ones(256, bool)

    @property
    def colors(self) -> Palette:
        """(256, 3) what a class is shown in: the palette's colour, or the colormap's for its id."""
        if self.colormap is None or self.probabilistic:
            return self.palette
        return _colors_of_ids(self.colormap, 0, len(self.labels.names) - 1)

    def colors_in(self, mask: NDArray[np.uint8]) -> Palette:
        """(256, 3) the same in one photo, (H, W) ids, which the colormap may be spread over."""
        if self.colormap is None or self.probabilistic or not self.colormap.spans_photo:
            return self.colors
        return _colors_of_ids(self.colormap, int(mask.min()), int(mask.max()))

    @property
    def target(self) -> int | None:
        """The one class whose own probability is shown, wherever it wins or not."""
        return self.ids[0] if self.probabilistic and len(self.ids) == 1 else None


def _colors_of_ids(colormap: Colormap, lowest: int, highest: int) -> Palette:
    """(256, 3); ids beyond the bounds have the colours of the ends."""
    low = lowest if colormap.low is None else colormap.low
    high = highest if colormap.high is None else colormap.high
    span = max(high - low, 1)  # one id alone has the lowest colour
    ids = np.arange(256)
    return colormaps.colors_of(colormap.name, (ids - low) / span)


def style_of(options: Options, labels: Labels, *, alpha: float) -> Style:
    """Settle what is open.

    Args:
        options: as asked for.
        labels: of the model.
        alpha: opacity where none is asked for.

    Raises:
        BadOption: a class is none of the model's.
    """
    ids = class_ids(options, labels)
    palette = labels.palette
    if options.palette not in {None, "model"}:
        palette = palette_of(str(options.palette))
    if options.color is not None:
        palette = np.tile(np.array(options.color, np.uint8), (256, 1))
    drawn = np.isin(np.arange(256), ids) if ids else labels.drawn(background=options.background)
    return Style(
        labels=labels,
        ids=ids,
        drawn=drawn,
        palette=palette,
        alpha=alpha if options.alpha is None else options.alpha,
        colormap=options.colormap,
        probabilistic=options.probabilistic,
        outline=options.outline or 0,
    )


def check_model(options: Options, labels: Labels) -> None:
    """Refuse what the model has not, whether the type asked for would draw it or not.

    Raises:
        BadOption: a class is none of the model's, or more are asked for than there are.
    """
    class_ids(options, labels)
    if (options.topk or 0) > len(labels.names):
        allowed = whole(1, len(labels.names)).allowed
        raise BadOption(option="topk", value=str(options.topk), allowed=allowed)


def class_ids(options: Options, labels: Labels) -> tuple[int, ...]:
    """The classes asked for, each once, in order.

    Raises:
        BadOption: one is none of the model's.
    """
    whole = labels.id_of(",".join(options.class_)) if options.class_ else None
    if whole is not None:  # one name, commas and all
        return (whole,)
    found: dict[int, None] = {}
    for text in options.class_:
        class_id = labels.id_of(text)
        if class_id is None:
            raise BadOption(option="class", value=text, allowed=_allowed(labels))
        found[class_id] = None
    return tuple(found)


def _allowed(labels: Labels) -> str:
    names = labels.names[:_LISTED]
    more = ", ..." if len(labels.names) > _LISTED else ""
    numbers = labels.numbers
    return f"{numbers[0]} to {numbers[-1]}, or a name: {', '.join(names)}{more}"
