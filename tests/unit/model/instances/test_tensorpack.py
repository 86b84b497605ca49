"""TensorPack's files and names: what is found, taken and refused."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.errors import ArtifactError
from model.instances.artifact import has_instances, read_instance_artifact
from model.instances.network import Resizing
from model.instances.networks import NETWORKS, RESNET101
from model.instances.tensorpack import layers_of, on_backbone, read_arrays, weight_files
from tests.checkpoints import write_checkpoint
from tests.tensorpack import CLASSES, tensorpack_arrays

TENSORPACK, AWS = NETWORKS["mask_rcnn_tensorpack"], NETWORKS["mask_rcnn_aws_samples"]
SMALL = {"fastrcnn/outputs/class/b": np.zeros(4, np.float32)}


@cache
def _arrays() -> dict[str, NDArray[Any]]:
    return tensorpack_arrays(TENSORPACK)


def arrays() -> dict[str, NDArray[Any]]:
    """Those of the network, without training's."""
    return {
        name: array
        for name, array in _arrays().items()
        if "/" in name and "Momentum" not in name and not name.startswith("EMA")
    }


def test_the_newest_checkpoint_is_served_before_any_npz(tmp_path: Path) -> None:
    for step in (9000, 10000):
        write_checkpoint(tmp_path, step, SMALL)
    np.savez(tmp_path / "ImageNet-R50.npz", **SMALL)
    names = [path.name for path in weight_files(tmp_path)]
    assert names == ["model-10000.index", "model-10000.data-00000-of-00001"]


def test_one_npz_is_served_and_two_are_not(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **SMALL)
    assert weight_files(tmp_path) == (tmp_path / "a.npz",)
    np.savez(tmp_path / "b.npz", **SMALL)
    with pytest.raises(ArtifactError, match=r"found a\.npz, b\.npz"):
        weight_files(tmp_path)


def test_without_a_checkpoint_there_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no checkpoint.*found none"):
        read_instance_artifact(tmp_path, {"algorithm": "mask_rcnn_tensorpack"})


def test_an_npzs_names_may_end_as_tensorflow_calls_outputs(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    stored: dict[str, Any] = {"conv0/W:0": np.ones(2, np.float32), "global_step:0": np.ones(1)}
    np.savez(path, **stored)
    assert set(read_arrays(path)) == {"conv0/W"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"no archive"])
def test_a_damaged_npz_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"a\.npz is no NumPy archive"):
        read_arrays(path)


DEFLATED, HEADER = zipfile.ZIP_DEFLATED, 10


@pytest.mark.parametrize(
    ("compression", "shape"),
    [
        (DEFLATED, None),
        (zipfile.ZIP_LZMA, None),
        *(
            (zipfile.ZIP_STORED, text)
            for text in (
                "(1000000, 1000000, 100)",
                "(100000000000000000000,)",
                "(True,)",
                "(2, 3",
            )
        ),
    ],
)
def test_a_member_that_is_damaged_is_one_line(
    tmp_path: Path, compression: int, shape: str | None
) -> None:
    path, member = tmp_path / "a.npz", io.BytesIO()
    np.save(member, np.random.default_rng(0).normal(size=1000))
    content = member.getvalue()
    if shape:
        header = content[HEADER:128].replace(b"(1000,)", shape.encode(), 1)
        content = content[:HEADER] + header[:118].ljust(118) + content[128:]
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("conv0/W.npy", content)
    if not shape:
        damaged = bytearray(path.read_bytes())
        damaged[200:400] = bytes(200)
        path.write_bytes(damaged)
    with pytest.raises(ArtifactError, match=r"a\.npz is no NumPy archive of arrays, damaged"):
        read_arrays(path)


def test_a_member_that_is_no_array_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conv0/W", b"bytes")
    with pytest.raises(ArtifactError, match=r"a\.npz: 'conv0/W' is no array"):
        read_arrays(path)


def test_a_negative_variance_is_named() -> None:
    stored = arrays()
    stored["group0/block0/conv1/bn/variance/EMA"] = -np.ones(64, np.float32)
    with pytest.raises(ArtifactError, match="'group0/block0/conv1/bn/variance/EMA' has negative"):
        layers_of(TENSORPACK, stored)


def test_a_pickle_in_an_npz_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    stored: dict[str, Any] = {"conv0/W": np.array([{"an": "object"}], dtype=object)}
    np.savez(path, **stored)
    with pytest.raises(ArtifactError, match=r"a\.npz is no NumPy archive"):
        read_arrays(path)


def test_the_weights_say_which_resnet_they_are_of() -> None:
    deep = {"group2/block22/conv1/W": np.empty(0)}
    assert on_backbone(TENSORPACK, {}, None).backbone.blocks == (3, 4, 6, 3)
    assert on_backbone(TENSORPACK, {}, "ResNet-50").backbone.blocks == (3, 4, 6, 3)
    assert on_backbone(TENSORPACK, deep, None).backbone is RESNET101
    assert on_backbone(TENSORPACK, deep, "resnet101").backbone is RESNET101
    for weights, told in (({}, "resnet101"), (deep, "resnet50"), ({}, "anything")):
        with pytest.raises(ArtifactError, match=f"resnet_arch is '{told}', it may be resnet50 or"):
            on_backbone(TENSORPACK, weights, told)


