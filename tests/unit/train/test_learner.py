"""One step after the other against the same in numpy, tests/unit/train/two_heads.py."""

from typing import Any

import mxnet as mx
import numpy as np
import pytest

from tests.unit.train.optimizers import RULES
from tests.unit.train.two_heads import (
    CLASSES,
    Heads,
    batch_of,
    begun,
    heads_of,
    learner_of,
    loss_and_gradient,
)
from train.errors import ClientError
from train.hyperparameters import Hyperparameters
from train.learner import Learner
from train.loader import Batch
from train.network import build, load, weights_of

OPTIMIZERS = tuple(RULES)
TOLD: dict[str, Any] = {"momentum": 0.8, "weight_decay": 0.05, "gamma1": 0.7, "gamma2": 0.6}
"""All of them are told to each optimizer, which is to take its own alone."""


def assert_near(heads: Heads, others: Heads, *, tolerance: float = 1e-5) -> None:
    for name, array in heads.items():
        np.testing.assert_allclose(array, others[name], rtol=tolerance, atol=tolerance)


def test_the_loss_is_the_labelled_pixels_mean_of_both_heads() -> None:
    block = begun()
    expected, _ = loss_and_gradient(heads_of(block), batch_of(1))
    assert learner_of(block).step(batch_of(1), rate=0.1, seed=0) == pytest.approx(expected)


def test_what_is_ignored_is_of_no_account() -> None:
    some, other = batch_of(1), batch_of(1)
    other.images[other.labels == 255] = 7
    blocks = [begun(), begun()]
    losses = [
        learner_of(block).step(batch, rate=0.5, seed=0)
        for block, batch in zip(blocks, (some, other), strict=True)
    ]
    assert losses[0] == pytest.approx(losses[1])
    assert_near(heads_of(blocks[0]), heads_of(blocks[1]))


def test_a_batch_without_a_label_teaches_nothing_but_weight_decay() -> None:
    block, batch = begun(), batch_of(1)
    before = heads_of(block)
    nothing = Batch(batch.images, np.full_like(batch.labels, 255))
    assert learner_of(block, weight_decay=0.25).step(nothing, rate=0.5, seed=0) == 0
    assert_near(heads_of(block), {name: array * 0.875 for name, array in before.items()})


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimizer_follows_its_formula(optimizer: str) -> None:
    block = begun()
    learner, heads = learner_of(block, optimizer, **TOLD), heads_of(block)
    memories = {name: [np.zeros_like(array)] * 3 for name, array in heads.items()}
    for number, rate in enumerate((0.1, 0.1, 0.03), start=1):
        loss, gradient = loss_and_gradient(heads, batch_of(number))
        said = learner.step(batch_of(number), rate=rate, seed=0)
        assert said == pytest.approx(loss, rel=1e-4)
        for name in heads:
            heads[name] = RULES[optimizer](
                heads[name], gradient[name], memories[name], rate, number
            )
    assert_near(heads_of(block), heads, tolerance=1e-4)


def trained(optimizer: str, steps: int) -> tuple[Any, Any]:
    block = begun()
    learner = learner_of(block, optimizer)
    for number in range(steps):
        learner.step(batch_of(number), rate=0.1, seed=number)
    return block, learner


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_learner_that_goes_on_does_what_the_first_would_have_done(optimizer: str) -> None:
    straight, _ = trained(optimizer, 5)
    block, learner = trained(optimizer, 3)
    resumed = begun()
    load(resumed, weights_of(block))
    other = learner_of(resumed, optimizer, step=3)
    other.load_states(learner.states())
    for number in (3, 4):
        other.step(batch_of(number), rate=0.1, seed=number)
    assert_near(heads_of(resumed), heads_of(straight), tolerance=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_an_optimizer_remembers_matters(optimizer: str) -> None:
    straight, _ = trained(optimizer, 4)
    block, _ = trained(optimizer, 3)
    learner_of(block, optimizer, step=3).step(batch_of(3), rate=0.1, seed=3)
    with pytest.raises(AssertionError):
        assert_near(heads_of(block), heads_of(straight), tolerance=1e-3)


def test_two_devices_learn_as_one_would() -> None:
    """Of three photos one device has two, and each another number of labelled pixels."""
    pair = (mx.cpu(0), mx.cpu(1))
    one, two = begun(), begun(pair)
    learners = [learner_of(block) for block in (one, two)]
    for number in range(3):
        batch = batch_of(number, photos=3)
        batch.labels[0] = 255
        losses = [learner.step(batch, rate=0.1, seed=0) for learner in learners]
        assert losses[0] == pytest.approx(losses[1])
    assert_near(heads_of(one), heads_of(two))
    on_each = [two.head.weight.data(context).asnumpy() for context in pair]
    np.testing.assert_allclose(on_each[0], on_each[1], rtol=1e-6)
    resumed = begun(pair)
    load(resumed, weights_of(two))
    learners[1] = learner_of(resumed, step=3)
    learners[1].load_states(learners[0].states())
    for learner in learners:
        learner.step(batch_of(3, photos=3), rate=0.1, seed=0)
    assert_near(heads_of(one), heads_of(resumed))


def test_dropout_goes_by_the_seed() -> None:
    losses = [
        learner_of(begun(dropout=0.5)).step(batch_of(1), rate=0.1, seed=seed) for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_a_loss_that_is_no_number_names_the_hyperparameter() -> None:
    learner = learner_of(begun())
    learner.step(batch_of(1), rate=1e38, seed=0)
    with pytest.raises(
        ClientError, match=r"^the loss is inf at .* 0\.5; try a lower learning_rate"
    ):
        learner.step(batch_of(1), rate=0.5, seed=0)


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ("cudaMalloc retry failed: out of memory", ClientError, "a smaller mini_batch_size or"),
        ("Check failed: e == cudaSuccess", mx.base.MXNetError, "Check failed"),
    ],
)
def test_memory_that_is_short_is_told_apart_from_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, said: str, error: type[Exception], message: str
) -> None:
    def backward(_: object) -> None:
        raise mx.base.MXNetError(said)

    monkeypatch.setattr(mx.autograd, "backward", backward)
    with pytest.raises(error, match=message):
        learner_of(begun()).step(batch_of(1), rate=0.1, seed=0)


def test_a_real_networks_step_goes_down_the_slope_of_its_loss() -> None:
    """By a central difference of one bias of either head; dropout is the seed's."""
    chosen = Hyperparameters(num_classes=CLASSES, num_training_samples=8, algorithm="fastscnn")
    mx.random.seed(3)
    block = build(chosen, 32, (mx.cpu(),))
    learner = Learner(block, chosen, (mx.cpu(),))
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (4, 32, 32, 3), np.uint8)
    batch = Batch(images, rng.integers(0, CLASSES, (4, 32, 32)).astype(np.uint8))
    before = weights_of(block)
    slopes = {}
    for name in ("classifier.conv.bias", "auxlayer.block.4.bias"):
        losses = []
        for change in (-0.05, 0.05):
            load(block, {name: before[name] + np.array([change, 0, 0, 0])})
            losses.append(learner.step(batch, rate=0, seed=1))
        load(block, before)
        slopes[name] = (losses[1] - losses[0]) / 0.1
    learner.step(batch, rate=0.5, seed=1)
    after = weights_of(block)
    for name, slope in slopes.items():
        assert abs(slope) > 0.01
        assert (before[name] - after[name])[0] / 0.5 == pytest.approx(slope, rel=0.01)
