"""An engine that can be reckoned by hand."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RedPrediction:
    """Class 2 where a pixel is redder than 200, class 1 above 100, else class 0."""

    image: NDArray[np.uint8]

    def mask(self) -> NDArray[np.uint8]:
        return np.digitize(self.image[:, :, 0], [100, 200]).astype(np.uint8)

    def top(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        return self.mask(), self.scores().max(axis=0)

    @property
    def nbytes(self) -> int:
        return self.image.size

    def top_k(self, k: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        scores = self.scores()
        ids = np.argsort(-scores, axis=0, kind="stable")[:k]
        return ids.astype(np.uint8), np.take_along_axis(scores, ids, axis=0)

    def plane(self, class_id: int) -> NDArray[np.float32]:
        plane: NDArray[np.float32] = self.scores()[class_id]
        return plane

    def small_scores(self, dtype: str) -> NDArray[Any]:
        scores = self.scores()
        return (np.rint(255 * scores) if dtype == "uint8" else scores).astype(dtype)

    def scores(self) -> NDArray[np.float32]:
        likely = np.eye(3, dtype=np.float32)[self.mask()].transpose(2, 0, 1)
        return np.ascontiguousarray(likely * np.float32(0.7) + np.float32(0.1))


class RedEngine:
    """Runs when it may; notes the shape of what it saw, on which thread, and what came together.

    Of a batch, it notes the red of each photo's first pixel.
    """

    name = "red"
    precision = "f32"
    classes = 3

    def __init__(self) -> None:
        self.may_run = threading.Event()
        self.may_run.set()
        self.seen: list[tuple[int, ...]] = []
        self.batches: list[list[int]] = []
        self.threads: set[int] = set()

    def predict(self, image: NDArray[np.uint8]) -> RedPrediction:
        self.may_run.wait()
        self.seen.append(image.shape)
        self.threads.add(threading.get_ident())
        return RedPrediction(image)

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[RedPrediction]:
        self.batches.append([int(image[0, 0, 0]) for image in images])
        return [self.predict(image) for image in images]
