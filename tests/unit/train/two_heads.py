"""The smallest network that can be trained: each head a linear map of a pixel's colours.

What the learner makes of it is written out here a second time, in numpy and double precision.
"""

from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.preprocess import MEAN_RGB, STD_RGB
from train.hyperparameters import Hyperparameters
from train.learner import Learner
from train.loader import Batch
from train.network import load, weights_of

CLASSES, SIDE = 4, 3
Heads = dict[str, NDArray[np.float64]]


class TwoHeads(mx.gluon.HybridBlock):  # type: ignore[misc]  # mxnet has no types
    """Logits (B, C, S, S) of the head and the auxiliary head."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        with self.name_scope():
            self.head = mx.gluon.nn.Conv2D(CLASSES, 1, in_channels=3, use_bias=False)
            self.aux = mx.gluon.nn.Conv2D(CLASSES, 1, in_channels=3, use_bias=False)
            self.dropout = mx.gluon.nn.Dropout(dropout)

    def hybrid_forward(self, F: Any, photo: Any) -> Any:  # noqa: N803  # Gluon's names
        photo = self.dropout(photo)
        return self.head(photo), self.aux(photo)


def begun(contexts: tuple[Any, ...] = (mx.cpu(),), dropout: float = 0.0) -> Any:
    """With the same weights each time."""
    block = TwoHeads(dropout)
    block.initialize(ctx=list(contexts))
    rng = np.random.default_rng(5)
    shape = (CLASSES, 3, 1, 1)
    load(block, {f"{name}.weight": rng.normal(0, 1, shape) for name in ("head", "aux")})
    return block


def heads_of(block: Any) -> Heads:
    """(C, 3) each."""
    weights = weights_of(block)
    return {name: weights[f"{name}.weight"][..., 0, 0].astype(float) for name in ("head", "aux")}


def learner_of(block: Any, optimizer: str = "sgd", *, step: int = 0, **told: Any) -> Learner:
    chosen = Hyperparameters(
        num_classes=CLASSES, num_training_samples=8, optimizer=optimizer, **told
    )
    return Learner(block, chosen, tuple(block.head.weight.list_ctx()), step=step)


def batch_of(seed: int, photos: int = 2) -> Batch:
    """A third of the pixels is to be ignored."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (photos, SIDE, SIDE, 3), np.uint8)
    labels = rng.integers(0, CLASSES, (photos, SIDE, SIDE)).astype(np.uint8)
    labels[rng.random(labels.shape) < 1 / 3] = 255
    return Batch(images, labels)


def loss_and_gradient(heads: Heads, batch: Batch) -> tuple[float, Heads]:
    """Mean over the labelled pixels of -log p of the head, and 0.5 times that of the other."""
    labelled = batch.labels != 255
    pixels = (batch.images[labelled] / 255 - MEAN_RGB) / STD_RGB
    wanted = np.eye(CLASSES)[batch.labels[labelled]]
    loss, gradient = 0.0, {}
    for name, share in (("head", 1.0), ("aux", 0.5)):
        logits = pixels @ heads[name].T
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        loss -= share * np.log((p * wanted).sum(axis=1)).mean()
        gradient[name] = share * (p - wanted).T @ pixels / len(pixels)
    return float(loss), gradient
