"""Every variable of every network is filled from the file, and from nothing else."""

import contextlib
import importlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFile

from model.algorithms import ALGORITHMS
from model.artifact import Artifact, read_artifact
from model.errors import ArtifactError
from model.free_size import POOL, RESIZE
from model.networks import Network, build_network
from model.params import read_params, write_params
from tests.artifacts import Recipe, construct, write_artifact

RECIPE = Recipe("fastscnn", "none")
LAYER = "learning_to_downsample.conv.block.1.gamma"
SIDE = 1024
Weights = Mapping[str, NDArray[Any]]
Pretend = Callable[[Recipe, Weights], Artifact]

RECIPES = [
    *(Recipe(name, "resnet-50") for name in ("fcn", "psp", "deeplab", "danet", "icnet")),
    *(Recipe(name, "resnet-101") for name in ("fcn", "psp", "deeplab")),
    Recipe("deeplabplus", "xception"),
    RECIPE,
]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """An artifact that fits."""
    folder = tmp_path_factory.mktemp("good")
    write_artifact(folder, RECIPE)
    return read_artifact(folder)


def with_weights(folder: Path, weights: Weights) -> Artifact:
    """Write FastSCNN's artifact of these arrays and read it back."""
    (folder / "hyperparams.json").write_text(json.dumps(RECIPE.hyperparams))
    write_params(folder / "model_best.params", weights)
    return read_artifact(folder)


def refusal(artifact: Artifact) -> str:
    with pytest.raises(ArtifactError) as refused:
        build_network(artifact)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


def empty_weights(block: Any) -> dict[str, NDArray[np.float32]]:
    """Return zeros of every parameter's shape, by its full name; they take no memory."""
    symbol = mx.sym.Group(list(block(mx.sym.var("data"))))
    arguments, _, auxiliary = symbol.infer_shape(data=(1, 3, SIDE, SIDE))
    names = symbol.list_arguments() + symbol.list_auxiliary_states()
    shapes = dict(zip(names, arguments + auxiliary, strict=True))
    zero = np.zeros((), np.float32)
    return {name: np.broadcast_to(zero, shapes[name]) for name in block.collect_params()}


def in_style(block: Any, style: str) -> dict[str, NDArray[np.float32]]:
    """Return those zeros by the names of one kind of file."""
    weights = empty_weights(block)
    if style == "dotted":
        parameters = block._collect_params_with_prefix()
        return {name: weights[parameter.name] for name, parameter in parameters.items()}
    if style == "prefixed":
        return {name.removeprefix(block.prefix): array for name, array in weights.items()}
    kinds = {name: "aux" if "running" in name else "arg" for name in weights}
    return {f"{kinds[name]}:{name}": array for name, array in weights.items()}


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pretend:
    """Return what reads an artifact of these weights, without a file of 200 MB.

    Nor are heads filled with random numbers, which GluonCV's constructors do.
    """
    monkeypatch.setattr(mx.gluon.Block, "initialize", lambda *_, **__: None)

    def read(recipe: Recipe, weights: Weights) -> Artifact:
        (tmp_path / "hyperparams.json").write_text(json.dumps(recipe.hyperparams))
        (tmp_path / "model_best.params").touch()
        monkeypatch.setattr("model.artifact.read_params", lambda _: weights)
        return read_artifact(tmp_path)

    return read


def variables(network: Network) -> list[str]:
    nodes = [network.graph.nodes[index] for index in network.graph.in_order()]
    return [node.name for node in nodes if node.op == "null"]


