"""Weights → a Mask R-CNN's three graphs, in a process of its own.

    body.onnx    photo → maps, anchors' scores and deltas (model/instances/body.py)
    boxes.onnx, masks.onnx    the heads (model/instances/heads.py)
    weights.bin  weights of all three, to be mapped

The graphs are written from the weights file directly, without mxnet. The child gives back the
memory that weights take on their way, and a damaged file can end nothing but it.

    python -m model.instances.convert FOLDER TOLD OUT     the child
"""

import hashlib
import json
from pathlib import Path

from model.convert import convert_in_child
from model.graphs import FOLDER, Graphs, Identity, find_graphs, hash_of, write_manifest
from model.instances.artifact import InstanceArtifact, read_instance_artifact

DATA = "weights.bin"
FILES = (DATA, "body.onnx", "boxes.onnx", "masks.onnx")

_CHILD = "model.instances.convert"
_FORMAT = 1  # raise it whenever something else is written for the same weights


def identity_of_instances(artifact: InstanceArtifact) -> Identity:
    """What graphs of this artifact are known by; reads the weights."""
    digest = hashlib.sha256()
    for path in artifact.weights_files:
        digest.update(bytes.fromhex(hash_of(path)))
    digest.update(repr((_FORMAT, artifact.network, artifact.classes)).encode())
    return Identity(digest.hexdigest(), artifact.classes, min_side=1, files=FILES)


def instance_graphs_of(artifact: InstanceArtifact, *, cache: Path, timeout_s: float) -> Graphs:
    """The artifact's graphs: its own, the cached ones, or made now and left in the cache.

    Raises:
        ArtifactError: the artifact does not load.
        CheckError: the conversion crashed or took longer than `timeout_s`.
        OSError: the cache cannot be written.
    """
    identity = identity_of_instances(artifact)
    places = [artifact.folder / FOLDER, cache / identity.key]
    found = find_graphs(places, identity)
    return found or convert_instances_into(places[-1], artifact, timeout_s=timeout_s)


def convert_instances_into(folder: Path, artifact: InstanceArtifact, *, timeout_s: float) -> Graphs:
    """Convert in a child; see `model.convert.convert_in_child`."""
    child = (_CHILD, [str(artifact.folder.absolute()), json.dumps(dict(artifact.told))])
    return convert_in_child(folder, identity_of_instances(artifact), child, timeout_s=timeout_s)


def write_instance_graphs(artifact: InstanceArtifact, out: Path) -> None:
    """Convert here, in this process. `out` exists."""
    from model.instances.body import body_model  # noqa: PLC0415  # the child alone needs onnx
    from model.instances.heads import box_model, mask_model  # noqa: PLC0415
    from model.onnx_writer import OnnxWriter  # noqa: PLC0415

    layers = artifact.layers()
    for name, model_of in (("body", body_model), ("boxes", box_model), ("masks", mask_model)):
        model = model_of(artifact.network, layers, OnnxWriter(name, out / DATA))
        (out / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    write_manifest(out, identity_of_instances(artifact))


def _main(folder: str, told: str, out: str) -> None:
    write_instance_graphs(read_instance_artifact(Path(folder), json.loads(told)), Path(out))


if __name__ == "__main__":
    from model.child import child_main

    child_main(_main)
