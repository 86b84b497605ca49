"""The CPU engine: OpenVINO on the converted graphs."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from model.cpu import has_native_bf16
from model.engines.engine import AS_THEY_ARE, LargePhotos
from model.engines.tiled import Feeds, TiledPrediction
from model.graphs import HEADS, Graphs
from model.preprocess import Fitted, fit
from model.tiling.plan import read_plan
from model.tiling.run import BODY, Tiling
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
        large: what is done about large photos.
    """

    name = "openvino"

    def __init__(
        self,
        graphs: Graphs,
        *,
        precision: str,
        threads: int,
        large: LargePhotos = AS_THEY_ARE,
    ) -> None:
        core = ov.Core()
        self.classes = graphs.identity.classes
        self.precision = precision
        self._fit = partial(fit, min_side=graphs.identity.min_side, max_side=large.max_side)
        compile_one = partial(compiled, core, threads=threads)
        # Of int8, this is for what is not quantized.
        best = "bf16" if has_native_bf16() else "f32"
        hint = best if precision == "int8" else precision
        self._tiling = Tiling(read_plan(graphs.folder), large.tile_pixels)

        def body(name: str) -> Any:
            return compile_one(str(graphs.path(name)), precision=hint, primitives=_BODY_PRIMITIVES)

        # Those for tiles join it with the first photo that needs them: they repeat its weights.
        self._body = cache(body)
        self._body(BODY)
        self._last = BODY
        # Heads stay in float32: they cost a fiftieth of the body, and bf16 would blunt every score.
        self._heads = {
            need: compile_one(str(graphs.path(need)), precision="f32", primitives=_HEAD_PRIMITIVES)
            for need in HEADS
        }

    def predict(self, image: NDArray[np.uint8]) -> TiledPrediction:
        """(H, W, 3) RGB → logits, ready to be read."""
        fitted = self._fit(image)
        tiled = self._tiling.logits(fitted.image, self._run)
        logits = self._whole(fitted.image[None]) if tiled is None else tiled
        return self._prediction(logits, fitted)

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[TiledPrediction]:
        """(H, W, 3) RGB of one shape, through the body at once → each one's logits."""
        fitted = [self._fit(image) for image in images]
        if self._tiling.cuts((fitted[0].image.shape[0], fitted[0].image.shape[1])):
            return [self.predict(image) for image in images]
        logits = self._whole(np.stack([each.image for each in fitted]))
        return [
            self._prediction(own[None].copy(), each)
            for own, each in zip(logits, fitted, strict=True)
        ]

    def _whole(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        logits: NDArray[np.float32]
        (logits,) = self._run(BODY, {"image": batch})
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

    def _run(self, name: str, feeds: Feeds) -> list[Any]:
        """A body's outputs, copies; one body at a time keeps memory for what is between."""
        if name != self._last:
            self._body(self._last).get_compiled_model().release_memory()
            self._last = name
        return list(self._body(name).infer(feeds, share_inputs=True).to_tuple())

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


def compiled(core: Any, path: str, *, precision: str, threads: int, primitives: int) -> Any:
    """An infer request: one stream on all threads answers one photo soonest."""
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": primitives,
    }
    return core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