@pytest.mark.parametrize(
    "recipe", RECIPES, ids=lambda recipe: f"{recipe.algorithm}-{recipe.backbone}"
)
@pytest.mark.parametrize("style", ["dotted", "prefixed", "exported"])
def test_every_variable_of_every_network_is_found_under_every_style_of_name(
    pretend: Pretend, recipe: Recipe, style: str
) -> None:
    weights = in_style(construct(recipe, SIDE), style)
    artifact = pretend(recipe, weights)
    network = build_network(artifact)
    assert artifact.dotted == (style == "dotted")
    assert artifact.has_aux_head == bool(ALGORITHMS[recipe.algorithm].aux)
    assert sorted(variables(network)) == sorted(["data", *network.weights])
    assert len(network.weights) <= len(artifact.weights)


@pytest.mark.parametrize("algorithm", ["fcn", "psp", "deeplab"])
def test_names_of_a_process_that_built_others_before_are_found(
    pretend: Pretend, algorithm: str
) -> None:
    recipe = Recipe(algorithm)
    construct(recipe, SIDE)  # imports the class
    module, _, name = ALGORITHMS[algorithm].network.partition(".")
    network = getattr(getattr(importlib.import_module("gluoncv.model_zoo"), module), name)
    with contextlib.redirect_stdout(io.StringIO()), mx.name.NameManager():
        blocks = [network(5, pretrained_base=False, crop_size=SIDE) for _ in range(4)]
    assert blocks[3].prefix == f"{name.lower()}3_"
    weights = in_style(blocks[3], "exported")
    artifact = pretend(recipe, weights)
    assert len(build_network(artifact).weights) == len(artifact.weights)


def test_float32_weights_are_used_where_they_lie(good: Artifact) -> None:
    network = build_network(good)
    by_start = {array.ctypes.data for array in good.weights.values()}
    assert {array.ctypes.data for array in network.weights.values()} <= by_start
    assert len(network.weights) == len(good.weights)


def test_a_network_built_again_has_the_same_names(good: Artifact) -> None:
    first, second = build_network(good), build_network(good)
    assert variables(first) == variables(second)
    assert first.weights.keys() == second.weights.keys()


def test_a_half_and_a_double_precision_file_of_the_same_values_load_equal(
    tmp_path: Path, good: Artifact
) -> None:
    half = {name: array.astype(np.float16) for name, array in good.weights.items()}
    networks = []
    for dtype in (np.float16, np.float64):
        folder = tmp_path / np.dtype(dtype).name
        folder.mkdir()
        artifact = with_weights(folder, {name: a.astype(dtype) for name, a in half.items()})
        networks.append(build_network(artifact))
    assert networks[0].weights.keys() == networks[1].weights.keys()
    for name, array in networks[0].weights.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, networks[1].weights[name])


def test_one_missing_layer_is_named(tmp_path: Path, good: Artifact) -> None:
    weights = {name: array for name, array in good.weights.items() if name != LAYER}
    said = refusal(with_weights(tmp_path, weights))
    assert said == f"model_best.params lacks '{LAYER}'; fastscnn with 5 classes was expected"


def test_several_missing_layers_are_counted(tmp_path: Path, good: Artifact) -> None:
    weights = {name: good.weights[name] for name in good.weights if not name.endswith(".gamma")}
    gone = len(good.weights) - len(weights)
    said = refusal(with_weights(tmp_path, weights))
    assert said.endswith(f".gamma' and {gone - 1} more; fastscnn with 5 classes was expected")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("extra.weight", "extra.weight"),
        (f"{LAYER}2", f"{LAYER}2"),
        (LAYER.upper(), LAYER.upper()),
        ("x\n\x1b[31m.y", r"x\n\x1b[31m.y"),
        ("z" * 999, "z" * 80),
    ],
)
def test_one_layer_too_many_is_named_on_one_line(
    tmp_path: Path, good: Artifact, name: str, shown: str
) -> None:
    weights = {**good.weights, name: np.zeros(1, np.float32)}
    said = refusal(with_weights(tmp_path, weights))
    expected = f"model_best.params has the unknown layer '{shown}'; fastscnn with 5 classes"
    assert said == f"{expected} was expected"


