"""What every engine promises."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """Runs one network. Called from one thread at a time; keeps nothing of a photo afterwards.

    `mask(image)` equals `scores(image).argmax(axis=0)`, ties included.
    """

    @property
    def name(self) -> str:
        """As SEG_ENGINE spells it."""

    @property
    def precision(self) -> str:
        """As SEG_PRECISION spells it."""

    @property
    def classes(self) -> int:
        """How many classes the network tells apart, 2 to 254."""

    def scores(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) RGB → (C, H, W) probabilities in 0..1 that sum to 1 over C."""

    def mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) RGB → (H, W) ids of the most probable class."""
