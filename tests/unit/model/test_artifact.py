"""Model directories, with weights that MXNet itself wrote."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
import pytest

from model.algorithms import ALGORITHMS
from model.artifact import Artifact, read_artifact
from model.errors import ArtifactError
from tests.artifacts import Recipe, construct, write_artifact

RECIPE = Recipe("fastscnn", "none")
CLASSIFIER = "classifier.conv.weight"
HYPERPARAMS = {"algorithm": "fastscnn"}
BOTH_MISSING = "model_best.params and model_algo-1 are both missing from the model directory"


def conv(filters: int, dtype: str = "float32") -> Any:
    """Return the weights of a 1x1 convolution of two channels."""
    return mx.nd.ones((filters, 2, 1, 1), dtype=dtype)


def write(
    folder: Path,
    arrays: Mapping[str, Any],
    hyperparams: Mapping[str, object] = HYPERPARAMS,
    name: str = "model_best.params",
) -> Path:
    """Write an artifact of these arrays only; the network is not asked for its others here."""
    folder.mkdir(exist_ok=True)
    (folder / "hyperparams.json").write_text(json.dumps(hyperparams))
    mx.nd.save(str(folder / name), dict(arrays))
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(ArtifactError) as refused:
        read_artifact(folder)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 300
    return message


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A FastSCNN with weights, as GluonCV builds it."""
    return write_artifact(tmp_path_factory.mktemp("written"), RECIPE)


@pytest.fixture(scope="module")
def dotted(tmp_path_factory: pytest.TempPathFactory, block: Any) -> Artifact:
    """What the built-in algorithm's own form of that network's weights reads as."""
    folder = tmp_path_factory.mktemp("dotted")
    (folder / "hyperparams.json").write_text(json.dumps(RECIPE.hyperparams))
    block.save_parameters(str(folder / "model_best.params"))
    return read_artifact(folder)


def assert_same_values(found: Artifact, expected: Artifact) -> None:
    """Compare the values, in file order, whatever their names."""
    pairs = zip(found.weights.values(), expected.weights.values(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_an_artifact_of_the_built_ins_form_is_read(dotted: Artifact) -> None:
    assert dotted.hyperparams.algorithm is ALGORITHMS["fastscnn"]
    assert dotted.hyperparams.num_classes == dotted.classes == 5
    assert dotted.weights_file == dotted.folder / "model_best.params"
    assert dotted.dotted
    assert dotted.has_aux_head
    assert dotted.weights[CLASSIFIER].shape == (5, 128, 1, 1)
    assert not any(name.startswith("auxlayer.") for name in dotted.weights)


def test_weights_are_read_only(dotted: Artifact) -> None:
    assert not any(array.flags.writeable for array in dotted.weights.values())


def test_prefixed_names_are_read(tmp_path: Path, dotted: Artifact, block: Any) -> None:
    write(tmp_path, {"replaced": conv(5)})
    path = str(tmp_path / "model_best.params")
    block.collect_params().save(path, strip_prefix=block.prefix)
    found = read_artifact(tmp_path)
    assert not found.dotted
    assert found.has_aux_head
    assert found.classes == 5
    assert "classifer0_conv0_weight" in found.weights  # GluonCV's spelling
    assert_same_values(found, dotted)


@pytest.mark.parametrize("others", [0, 3, 12])
def test_names_that_count_the_networks_of_their_process_are_read(
    tmp_path: Path, dotted: Artifact, block: Any, others: int
) -> None:
    params = block.collect_params()
    named = {f"fastscnn{others}_{name.removeprefix(block.prefix)}": params[name] for name in params}
    write(tmp_path, {name: parameter.data() for name, parameter in named.items()})
    found = read_artifact(tmp_path)
    assert not found.dotted
    assert found.classes == 5
    assert_same_values(found, dotted)


def test_the_exporters_names_are_read(tmp_path: Path, dotted: Artifact) -> None:
    block = construct(RECIPE, 64)
    block.load_parameters(str(dotted.weights_file))
    block.hybridize()
    block(mx.nd.zeros((1, 3, 64, 64)))
    block.export(str(tmp_path / "net"))
    (tmp_path / "net-0000.params").rename(tmp_path / "model_best.params")
    (tmp_path / "hyperparams.json").write_text(json.dumps(RECIPE.hyperparams))
    stored = mx.nd.load(str(tmp_path / "model_best.params"))
    assert {name[:14] for name in stored} == {"arg:fastscnn0_", "aux:fastscnn0_"}
    found = read_artifact(tmp_path)
    assert found.has_aux_head
    assert found.classes == 5
    assert len(found.weights) == len(dotted.weights)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("style", ["dotted", "prefixed", "counted", "exported"])
def test_every_algorithms_last_convolution_tells_the_class_count(
    tmp_path: Path, algorithm: str, style: str
) -> None:
    dotted, prefixed = ALGORITHMS[algorithm].classifier
    network = ALGORITHMS[algorithm].network.partition(".")[2].lower()
    name = {
        "dotted": dotted,
        "prefixed": prefixed,
        "counted": f"{network}3_{prefixed}",
        "exported": f"arg:{network}0_{prefixed}",
    }[style]
    backbone = ALGORITHMS[algorithm].backbones[0]
    write(tmp_path, {name: conv(21)}, {"algorithm": algorithm, "backbone": backbone})
    found = read_artifact(tmp_path)
    assert found.classes == 21
    assert found.dotted == (style == "dotted")
    assert not found.has_aux_head


def test_two_names_that_would_become_one_are_left_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(3), f"arg:{CLASSIFIER}": conv(4)})
    found = read_artifact(tmp_path)
    assert found.classes == 3
    assert list(found.weights) == [CLASSIFIER, f"arg:{CLASSIFIER}"]


