"""The CPU engine: OpenVINO on the converted graphs."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from model.cpu import has_native_bf16
from model.engines.tiled import Feeds, TiledPrediction
from model.graphs import HEADS, Graphs
from model.preprocess import Fitted, fit
from model.upsampling import Tile

# OpenVINO keeps what it prepared for each size it has seen, 5000 pieces by default: 240 sizes cost
# an FCN 600 MB. Bounded to what the largest network here needs for one size, and some; a head needs
# five, for two sizes of tile.
_BODY_PRIMITIVES = 256
_HEAD_PRIMITIVES = 16

# 8 MB of scores at a time: measured fastest from 480² to 12 megapixels, 21 and 150 classes.
_TILE_ELEMENTS = 1 << 21


class OpenVINOEngine:
    """See `model.engines.engine.Engine`. One body holds the weights; each need has a small head.

    Args:
        graphs: of the artifact.
        precision: of the body: `f32`, `bf16`, or `int8`, which takes graphs that have one.
        threads: all of them run one photo at once.
        max_side: the body sees larger photos reduced to it; 0 for never.
    """

    name = "openvino"

    def __init__(self, graphs: Graphs, *, precision: str, threads: int, max_side: int = 0) -> None:
        core = ov.Core()
        self.classes = graphs.identity.classes
        self.precision = precision
        self._fit = partial(fit, min_side=graphs.identity.min_side, max_side=max_side)
        compiled = partial(_compiled, core, threads=threads)
        body = str(graphs.path("body"))
        # Of int8, this is for what is not quantized.
        best = "bf16" if has_native_bf16() else "f32"
        hint = best if precision == "int8" else precision
        self._body = compiled(body, precision=hint, primitives=_BODY_PRIMITIVES)
        # Heads stay in float32: they cost a fiftieth of the body, and bf16 would blunt every score.
        self._heads = {
            need: compiled(str(graphs.path(need)), precision="f32", primitives=_HEAD_PRIMITIVES)
            for need in HEADS
        }

    def predict(self, image: NDArray[np.uint8]) -> TiledPrediction:
        """(H, W, 3) RGB → logits, ready to be read."""
        fitted = self._fit(image)
        return self._prediction(self._logits(fitted.image[None]), fitted)

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[TiledPrediction]:
        """(H, W, 3) RGB of one shape, through the body at once → each one's logits."""
        fitted = [self._fit(image) for image in images]
        logits = self._logits(np.stack([each.image for each in fitted]))
        return [
            self._prediction(own[None].copy(), each)
            for own, each in zip(logits, fitted, strict=True)
        ]

    def _logits(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        logits: NDArray[np.float32]
        (logits,) = self._body.infer({"image": batch}, share_inputs=True).to_tuple()
        return logits

    def _prediction(self, logits: NDArray[np.float32], fitted: Fitted) -> TiledPrediction:
        _, classes, height, width = logits.shape
        return TiledPrediction(
            run_head=self._run_head,
            logits=logits,
            shape=(classes, height, width),
            grid=fitted.grid,
            size=fitted.size,
            tile_elements=_TILE_ELEMENTS,
        )

    def _run_head(
        self, need: str, logits: NDArray[np.float32], tile: Tile, more: Feeds
    ) -> list[Any]:
        part = logits[:, :, tile.rows.source, tile.columns.source]
        feeds = {
            "logits": np.ascontiguousarray(part),
            "rows": tile.rows.matrix,
            "columns": np.ascontiguousarray(tile.columns.matrix.T),
            **more,
        }
        # The outputs are the request's own memory, valid until it runs again.
        answer = self._heads[need].infer(feeds, share_inputs=True, share_outputs=True)
        return list(answer.to_tuple())


def _compiled(core: Any, path: str, *, precision: str, threads: int, primitives: int) -> Any:
    """An infer request: one stream on all threads answers one photo soonest."""
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": primitives,
    }
    return core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
