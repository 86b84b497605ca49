"""The two kinds of model: one finds what each pixel is, the other things one by one."""

from collections.abc import Mapping
from pathlib import Path

from model.artifact import Artifact, read_artifact
from model.convert import convert_into, graphs_of
from model.errors import ArtifactError
from model.graphs import Graphs, Identity, identity_of
from model.instances.artifact import (
    NOTHING,
    InstanceArtifact,
    has_instances,
    read_instance_artifact,
)
from model.instances.convert import (
    convert_instances_into,
    identity_of_instances,
    instance_graphs_of,
)

Model = Artifact | InstanceArtifact


def kind_of(model: Model) -> str:
    """What it does, as a person calls it."""
    return "instances" if isinstance(model, InstanceArtifact) else "segmentation"


def read_model(folder: Path, told: Mapping[str, str] = NOTHING) -> Model:
    """Read a model directory of either kind: hyperparams.json says which.

    Args:
        folder: the directory.
        told: of a Mask R-CNN, see `model.instances.artifact.read_instance_artifact`.

    Raises:
        ArtifactError: a file is missing, damaged, or two of them contradict each other.
    """
    if folder.is_dir() and has_instances(folder, told):
        return read_instance_artifact(folder, told)
    return read_artifact(folder)


def read_segmentation(folder: Path, told: Mapping[str, str] = NOTHING) -> Artifact:
    """Read a model directory of a network that gives each pixel a class.

    Args:
        folder: the directory.
        told: as `read_model` takes it.

    Raises:
        ArtifactError: as `read_model`, or it is a Mask R-CNN.
    """
    if folder.is_dir() and has_instances(folder, told):
        msg = (
            "this is a Mask R-CNN, which finds things one by one; only networks that give each "
            "pixel a class are evaluated and quantized"
        )
        raise ArtifactError(msg)
    return read_artifact(folder)


def identity_of_model(model: Model, psp_bins: tuple[int, ...]) -> Identity:
    """What its graphs are known by."""
    if isinstance(model, InstanceArtifact):
        return identity_of_instances(model)
    return identity_of(model, psp_bins)


def graphs_of_model(
    model: Model, psp_bins: tuple[int, ...], *, cache: Path, timeout_s: float
) -> Graphs:
    """Its graphs; see `model.convert.graphs_of`."""
    if isinstance(model, InstanceArtifact):
        return instance_graphs_of(model, cache=cache, timeout_s=timeout_s)
    return graphs_of(model, psp_bins, cache=cache, timeout_s=timeout_s)


def convert_model_into(
    folder: Path, model: Model, psp_bins: tuple[int, ...], *, timeout_s: float
) -> Graphs:
    """Convert it in a child; see `model.convert.convert_into`."""
    if isinstance(model, InstanceArtifact):
        return convert_instances_into(folder, model, timeout_s=timeout_s)
    return convert_into(folder, model, psp_bins, timeout_s=timeout_s)
