"""Networks as they begin; how they learn is told in test_learner.py."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
import pytest

from model.params import write_params
from tests.artifacts import Recipe, construct
from train.errors import ClientError
from train.hyperparameters import Hyperparameters
from train.network import build, load, weights_of
from train.start import BACKBONE, Start, Weights

SIDE = 32
NETWORKS = ("fcn", "psp", "deeplab", "fastscnn")

Parameters = dict[str, Any]


def chosen(algorithm: str = "fastscnn", **more: Any) -> Hyperparameters:
    return Hyperparameters(num_classes=3, num_training_samples=8, algorithm=algorithm, **more)


@pytest.fixture(scope="module")
def scratch() -> Callable[[str], Any]:
    """Networks from scratch, each built once; not to be changed."""
    return cache(lambda algorithm: build(chosen(algorithm), SIDE, (mx.cpu(),)))


def begun(start: Start, algorithm: str = "fastscnn") -> Any:
    return build(chosen(algorithm), SIDE, (mx.cpu(),), start)


def refusal(start: Start) -> str:
    with pytest.raises(ClientError) as refused:
        begun(start)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


def shaken(weights: Weights) -> Weights:
    """Others of the same names and shapes."""
    rng = np.random.default_rng(1)
    return {name: rng.random(array.shape, np.float32) for name, array in weights.items()}


def assert_same(some: Weights, others: Weights) -> None:
    assert some.keys() == others.keys()
    for name, array in some.items():
        assert np.array_equal(array, others[name]), name


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_a_step_spoilt_end_the_job(value: float) -> None:
    block = begun(Start("x"))
    spoilt = weights_of(block)["classifier.conv.bias"] + np.float32(value)
    block.collect_params(".*classifer0_conv0_bias").setattr("grad_req", "null")
    block._collect_params_with_prefix()["classifier.conv.bias"].set_data(mx.nd.array(spoilt))
    with pytest.raises(ClientError, match="no finite numbers any more; try a lower learning_rate"):
        weights_of(block)


def test_a_crop_that_no_tensor_can_hold_is_the_users_to_change() -> None:
    with pytest.raises(ClientError) as refused:
        build(chosen(), 40_000, (mx.cpu(),))
    assert str(refused.value) == (
        "no network can be built for crops of 40000 pixels; try a smaller crop_size"
    )


def lr_mults(block: Any) -> dict[str, float]:
    return {name: p.lr_mult for name, p in block._collect_params_with_prefix().items()}


@pytest.mark.parametrize("algorithm", NETWORKS)
def test_plain_gluoncv_loads_every_weight_strictly(
    scratch: Callable[[str], Any], tmp_path: Path, algorithm: str
) -> None:
    weights = weights_of(scratch(algorithm))
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}
    assert all(np.isfinite(array).all() for array in weights.values())
    write_params(tmp_path / "x.params", weights)
    network = construct(Recipe(algorithm, classes=3), SIDE)
    network.load_parameters(str(tmp_path / "x.params"))
    photo = mx.nd.random.normal(shape=(1, 3, SIDE, SIDE))
    for ours, theirs in zip(scratch(algorithm)(photo), network(photo), strict=True):
        assert ours.shape == (1, 3, SIDE, SIDE)
        np.testing.assert_allclose(ours.asnumpy(), theirs.asnumpy(), rtol=1e-3, atol=1e-3)
    mx.nd.waitall()  # oneDNN may be at the weights
    assert_same(weights_of(scratch(algorithm)), weights)


@pytest.mark.parametrize("algorithm", NETWORKS)
def test_from_scratch_all_learns_at_one_rate(scratch: Callable[[str], Any], algorithm: str) -> None:
    assert {*lr_mults(scratch(algorithm)).values()} == {1}


def test_layers_keep_the_spread_of_what_goes_through_them(scratch: Callable[[str], Any]) -> None:
    weights = weights_of(scratch("fcn"))
    for name in ("conv1.0.weight", "layer2.0.conv2.weight", "head.block.0.weight"):
        array = weights[name]  # He et al. 2015, (10): variance 2 over the inputs of an output
        assert array.std() == pytest.approx(np.sqrt(2 / array[0].size), rel=0.1)
        assert abs(array.mean()) < array.std() / 10


def test_a_backbone_lands_and_the_heads_learn_ten_times_as_fast(
    scratch: Callable[[str], Any],
) -> None:
    whole = shaken(weights_of(scratch("fcn")))
    backbone = {name: array for name, array in whole.items() if name.startswith(BACKBONE)}
    block = begun(Start("x", backbone), "fcn")
    weights = weights_of(block)
    assert_same({name: weights[name] for name in backbone}, backbone)
    assert all(np.isfinite(array).all() for array in weights.values())
    rest = {name for name in weights if name.startswith(("head.", "auxlayer."))}
    assert weights.keys() == backbone.keys() | rest
    assert lr_mults(block) == {name: 10 if name in rest else 1 for name in weights}


@pytest.mark.parametrize("prefixed", [False, True])
@pytest.mark.parametrize("algorithm", ["psp", "fastscnn"])
def test_an_earlier_jobs_weights_land_whole_and_learn_at_one_rate(
    scratch: Callable[[str], Any], algorithm: str, *, prefixed: bool
) -> None:
    """Under Gluon's dotted names, and its older prefixed ones."""
    source = scratch(algorithm)
    wanted = shaken(weights_of(source))
    parameters = source._collect_params_with_prefix()
    short = {
        name: parameters[name].name.removeprefix(source.prefix) if prefixed else name
        for name in wanted
    }
    served, aux = (
        {short[name]: array for name, array in wanted.items() if is_aux == ("auxlayer." in name)}
        for is_aux in (False, True)
    )
    assert prefixed != any("." in name for name in (*served, *aux))
    block = begun(Start("x", served, whole=True, aux=aux), algorithm)
    assert_same(weights_of(block), wanted)
    assert {*lr_mults(block).values()} == {1}


