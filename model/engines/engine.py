"""What every engine promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

PRECISIONS = {
    "openvino": ("f32", "bf16", "int8"),
    "onnxruntime": ("f32", "f16"),
    "mxnet": ("f32",),
}
"""The engines, and what each can run in."""

MIN_TILE_PIXELS = 1 << 16
"""256²: a sixth of the side, the halo, has room for the largest stride of a network, 32."""


@dataclass(frozen=True)
class LargePhotos:
    """What is done about them, in this order; a 0 is never."""

    max_side: int = 0
    """Pixels: the network sees photos with a longer side reduced to it."""
    tile_pixels: int = 0
    """It sees those of more pixels in overlapping tiles of at most so many."""


AS_THEY_ARE = LargePhotos()
"""Nothing."""


class Prediction(Protocol):
    """What a network makes of one photo, and all that can be read off it; the network ran once.

    `nbytes` is what keeping it costs.

    H and W are the photo's own. Every array is a new one. What is read agrees to the last bit:
    `mask == scores.argmax(axis=0)`, ties included, `top == scores.max(axis=0)`,
    `plane(k) == scores[k]`.
    """

    @property
    def nbytes(self) -> int:
        """Of the logits: a few hundredths of the scores'."""

    def mask(self) -> NDArray[np.uint8]:
        """(H, W) ids of the most probable class."""

    def top(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """The mask, and (H, W) its classes' probabilities."""

    def top_k(self, k: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(k, H, W) ids of the k most probable classes and their probabilities, falling."""

    def plane(self, class_id: int) -> NDArray[np.float32]:
        """(H, W) probabilities of one class."""

    def scores(self) -> NDArray[np.float32]:
        """(C, H, W) probabilities in 0..1 that sum to 1 over C."""

    def small_scores(self, dtype: str) -> NDArray[Any]:
        """The same as `float16`, or as `uint8`: 255 times their value, rounded to even."""


class Engine(Protocol):
    """Runs one network. Called from one thread at a time, its predictions too."""

    @property
    def name(self) -> str:
        """As SEG_ENGINE spells it."""

    @property
    def precision(self) -> str:
        """As SEG_PRECISION spells it."""

    @property
    def classes(self) -> int:
        """How many classes the network tells apart, 2 to 254."""

    def predict(self, image: NDArray[np.uint8]) -> Prediction:
        """Run the network on an (H, W, 3) RGB photo."""

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> Sequence[Prediction]:
        """Run it on (H, W, 3) RGB photos of one shape at once.

        Each prediction is what the photo alone would get, in f32 within 1e-5 in probability, and
        owns its logits: keeping one keeps nothing of the others.
        """


_NO_MEMORY = ("bad_alloc", "failed to allocate", "out of memory", "memoryerror")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory ran out: Python's MemoryError, or a library's RuntimeError.

    None of the libraries has a type of its own for it. OpenVINO 2026.4 says "Failed to allocate
    48000000 bytes of memory", ONNX Runtime "std::bad_alloc" and on a GPU "Failed to allocate memory
    for requested buffer", MXNet 1.9 "Failed to allocate CPU Memory" or CUDA's "out of memory". The
    last line of a child in Python has MemoryError (model/child.py).
    """
    if isinstance(error, MemoryError):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and any(sign in words for sign in _NO_MEMORY)