@pytest.mark.parametrize(
    ("algorithm", "aux"),
    [
        ("fcn", ("auxlayer.block.0.weight", "auxlayer.block.4.bias")),
        ("fcn", ("auxlayer.block.4.bias",)),
        ("fcn", ("_fcnhead1_hybridsequential0_conv1_bias",)),
        ("psp", ("auxlayer.block.4.bias",)),
        ("psp", ("_fcnhead0_hybridsequential0_conv1_bias",)),
        ("deeplab", ("auxlayer.block.0.weight",)),
        ("fastscnn", ("arg:fastscnn0__auxhead0_hybridsequential0_conv1_weight",)),
    ],
)
def test_the_auxiliary_head_whole_or_not_is_noticed_and_left_out(
    tmp_path: Path, algorithm: str, aux: tuple[str, ...]
) -> None:
    kept = ALGORITHMS[algorithm].classifier[0]
    arrays = {name: conv(2) for name in (kept, *aux)}
    found = read_artifact(write(tmp_path, arrays, {"algorithm": algorithm}))
    assert found.has_aux_head
    assert list(found.weights) == [kept]


def test_without_an_auxiliary_head_there_is_none(tmp_path: Path) -> None:
    assert not read_artifact(write(tmp_path, {CLASSIFIER: conv(2)})).has_aux_head


def test_a_layer_named_like_the_head_of_another_network_is_kept(tmp_path: Path) -> None:
    arrays = {"head.conv8.0.weight": conv(2), "auxlayer.block.0.weight": conv(2)}
    found = read_artifact(write(tmp_path, arrays, {"algorithm": "danet"}))  # it has no such head
    assert list(found.weights) == list(arrays)


def test_the_best_epoch_is_served_rather_than_the_last(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2)}, name="model_algo-1")
    write(tmp_path, {CLASSIFIER: conv(3)})
    assert read_artifact(tmp_path).weights_file.name == "model_best.params"
    assert read_artifact(tmp_path).classes == 3


def test_the_last_epoch_is_served_where_the_best_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2)}, name="model_algo-1")
    (tmp_path / "model_best.params").mkdir()
    assert read_artifact(tmp_path).weights_file.name == "model_algo-1"


def test_a_damaged_best_epoch_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2)}, name="model_algo-1")
    (tmp_path / "model_best.params").write_bytes(b"")
    assert refusal(tmp_path).startswith("model_best.params: ")


@pytest.mark.parametrize("name", ["model_best.params", "model_algo-1"])
def test_files_in_a_folder_of_their_own_are_pointed_out(tmp_path: Path, name: str) -> None:
    write(tmp_path / "job-1", {CLASSIFIER: conv(2)}, name=name)
    assert refusal(tmp_path) == f"{BOTH_MISSING}; 'job-1/{name}' belongs at the top"


