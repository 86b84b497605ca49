"""The reference engine: GluonCV's network on MXNet, at the photo's own size, in float32.

Slow and exact: the one the other engines are measured against. Nothing of a request is written onto
the network: the traced symbol takes any size (model/free_size.py), so one compiled operator serves
all photos.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.artifact import Artifact
from model.graph import PHOTO, graph_to_json
from model.networks import build_network
from model.preprocess import Fitted, fit, normalize

# oneDNN keeps what it prepared for every size it has seen, without end by default: 200 sizes of an
# FCN cost 700 MB. Bounded to two sizes of the largest network here (about 110 convolutions).
_CACHED_PRIMITIVES = "256"


class MXNetEngine:
    """See `model.engines.engine.Engine`."""

    name = "mxnet"
    precision = "f32"

    def __init__(self, artifact: Artifact, psp_bins: tuple[int, ...], *, max_side: int = 0) -> None:
        os.environ.setdefault("MXNET_MKLDNN_CACHE_NUM", _CACHED_PRIMITIVES)
        network = build_network(artifact, psp_bins)
        symbol = mx.sym.load_json(graph_to_json(network.graph))
        self.classes = artifact.classes
        min_side = artifact.hyperparams.algorithm.min_side
        self._fit = partial(fit, min_side=min_side, max_side=max_side)
        self._inputs = symbol.list_inputs()
        self._weights = {name: mx.nd.array(array) for name, array in network.weights.items()}
        self._operator = mx.nd.CachedOp(symbol)

    def predict(self, image: NDArray[np.uint8]) -> "MXNetPrediction":
        """(H, W, 3) RGB → logits, ready to be read."""
        fitted = self._fit(image)
        photo = mx.nd.array(normalize(fitted.image))
        logits = self._operator(
            *(photo if name == PHOTO else self._weights[name] for name in self._inputs)
        )
        return MXNetPrediction(logits, fitted)

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> "list[MXNetPrediction]":
        """One after another: the reference is slow and exact."""
        return [self.predict(image) for image in images]


@dataclass(frozen=True)
class MXNetPrediction:
    """See `model.engines.engine.Prediction`."""

    logits: Any
    """mx.nd.NDArray (1, C, h, w)."""
    fitted: Fitted

    @property
    def nbytes(self) -> int:
        """Of the logits."""
        return 4 * int(self.logits.size)

    def upsampled(self) -> Any:
        """Logits (1, C, H, W), by MXNet's own resize."""
        rows, columns = self.fitted.grid
        height, width = self.fitted.size
        logits = mx.nd.contrib.BilinearResize2D(self.logits, height=rows, width=columns)
        if logits.shape[2:] != self.fitted.grid:  # MXNet wraps a side at 16 bits, say
            msg = f"MXNet resized to {logits.shape[2:]} rather than {self.fitted.grid}"
            raise RuntimeError(msg)
        return logits[:, :, :height, :width]

    def mask(self) -> NDArray[np.uint8]:
        """(H, W) ids, a new array.

        The probabilities are compared, not the logits: two logits may differ where their float32
        probabilities are equal, and clients take the argmax of the probabilities.
        """
        mask: NDArray[np.uint8] = mx.nd.argmax(self._softmax(), 1).astype("uint8").asnumpy()[0]
        return mask

    def top(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(H, W) ids and their probabilities, new arrays."""
        scores = self._softmax()
        mask = mx.nd.argmax(scores, 1).astype("uint8")
        return mask.asnumpy()[0], mx.nd.max(scores, 1).asnumpy()[0]

    def top_k(self, k: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(k, H, W) ids and their probabilities, falling; new arrays."""
        scores, ids = mx.nd.topk(self._softmax(), axis=1, k=k, ret_typ="both", dtype="uint8")
        return ids.asnumpy()[0], scores.asnumpy()[0]

    def plane(self, class_id: int) -> NDArray[np.float32]:
        """(H, W) probabilities of one class, a new array."""
        plane: NDArray[np.float32] = self._softmax()[0, class_id].asnumpy()
        return plane

    def scores(self) -> NDArray[np.float32]:
        """(C, H, W) probabilities, a new array."""
        scores: NDArray[np.float32] = self._softmax().asnumpy()[0]
        return scores

    def small_scores(self, dtype: str) -> NDArray[Any]:
        """(C, H, W) probabilities as `float16` or `uint8`, a new array."""
        scores = self.scores()
        return (np.rint(scores * np.float32(255)) if dtype == "uint8" else scores).astype(dtype)

    def _softmax(self) -> Any:
        return mx.nd.softmax(self.upsampled(), axis=1)
