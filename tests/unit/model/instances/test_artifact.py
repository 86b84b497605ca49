"""Reading a Mask R-CNN's directory: what is told of it, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from container.__main__ import main
from model.cpu import has_vnni
from model.errors import ArtifactError
from model.graphs import find_graphs
from model.instances.artifact import has_instances, read_instance_artifact
from model.instances.convert import FILES, identity_of_instances, instance_graphs_of
from model.instances.gluon import _stems, layers_of, own_names
from model.instances.layers import shapes_of
from model.instances.network import Resizing
from model.instances.networks import GLUONCV_NETWORKS, NETWORKS
from model.kinds import kind_of, read_model
from model.params import read_params, write_params
from tests.gluon_arrays import NAME, gluon_arrays
from tests.mask_rcnn import construct


def told_to(folder: Path, model: Path, **told: object) -> Path:
    """The weights of `model` again, with other hyperparameters."""
    folder.mkdir()
    (folder / "hyperparams.json").write_text(json.dumps({"algorithm": NAME} | told))
    (folder / "model_best.params").hardlink_to(model / "model_best.params")
    return folder


def write(folder: Path, weights: dict[str, NDArray[Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "hyperparams.json").write_text(json.dumps({"algorithm": NAME}))
    write_params(folder / "model_best.params", weights)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("model") / "model", gluon_arrays())


def test_it_is_told_from_a_segmentation_model(model: Path) -> None:
    assert has_instances(model)
    assert not has_instances(Path("demo/model"))
    assert [kind_of(read_model(path)) for path in (model, Path("demo/model"))] == [
        "instances",
        "segmentation",
    ]


@pytest.mark.parametrize("name", [network.name for network in GLUONCV_NETWORKS])
def test_the_names_are_gluoncvs(name: str) -> None:
    theirs = {own for own in construct(name)._collect_params_with_prefix() if "anchor" not in own}
    ours = set()
    for layer in shapes_of(NETWORKS[name], 3, 8):
        stem, norm = _stems(NETWORKS[name], layer, exported=False)
        ours |= {f"{stem}weight", f"{stem}bias"} & theirs
        parts = ("gamma", "beta", "running_mean", "running_var", "moving_mean", "moving_var")
        ours |= {f"{norm}{part}" for part in parts if norm} & theirs
    assert ours == theirs


def test_what_is_read_of_it(model: Path) -> None:
    artifact = read_instance_artifact(model)
    assert artifact.title == f"{NAME} with 3 classes"
    assert artifact.resizing == Resizing(800, 1333)
    assert artifact.named is None
    assert len(artifact.layers()) == len(shapes_of(artifact.network, 3, 8))


def test_sizes_and_names_come_from_the_directory(model: Path, tmp_path: Path) -> None:
    folder = told_to(tmp_path / "m", model, short="600", max_size=1000, num_classes="3")
    (folder / "classes.json").write_text('{"classes": ["cat", "dog", "cow"]}')
    artifact = read_instance_artifact(folder)
    assert artifact.resizing == Resizing(600, 1000)
    assert artifact.named is not None
    assert artifact.named.names == ("cat", "dog", "cow")


def test_the_exporters_names_are_read_too() -> None:
    weights = {}
    for name, array in gluon_arrays(exported=True).items():
        prefix = "aux:" if "running" in name else "arg:"
        renamed = name.replace("own_", "maskrcnn4_").replace("dense", "dense1", 1)
        plain = renamed if not name.startswith("own_") else name.replace("own_", "maskrcnn4_")
        weights[prefix + plain] = array
    weights["arg:maskrcnn4_rpn0_rpnanchorgenerator0_anchor_"] = np.zeros((1, 4), np.float32)
    network = NETWORKS[NAME]
    exported = layers_of(network, own_names(weights))
    dotted = layers_of(network, own_names(gluon_arrays()))
    assert exported.keys() == dotted.keys()
    for name, layer in exported.items():
        np.testing.assert_array_equal(layer.weight, dotted[name].weight)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"algorithm": "mask_rcnn_fpn_syncbn_mobilenet1_0_coco"}, ["mobilenet", NAME]),
        ({"algorithm": "mask_rcnn_fpn_resnet50_v1b_coco"}, ["model_best.params", "(64, 64, 1, 1)"]),
        ({"short": "tall"}, ["hyperparams.json", "short", "32"]),
        ({"short": 900, "max_size": 800}, ["max_size 800", "short 900"]),
        ({"num_classes": 80}, ["3 classes", "80"]),
    ],
)
def test_what_does_not_fit_is_one_line(
    model: Path, tmp_path: Path, told: dict[str, object], said: list[str]
) -> None:
    with pytest.raises(ArtifactError) as caught:
        read_instance_artifact(told_to(tmp_path / "m", model, **told)).layers()
    assert all(part in str(caught.value) for part in said), str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda weights: weights.pop("rpn.rpn_head.loc.bias"), "rpn.rpn_head.loc.bias"),
        (lambda weights: weights.pop("class_predictor.bias"), "class_predictor.bias"),
        (lambda weights: weights.update(more=np.ones(1, np.float32)), "'more' is not known"),
        (lambda weights: weights.update({"mask.mask.bias": np.ones(4, np.float32)}), "shape (4,)"),
        (lambda weights: weights.update({"mask.mask.bias": np.ones(3, np.int32)}), "int32"),
        (lambda weights: weights.update({"mask.mask.bias": np.full(3, np.inf, "f4")}), "finite"),
    ],
)
def test_weights_are_read_strictly(change: Any, said: str) -> None:
    weights = gluon_arrays()
    change(weights)
    with pytest.raises(ArtifactError) as caught:
        layers_of(NETWORKS[NAME], weights)
    assert said in str(caught.value)


def test_graphs_are_made_once_and_kept_by_the_weights(model: Path, tmp_path: Path) -> None:
    artifact = read_instance_artifact(model)
    graphs = instance_graphs_of(artifact, cache=tmp_path, timeout_s=300)
    assert {path.name for path in graphs.folder.iterdir()} == {*FILES, "manifest.json"}
    assert find_graphs([graphs.folder], identity_of_instances(artifact)) is not None
    weights = dict(read_params(model / "model_best.params"))
    weights["mask.mask.bias"] = weights["mask.mask.bias"] + 1
    other = read_instance_artifact(write(tmp_path / "other", weights))
    assert find_graphs([graphs.folder], identity_of_instances(other)) is None


def test_the_commands_know_it(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "packaged.tar.gz"
    assert main(["package", str(model), "-o", str(archive), "--classes", "cat,dog,cow"]) == 0
    capsys.readouterr()
    assert main(["inspect", str(archive)]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["kind"] == "instances"
    assert lines["algorithm"] == NAME
    assert lines["classes"] == "3: cat, dog, cow"
    assert lines["graphs"] == "inside; it starts at once"
    assert lines["check"] == "every layer fits the network"


@pytest.mark.parametrize("command", ["evaluate", "quantize"])
def test_commands_for_pixels_say_that_it_finds_things(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    (tmp_path / "weights.npz").touch()
    monkeypatch.setenv("SEG_ALGORITHM", "mask_rcnn_tensorpack")
    for folder in (model, tmp_path):
        check_refused(folder, capsys, command)


def check_refused(folder: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    where = ["--model-dir", str(folder), "--images", "demo/photos"]
    rest = {"evaluate": ["--annotations", "demo/photos"], "quantize": ["-o", "out.tar.gz"]}
    if command == "quantize" and not has_vnni():
        pytest.skip("these cores have no VNNI")
    assert main([command, *where, *rest[command]]) == 3
    assert "this is a Mask R-CNN, which finds things one by one" in capsys.readouterr().err


def test_inspect_refuses_what_does_not_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = gluon_arrays()
    del weights["rpn.rpn_head.loc.bias"]
    assert main(["inspect", str(write(tmp_path / "m", weights))]) == 3
    assert "rpn.rpn_head.loc.bias" in capsys.readouterr().err
