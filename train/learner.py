"""A network and its optimizer: one step after the other, all that they have learned in arrays.

The loss is the mean over the labelled pixels of the whole batch of -log p(label), of the head and,
times 0.5, of the auxiliary head (GluonCV's weight for it). It is written out here because GluonCV's
own passes gradients by SoftmaxOutput, which drops that weight, and divides each device's by its own
count of labelled pixels.
"""

import math
from collections.abc import Mapping
from typing import Any

import mxnet as mx
import numpy as np
from numpy.typing import NDArray

from model.metrics import IGNORED
from model.preprocess import MEAN_RGB, STD_RGB
from train.errors import ClientError
from train.hyperparameters import Hyperparameters
from train.loader import Batch

_AUX_WEIGHT = 0.5
_NAG_MOMENTUM = 0.9  # `momentum` is sgd's alone, says the guide; nag without any would be sgd


class Learner:
    """Trains one network."""

    def __init__(
        self, block: Any, chosen: Hyperparameters, contexts: tuple[Any, ...], *, step: int = 0
    ) -> None:
        """Take a network over.

        Args:
            block: with weights, on every device.
            chosen: optimizer and its settings.
            contexts: the devices.
            step: how many steps the weights have behind them.
        """
        self._block, self._contexts = block, list(contexts)
        optimizer = mx.optimizer.create(
            chosen.optimizer, begin_num_update=step, **_settings_of(chosen)
        )
        self._trainer = mx.gluon.Trainer(
            block.collect_params(),
            optimizer,
            kvstore="device" if len(contexts) > 1 else None,
            update_on_kvstore=False if len(contexts) > 1 else None,
        )
        self._loss = _Loss()
        self._loss.hybridize(static_alloc=True)

    def step(self, batch: Batch, *, rate: float, seed: int) -> float:
        """Learn from one batch.

        Args:
            batch: photos and labels.
            rate: the learning rate.
            seed: of dropout, so that a step can be done again.

        Returns:
            The loss before the step.

        Raises:
            ClientError: it is no finite number, and the weights are spoilt; or memory is short.
        """
        try:
            loss = self._step(batch, rate, seed)
        except mx.base.MXNetError as err:
            if "out of memory" not in str(err):
                raise
            msg = "the GPU's memory is too small; a smaller mini_batch_size or crop_size needs less"
            raise ClientError(msg) from err
        if not math.isfinite(loss):
            msg = f"the loss is {loss} at a learning rate of {rate:.3g}; try a lower learning_rate"
            raise ClientError(msg)
        return loss

    def _step(self, batch: Batch, rate: float, seed: int) -> float:
        mx.random.seed(seed)
        self._trainer.set_learning_rate(rate)
        counted = max(1, int(np.count_nonzero(batch.labels != IGNORED)))
        parts = [_split(array, self._contexts) for array in (batch.images, batch.labels)]
        with mx.autograd.record():
            losses = [
                self._loss(*self._block(_normalized(images)), labels.astype("float32")) / counted
                for images, labels in zip(*parts, strict=True)
            ]
        mx.autograd.backward(losses)
        self._trainer.step(1)
        return float(sum(part.asscalar() for part in losses))

    def states(self) -> dict[str, NDArray[np.float32]]:
        """What the optimizer remembers, by `<parameter>.<part>`; all devices remember the same."""
        return {
            f"{index}.{part}": array.asnumpy()
            for index, state in self._trainer._updaters[0].states.items()
            for part, array in enumerate(_parts_of(state))
        }

    def load_states(self, states: Mapping[str, NDArray[Any]]) -> None:
        """Remember what `states` gave."""
        for updater, context in zip(self._trainer._updaters, self._contexts, strict=True):
            loaded: dict[int, list[Any]] = {}
            for name in sorted(states, key=lambda name: [int(part) for part in name.split(".")]):
                index = int(name.partition(".")[0])
                array = mx.nd.array(states[name], ctx=context, dtype=np.float32)
                loaded.setdefault(index, []).append(array)
            for index, parts in loaded.items():
                updater.states[index] = parts[0] if len(parts) == 1 else tuple(parts)
                updater.states_synced[index] = True


class _Loss(mx.gluon.HybridBlock):  # type: ignore[misc]  # mxnet has no types
    """Sum over the labelled pixels of the heads' losses."""

    def hybrid_forward(self, F: Any, head: Any, aux: Any, labels: Any) -> Any:  # noqa: N803
        """Logits (B, C, S, S) of both heads and labels (B, S, S) float32 → (1,)."""
        counts = labels != IGNORED
        wrong = [
            F.pick(F.log_softmax(logits, axis=1), labels, axis=1) * counts for logits in (head, aux)
        ]
        return -F.sum(wrong[0] + _AUX_WEIGHT * wrong[1])


def _settings_of(chosen: Hyperparameters) -> dict[str, Any]:
    """The optimizer's own settings, from the hyperparameters that the guide gives it."""
    settings: dict[str, dict[str, Any]] = {
        "sgd": {"momentum": chosen.momentum, "wd": chosen.weight_decay},
        "nag": {"momentum": _NAG_MOMENTUM},
        "rmsprop": {"gamma1": chosen.gamma1, "gamma2": chosen.gamma2, "centered": True},
    }
    return settings.get(chosen.optimizer, {})


def _split(array: NDArray[np.uint8], contexts: list[Any]) -> list[Any]:
    return list(
        mx.gluon.utils.split_and_load(
            mx.nd.array(array, dtype=np.uint8), contexts, even_split=False
        )
    )


def _normalized(images: Any) -> Any:
    """(B, S, S, 3) uint8 → (B, 3, S, S) float32, as model/preprocess.py does it."""
    planes = images.transpose((0, 3, 1, 2)).astype("float32") / 255
    mean, std = (
        mx.nd.array(values, ctx=images.context).reshape((1, 3, 1, 1))
        for values in (MEAN_RGB, STD_RGB)
    )
    return (planes - mean) / std


def _parts_of(state: Any) -> tuple[Any, ...]:
    if state is None:
        return ()
    return tuple(state) if isinstance(state, (tuple, list)) else (state,)
