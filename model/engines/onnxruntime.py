"""The GPU engine: ONNX Runtime on the converted graphs; on its CPU provider where there is no GPU.

On a GPU the logits stay there: the heads upsample them and take the argmax beside them, and what
comes back is what was asked for, a byte a pixel for a mask.
"""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from model.engines.engine import AS_THEY_ARE, LargePhotos
from model.engines.tiled import Feeds, TiledPrediction
from model.graphs import HEADS, Graphs
from model.preprocess import Fitted, fit
from model.tiling.plan import read_plan
from model.tiling.run import BODY, Tiling
from model.upsampling import Tile

# Scores at a time: a whole photo of 3 megapixels and 21 classes on a GPU (256 MB), as OpenVINO's
# on a CPU.
_TILE_ELEMENTS = {"cuda": 1 << 26, "cpu": 1 << 21}


class ONNXRuntimeEngine:
    """See `model.engines.engine.Engine`.

    Args:
        graphs: of the artifact.
        precision: `f32` or `f16`, of the body.
        threads: for what runs on the CPU.
        large: what is done about large photos.
        device: `cuda` or `cpu`.

    Raises:
        RuntimeError: the device cannot be used.
    """

    name = "onnxruntime"

    def __init__(
        self,
        graphs: Graphs,
        *,
        precision: str,
        threads: int,
        large: LargePhotos = AS_THEY_ARE,
        device: str,
    ) -> None:
        self.classes = graphs.identity.classes
        self.precision = precision
        self._device = device
        self._fit = partial(fit, min_side=graphs.identity.min_side, max_side=large.max_side)
        self._tiling = Tiling(read_plan(graphs.folder), large.tile_pixels)
        if device == "cuda":
            ort.preload_dlls()  # CUDA and cuDNN, where they came as Python packages
        open_session = partial(session_of, threads=threads, device=device)

        def body(name: str) -> Any:
            path = graphs.path(name)
            return open_session(str(path) if precision == "f32" else in_f16(path))

        # Those for tiles join it with the first photo that needs them: they repeat its weights.
        self._body = cache(body)
        self._body(BODY)
        self._heads = {need: open_session(str(graphs.path(need))) for need in HEADS}

    def predict(self, image: NDArray[np.uint8]) -> TiledPrediction:
        """(H, W, 3) RGB → logits on the device, ready to be read."""
        fitted = self._fit(image)
        tiled = self._tiling.logits(fitted.image, self._run_tile)
        if tiled is None:
            return self._prediction(self._whole(fitted.image[None]), fitted)
        return self._prediction(ort.OrtValue.ortvalue_from_numpy(tiled, self._device), fitted)

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[TiledPrediction]:
        """(H, W, 3) RGB of one shape, through the body at once → each one's logits."""
        fitted = [self._fit(image) for image in images]
        if self._tiling.cuts((fitted[0].image.shape[0], fitted[0].image.shape[1])):
            return [self.predict(image) for image in images]
        logits = self._whole(np.stack([each.image for each in fitted])).numpy()
        # By way of the host: ONNX Runtime has no view of a part, and logits are a few 100 KB.
        return [
            self._prediction(ort.OrtValue.ortvalue_from_numpy(own[None].copy(), self._device), each)
            for own, each in zip(logits, fitted, strict=True)
        ]

    def _whole(self, batch: NDArray[np.uint8]) -> Any:
        """Logits that stay on the device."""
        body = self._body(BODY)
        binding = body.io_binding()
        binding.bind_cpu_input("image", np.ascontiguousarray(batch))
        binding.bind_output("logits", self._device)
        body.run_with_iobinding(binding)
        (logits,) = binding.get_outputs()
        return logits

    def _prediction(self, logits: Any, fitted: Fitted) -> TiledPrediction:
        _, classes, height, width = logits.shape()
        return TiledPrediction(
            run_head=self._run_head,
            logits=logits,
            shape=(classes, height, width),
            grid=fitted.grid,
            size=fitted.size,
            tile_elements=_TILE_ELEMENTS[self._device],
        )

    def _run_tile(self, name: str, feeds: Feeds) -> list[Any]:
        """A body's outputs, on the host: they are pieces of the photo's."""
        return list(self._body(name).run(None, dict(feeds)))

    def _run_head(self, need: str, logits: Any, tile: Tile, more: Feeds) -> list[Any]:
        head = self._heads[need]
        binding = head.io_binding()
        shape = (tile.rows.matrix.shape[1], tile.columns.matrix.shape[1])
        if tuple(logits.shape()[2:]) == shape:  # the tile is the whole photo
            binding.bind_ortvalue_input("logits", logits)
        else:
            part = logits.numpy()[:, :, tile.rows.source, tile.columns.source]
            binding.bind_cpu_input("logits", np.ascontiguousarray(part))
        binding.bind_cpu_input("rows", tile.rows.matrix)
        binding.bind_cpu_input("columns", np.ascontiguousarray(tile.columns.matrix.T))
        for name, array in more.items():
            binding.bind_cpu_input(name, array)
        for output in head.get_outputs():
            binding.bind_output(output.name)
        head.run_with_iobinding(binding)
        return list(binding.copy_outputs_to_cpu())


def session_of(model: str | bytes, *, threads: int, device: str) -> Any:
    """A session on `cuda` or `cpu`; RuntimeError where the device cannot be used."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False  # planned for one size, kept for each; photos have many
    options.enable_cpu_mem_arena = False  # would keep the largest photo's memory for good
    options.log_severity_level = 3
    wanted, *_ = providers = _PROVIDERS[device]
    session = ort.InferenceSession(model, options, providers=providers)
    name = wanted[0]
    if name not in session.get_providers():  # it falls back to the CPU without a word
        msg = f"ONNX Runtime {ort.__version__} cannot use {name}: see which CUDA it was built for"
        raise RuntimeError(msg)
    return session


_CPU: tuple[str, dict[str, str]] = ("CPUExecutionProvider", {})
_PROVIDERS = {
    "cpu": [_CPU],
    "cuda": [
        (
            "CUDAExecutionProvider",
            {
                "use_tf32": "0",  # f32 means f32
                "cudnn_conv_algo_search": "HEURISTIC",  # a search would be repeated for every size
                "arena_extend_strategy": "kSameAsRequested",
            },
        ),
        _CPU,
    ],
}


def in_f16(path: Path) -> bytes:
    """The graph with its convolutions in float16, whole in memory: 2 bytes a weight."""
    # Needed on GPUs alone; brings the onnx package along.
    import onnx  # noqa: PLC0415

    from model.onnx_half import in_half  # noqa: PLC0415

    serialized: bytes = in_half(onnx.load(path)).SerializeToString()
    return serialized
