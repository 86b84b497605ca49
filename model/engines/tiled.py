"""Predictions of the engines that run ONNX graphs: logits, read off tile by tile."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.upsampling import Size, Tile, tiles

Feeds = Mapping[str, NDArray[Any]]
RunHead = Callable[[str, Any, Tile, Feeds], list[NDArray[Any]]]
"""Head (model/onnx_heads.py), logits, tile, further inputs → the head's outputs for that tile."""


@dataclass(frozen=True)
class TiledPrediction:
    """See `model.engines.engine.Prediction`."""

    run_head: RunHead
    logits: Any
    """(1, C, h, w) float32, wherever the engine keeps it."""
    shape: tuple[int, int, int]
    """(C, h, w)."""
    grid: Size
    """What the logits are stretched over."""
    size: Size
    """The photo's; where it was padded, the grid is larger."""
    tile_elements: int

    @property
    def nbytes(self) -> int:
        """Of the logits."""
        return 4 * math.prod(self.shape)

    def mask(self) -> NDArray[np.uint8]:
        """(H, W) ids, a new array."""
        mask = np.empty(self.size, np.uint8)
        for tile, (ids,) in self._read("mask"):
            mask[tile.out] = ids[0]
        return mask

    def top(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(H, W) ids and their probabilities, new arrays."""
        mask, top = np.empty(self.size, np.uint8), np.empty(self.size, np.float32)
        for tile, (ids, highest) in self._read("top"):
            mask[tile.out], top[tile.out] = ids[0], highest[0]
        return mask, top

    def top_k(self, k: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(k, H, W) ids and their probabilities, falling; new arrays."""
        ids = np.empty((k, *self.size), np.uint8)
        scores = np.empty((k, *self.size), np.float32)
        for tile, (best, highest) in self._read("top_k", {"k": np.array([k], np.int64)}):
            ids[:, *tile.out], scores[:, *tile.out] = best[0], highest[0]
        return ids, scores

    def plane(self, class_id: int) -> NDArray[np.float32]:
        """(H, W) probabilities of one class, a new array."""
        plane = np.empty(self.size, np.float32)
        for tile, (part,) in self._read("plane", {"class": np.array([class_id], np.int64)}):
            plane[tile.out] = part[0]
        return plane

    def scores(self) -> NDArray[np.float32]:
        """(C, H, W) probabilities, a new array."""
        return self._all_scores("scores", np.float32)

    def small_scores(self, dtype: str) -> NDArray[Any]:
        """(C, H, W) probabilities as `float16` or `uint8`, a new array."""
        return self._all_scores({"float16": "scores_f16", "uint8": "scores_u8"}[dtype], dtype)

    def _all_scores(self, need: str, dtype: Any) -> NDArray[Any]:
        scores = np.empty((self.shape[0], *self.size), dtype)
        for tile, (part,) in self._read(need):
            scores[:, *tile.out] = part[0]
        return scores

    def _read(self, need: str, more: Feeds | None = None) -> Iterator[tuple[Tile, list[Any]]]:
        elements = self.tile_elements
        for tile in tiles(self.shape, self.grid, kept=self.size, most_elements=elements):
            yield tile, self.run_head(need, self.logits, tile, more or {})