@pytest.mark.parametrize("shape", [(3,), (33,), (32, 1), (1, 32), (0,)])
def test_a_layer_of_another_shape_is_named(
    tmp_path: Path, good: Artifact, shape: tuple[int, ...]
) -> None:
    weights = {**good.weights, LAYER: np.zeros(shape, np.float32)}
    said = refusal(with_weights(tmp_path, weights))
    expected = f"model_best.params: {LAYER} has shape {shape}, fastscnn with 5 classes"
    assert said == f"{expected} needs {good.weights[LAYER].shape}"


@pytest.mark.parametrize(
    ("written", "named", "says"),
    [
        ("psp", "fcn", "has the unknown layer 'head.psp.conv1.0.weight' and "),
        ("fcn", "psp", "lacks 'head.psp.conv1.0.weight' and "),
        ("deeplab", "psp", "lacks 'head.psp."),
        ("fcn", "deeplab", "lacks 'head.aspp."),
    ],
)
def test_the_weights_of_a_sister_algorithm_are_refused(
    pretend: Pretend, written: str, named: str, says: str
) -> None:
    weights = in_style(construct(Recipe(written), SIDE), "dotted")
    artifact = pretend(Recipe(named), weights)
    assert says in refusal(artifact)


def test_the_weights_of_another_backbone_are_refused(pretend: Pretend) -> None:
    weights = in_style(construct(Recipe("fcn", "resnet-101"), SIDE), "dotted")
    artifact = pretend(Recipe("fcn"), weights)
    assert "has the unknown layer 'layer3.10." in refusal(artifact)


def pool_sizes(network: Network) -> list[str]:
    return [node.attrs["output_size"] for node in network.graph.nodes if node.op == POOL]


def test_psp_bins_are_written_into_the_graph_of_psp(pretend: Pretend) -> None:
    weights = in_style(construct(Recipe("psp"), SIDE), "dotted")
    artifact = pretend(Recipe("psp"), weights)
    assert pool_sizes(build_network(artifact)) == ["1", "2", "3", "6"]
    assert pool_sizes(build_network(artifact, (1, 2, 3, 4))) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("recipe", [Recipe("icnet"), RECIPE])
def test_psp_bins_mean_nothing_to_other_networks(pretend: Pretend, recipe: Recipe) -> None:
    weights = in_style(construct(recipe, SIDE), "dotted")
    artifact = pretend(recipe, weights)
    sizes = pool_sizes(build_network(artifact))
    assert sizes
    assert pool_sizes(build_network(artifact, (1, 2, 3, 4))) == sizes


def test_no_size_is_left_in_a_graph(good: Artifact) -> None:
    resizes = [node for node in build_network(good).graph.nodes if node.op == RESIZE]
    assert resizes
    assert all(node.attrs == {"mode": "like"} for node in resizes)


def test_nothing_is_printed(pretend: Pretend, capfd: pytest.CaptureFixture[str]) -> None:
    weights = in_style(construct(Recipe("psp"), SIDE), "dotted")
    artifact = pretend(Recipe("psp"), weights)
    capfd.readouterr()
    build_network(artifact)
    assert capfd.readouterr() == ("", "")


def test_pillow_still_refuses_half_a_photo(monkeypatch: pytest.MonkeyPatch, good: Artifact) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as gluoncv's import leaves it
    build_network(good)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_what_mxnet_reads_from_the_file_is_what_the_network_gets(good: Artifact) -> None:
    expected = construct(RECIPE, SIDE)
    expected.load_parameters(str(good.weights_file))
    stored = read_params(good.weights_file)
    assert len(stored) > len(good.weights)  # the auxiliary head
    weights = build_network(good).weights
    found = {name.removeprefix(expected.prefix): array for name, array in weights.items()}
    for name, parameter in expected.collect_params().items():
        short = name.removeprefix(expected.prefix)
        if not short.startswith("_auxhead0_"):
            np.testing.assert_array_equal(found.pop(short), parameter.data().asnumpy())
    assert not found