def test_a_folder_name_cannot_break_the_line(tmp_path: Path) -> None:
    write(tmp_path / "job\n\x1b[31m", {CLASSIFIER: conv(2)})
    hint = r"'job\n\x1b[31m/model_best.params' belongs at the top"
    assert refusal(tmp_path) == f"{BOTH_MISSING}; {hint}"


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == BOTH_MISSING


def test_weights_without_hyperparams_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2)})
    (tmp_path / "hyperparams.json").unlink()
    assert refusal(tmp_path) == "hyperparams.json is missing from the model directory"


@pytest.mark.parametrize("name", ["absent", "hyperparams.json"])
def test_what_is_no_directory_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {CLASSIFIER: conv(2)})
    with pytest.raises(ArtifactError, match=r"^there is no model directory at "):
        read_artifact(tmp_path / name)


def test_class_counts_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(21)}, {**HYPERPARAMS, "num_classes": "20"})
    expected = (
        "model_best.params was trained for 21 classes, but hyperparams.json says num_classes 20"
    )
    assert refusal(tmp_path) == expected


@pytest.mark.parametrize("classes", [2, 254])
def test_the_fewest_and_the_most_classes_are_served(tmp_path: Path, classes: int) -> None:
    assert read_artifact(write(tmp_path, {CLASSIFIER: conv(classes)})).classes == classes


@pytest.mark.parametrize("classes", [1, 255, 1000])
def test_a_class_count_out_of_range_is_refused(tmp_path: Path, classes: int) -> None:
    expected = f"model_best.params was trained for {classes} classes; 2 to 254 can be served"
    assert refusal(write(tmp_path, {CLASSIFIER: conv(classes)})) == expected


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floating_point_weights_of_any_width_are_read(tmp_path: Path, dtype: str) -> None:
    found = read_artifact(write(tmp_path, {CLASSIFIER: conv(2, dtype)}))
    assert found.weights[CLASSIFIER].dtype == dtype


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64", "bool"])
def test_integer_weights_are_refused(tmp_path: Path, dtype: str) -> None:
    write(tmp_path, {CLASSIFIER: conv(2), "layer.weight": conv(2, dtype)})
    assert refusal(tmp_path) == (
        f"model_best.params: 'layer.weight' holds {dtype} values; weights must be floating point"
    )


def test_a_layers_name_cannot_break_the_line(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2), "x\n\x1b[31m" + "y" * 999: conv(2, "int8")})
    assert refusal(tmp_path).startswith(r"model_best.params: 'x\n\x1b[31myyy")


def test_integers_in_the_auxiliary_head_do_not_matter(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2), "auxlayer.block.0.weight": conv(2, "int32")})
    assert read_artifact(tmp_path).has_aux_head


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "fastscnn"])
def test_the_weights_of_another_algorithm_are_refused(
    tmp_path: Path, dotted: Artifact, algorithm: str
) -> None:
    write(tmp_path, {CLASSIFIER: conv(5)}, {"algorithm": algorithm})
    (tmp_path / "model_best.params").write_bytes(dotted.weights_file.read_bytes())
    name = ALGORITHMS[algorithm].classifier[0]
    assert refusal(tmp_path) == (
        f"model_best.params has no {name}, the last convolution of the {algorithm} network that "
        "hyperparams.json names; it may belong to another algorithm"
    )


@pytest.mark.parametrize("shape", [(5,), (5, 128), (5, 128, 1, 1, 1)])
def test_a_last_layer_that_is_no_convolution_is_refused(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    write(tmp_path, {CLASSIFIER: mx.nd.ones(shape)})
    assert refusal(tmp_path).startswith(f"model_best.params has no {CLASSIFIER}, the last conv")


def test_what_is_no_parameter_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {CLASSIFIER: conv(2)})
    (tmp_path / "model_best.params").write_bytes(b"PK\x03\x04" + bytes(100))
    assert "a zip or npz archive, not an MXNet parameter file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("algorithm", "backbone", "title"),
    [
        ("psp", "resnet-101", "psp on resnet101 with 21 classes"),
        ("fastscnn", "resnet-50", "fastscnn with 21 classes"),
    ],
)
def test_the_title_says_what_it_is(
    tmp_path: Path, algorithm: str, backbone: str, title: str
) -> None:
    arrays = {ALGORITHMS[algorithm].classifier[0]: conv(21)}
    write(tmp_path, arrays, {"algorithm": algorithm, "backbone": backbone})
    assert read_artifact(tmp_path).title == title