def test_layouts_are_turned() -> None:
    layers = layers_of(TENSORPACK, arrays())
    stored = arrays()
    stem = stored["conv0/W"]
    scale = stored["conv0/bn/gamma"] / np.sqrt(stored["conv0/bn/variance/EMA"] + 1e-5)
    # The network takes BGR, ours RGB.
    expected = stem[1, 2, 2, 3] * scale[3]
    np.testing.assert_allclose(layers["stem.0"].weight[3, 0, 1, 2], expected, rtol=1e-5)
    deconv = stored["maskrcnn/deconv/W"]
    assert layers["mask.upscale"].weight[7, 9, 0, 1] == deconv[0, 1, 9, 7]
    assert layers["box.deltas"].weight.shape == (4 * CLASSES, 1024)
    assert layers["box.deltas"].bias[0] == stored["fastrcnn/outputs/box/b"][4]
    fc6 = stored["fastrcnn/fc6/W"]
    # channel 3, row 1, column 2
    assert layers["box.hidden.0"].weight[5, 3 * 49 + 1 * 7 + 2] == fc6[3 * 49 + 1 * 7 + 2, 5]
    last = layers_of(AWS, arrays())["box.hidden.0"].weight
    assert last[5, 3 * 49 + 1 * 7 + 2] == fc6[(1 * 7 + 2) * 256 + 3, 5]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rpn/box/b": None}, "'rpn/box/b' is missing"),
        ({"conv0/gn/gamma": np.ones(2, np.float32)}, "'conv0/gn/gamma' is not known"),
        ({"rpn/box/b": np.ones(3, np.float32)}, "shape (3,)"),
        ({"fastrcnn/outputs/class/b": None}, "fastrcnn/outputs/class/b"),
        ({"fpn/lateral_1x1_c2/b": np.full(256, np.nan, np.float32)}, "not finite"),
    ],
)
def test_weights_are_read_strictly(change: dict[str, Any], said: str) -> None:
    weights = {name: array for name, array in (arrays() | change).items() if array is not None}
    with pytest.raises(ArtifactError) as caught:
        layers_of(TENSORPACK, weights)
    assert said in str(caught.value)


def test_what_a_directory_does_not_say_can_be_told(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, 3, SMALL)
    told = {"algorithm": "mask_rcnn_tensorpack"}
    assert has_instances(tmp_path, told)
    artifact = read_instance_artifact(tmp_path, told)
    assert artifact.title == "mask_rcnn_tensorpack with 3 classes"
    assert artifact.resizing == Resizing(800, 1344, half_up=True)
    assert artifact.weights_file.name == "model-3.index"
    (tmp_path / "hyperparams.json").write_text(json.dumps({"algorithm": "mask_rcnn_aws_samples"}))
    own = read_instance_artifact(tmp_path, told)
    assert own.network.family == "aws_samples"
    assert own.resizing is None
    (tmp_path / "hyperparams.json").write_text(
        json.dumps({"algorithm": "mask_rcnn_aws_samples", "short": 800})
    )
    assert read_instance_artifact(tmp_path).resizing == Resizing(800, 1344, half_up=True)


def test_without_a_word_on_what_it_is_it_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, 3, SMALL)
    with pytest.raises(ArtifactError, match="may be mask_rcnn_tensorpack or mask_rcnn_aws_samples"):
        has_instances(tmp_path)


def test_a_directory_without_any_of_it_is_not_one(tmp_path: Path) -> None:
    assert not has_instances(tmp_path)


@pytest.mark.parametrize("said", [None, {}, {"algorithm": None}, {"algorithm": "", "short": ""}])
def test_a_silent_file_overrules_nothing(tmp_path: Path, said: dict[str, object] | None) -> None:
    np.savez(tmp_path / "a.npz", **SMALL)
    if said is not None:
        (tmp_path / "hyperparams.json").write_text(json.dumps(said))
    with pytest.raises(ArtifactError, match="whose network this is, the weights do not say"):
        has_instances(tmp_path)
    told = {"algorithm": "mask_rcnn_aws_samples"}
    assert has_instances(tmp_path, told)
    artifact = read_instance_artifact(tmp_path, told)
    assert (artifact.algorithm_name, artifact.resizing) == ("mask_rcnn_aws_samples", None)


def test_what_is_told_is_for_these_families_weights_alone(tmp_path: Path) -> None:
    (tmp_path / "hyperparams.json").write_text("{}")  # an FCN, to the built-in algorithm
    (tmp_path / "model_best.params").touch()
    assert not has_instances(tmp_path, {"algorithm": "mask_rcnn_tensorpack"})
