"""What every type of answer has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from serve.labels import Labels
from serve.options import Options
from serve.stages import Stages

Size = tuple[int, int]
"""(height, width)."""


@dataclass(frozen=True)
class Asked:
    """What a request wants of a photo."""

    media_type: str
    options: Options
    labels: Labels
    img_id: str | None = None
    """What the photo is called, where the answer is to say it."""


@dataclass(frozen=True)
class Photo:
    """The photo behind an answer."""

    size: Size
    image: Callable[[], NDArray[np.uint8]]
    """(H, W, 3) RGB; decoded once, and only when asked for."""
    engine: str = ""
    """What ran the network on it, as SEG_ENGINE spells it."""
    precision: str = ""
    """As SEG_PRECISION spells it."""


_Seen_contra = TypeVar("_Seen_contra", contravariant=True)


class Answer(Protocol[_Seen_contra]):
    """One type's way from a prediction to bytes. Made before the body is read.

    What a prediction is depends on the network: see serve/networks.py.
    """

    def check(self, size: Size) -> None:
        """Refuse a photo whose answer would not fit; nothing is decoded yet.

        Raises:
            ServeError: it would not.
        """

    def read(self, prediction: _Seen_contra) -> Any:
        """All that is needed, on the inference thread."""

    def write(self, found: Any, photo: Photo, stages: Stages) -> bytes:
        """The body, from what `read` gave; times `render` and `encode`."""
