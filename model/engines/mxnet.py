"""The reference engine: GluonCV's network on MXNet, at the photo's own size, in float32.

Slow and exact: the one the other engines are measured against. Nothing of a request is written onto
the network: the traced symbol takes any size (model/free_size.py), so one compiled operator serves
all photos.
"""

import os
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.artifact import Artifact
from model.graph import PHOTO, graph_to_json
from model.networks import build_network
from model.preprocess import normalize, pad_to

# oneDNN keeps what it prepared for every size it has seen, without end by default: 200 sizes of an
# FCN cost 700 MB. Bounded to two sizes of the largest network here (about 110 convolutions).
_CACHED_PRIMITIVES = "256"


class MXNetEngine:
    """See `model.engines.engine.Engine`."""

    name = "mxnet"
    precision = "f32"

    def __init__(self, artifact: Artifact, psp_bins: tuple[int, ...]) -> None:
        os.environ.setdefault("MXNET_MKLDNN_CACHE_NUM", _CACHED_PRIMITIVES)
        network = build_network(artifact, psp_bins)
        symbol = mx.sym.load_json(graph_to_json(network.graph))
        self.classes = artifact.classes
        self._min_side = artifact.hyperparams.algorithm.min_side
        self._inputs = symbol.list_inputs()
        self._weights = {name: mx.nd.array(array) for name, array in network.weights.items()}
        self._operator = mx.nd.CachedOp(symbol)

    def scores(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) RGB → (C, H, W) probabilities, a new array."""
        scores: NDArray[np.float32] = self._softmax(image).asnumpy()[0]
        return scores

    def mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) RGB → (H, W) ids, a new array.

        The probabilities are compared, not the logits: two logits may differ where their float32
        probabilities are equal, and clients take the argmax of the probabilities.
        """
        ids = mx.nd.argmax(self._softmax(image), axis=1)
        mask: NDArray[np.uint8] = ids.astype("uint8").asnumpy()[0]
        return mask

    def _softmax(self, image: NDArray[np.uint8]) -> Any:
        height, width, _ = image.shape
        photo = mx.nd.array(normalize(pad_to(image, self._min_side)))
        logits = self._operator(
            *(photo if name == PHOTO else self._weights[name] for name in self._inputs)
        )
        return mx.nd.softmax(logits[:, :, :height, :width], axis=1)