def test_an_auxiliary_head_that_the_artifact_lacks_begins_anew(
    scratch: Callable[[str], Any],
) -> None:
    wanted = shaken(weights_of(scratch("fastscnn")))
    served = {name: array for name, array in wanted.items() if "auxlayer." not in name}
    weights = weights_of(begun(Start("x", served, whole=True)))
    assert_same({name: weights[name] for name in served}, served)
    assert weights["auxlayer.block.0.weight"].std() > 0


def test_weights_that_are_not_the_networks_are_named(scratch: Callable[[str], Any]) -> None:
    whole = weights_of(scratch("fastscnn"))
    name = "classifier.conv.weight"
    lacking = {key: array for key, array in whole.items() if not key.startswith("classifier.conv")}
    assert refusal(Start("x", lacking, whole=True)) == (
        "the weights to begin with lack classifier.conv.bias and 1 more"
    )
    assert refusal(Start("x", whole | {"head.x": np.ones(2, np.float32)}, whole=True)) == (
        "the weights to begin with have 'head.x', which the network lacks"
    )
    assert refusal(Start("x", whole | {name: whole[name][:2]}, whole=True)) == (
        f"the weights to begin with: {name} has shape (2, 128, 1, 1), the network needs "
        "(3, 128, 1, 1)"
    )
    assert refusal(Start("x", whole | {name: whole[name] * np.float32("nan")}, whole=True)) == (
        f"the weights to begin with: {name} has values that are no finite numbers"
    )


def test_a_backbone_must_have_every_layer_and_is_for_no_network_without(
    scratch: Callable[[str], Any],
) -> None:
    whole = weights_of(scratch("fcn"))
    backbone = {name: array for name, array in whole.items() if name.startswith(BACKBONE)}
    assert refusal(Start("x", backbone)) == (
        "the weights to begin with have 'conv1.0.weight', which the network lacks"
    )
    del backbone["layer4.2.bn3.gamma"]
    with pytest.raises(
        ClientError, match=r"^the weights to begin with lack layer4\.2\.bn3\.gamma$"
    ):
        begun(Start("x", backbone), "fcn")


def test_what_is_loaded_is_on_every_device_and_what_they_have_is_averaged() -> None:
    pair = (mx.cpu(0), mx.cpu(1))
    block = build(chosen(), SIDE, pair)
    name = "classifier.conv.bias"
    load(block, {name: np.array([1, 2, 3], np.float64)})
    parameter = block._collect_params_with_prefix()[name]
    assert [parameter.data(context).asnumpy().tolist() for context in pair] == [[1, 2, 3]] * 2
    parameter.data(pair[1])[:] = 9
    assert weights_of(block)[name].tolist() == [5, 5.5, 6]


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("algorithm", ["fcn", "fastscnn"])
def test_batch_statistics_are_of_all_devices_where_there_is_more_than_one(
    algorithm: str, devices: int
) -> None:
    contexts = tuple(mx.cpu(index) for index in range(devices))
    norms: list[Any] = []
    block = build(chosen(algorithm, syncbn=True), SIDE, contexts)
    block.apply(lambda layer: norms.append(layer) if "Norm" in type(layer).__name__ else None)
    assert len(norms) > 20
    if devices == 1:
        assert {type(norm) for norm in norms} == {mx.gluon.nn.BatchNorm}
    else:
        assert {type(norm) for norm in norms} == {mx.gluon.contrib.nn.SyncBatchNorm}
        assert {norm._kwargs["ndev"] for norm in norms} == {2}
