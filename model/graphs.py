"""Converted graphs on disk: where they lie, and whether they are this artifact's.

    manifest.json   format, key, classes, min_side, data_bytes
    body.onnx       image → logits (model.onnx_graph.py)
    body.bin        its weights, to be mapped
    mask.onnx, top.onnx, plane.onnx, scores.onnx    heads (model/onnx_heads.py)

The key is a hash of all that goes into a conversion: the weights file, the network's name, the
pooling bins and the converter's own format number. Graphs whose key differs are not this artifact's
and are made anew, so a stale copy can never answer for a new model.

They are looked for in the artifact (`graphs/`), then in the cache folder (`<key>/`).
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from model.artifact import Artifact

FOLDER = "graphs"
MANIFEST = "manifest.json"
DATA = "body.bin"
HEADS = ("mask", "top", "plane", "scores")

_FORMAT = 2  # raise it whenever the converter writes something else for the same weights


@dataclass(frozen=True)
class Manifest:
    """What a folder of graphs says of itself."""

    format: int
    key: str
    classes: int
    min_side: int
    data_bytes: int
    """Of body.bin: a copy that was cut short is no copy."""


@dataclass(frozen=True)
class Graphs:
    """Graphs of one artifact, complete in one folder."""

    folder: Path
    manifest: Manifest

    def path(self, name: str) -> Path:
        """The file of `body` or of a head."""
        return self.folder / f"{name}.onnx"

    @property
    def files(self) -> list[Path]:
        """All that belongs to them, and nothing that lies beside."""
        models = [self.path(name) for name in ("body", *HEADS)]
        return [self.folder / MANIFEST, self.folder / DATA, *models]


def key_of(artifact: Artifact, psp_bins: tuple[int, ...]) -> str:
    """64 hex digits that change with anything a conversion depends on."""
    hyperparams = artifact.hyperparams
    digest = hashlib.sha256()
    with artifact.weights_file.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    network = (
        _FORMAT,
        hyperparams.algorithm.name,
        hyperparams.backbone,
        artifact.classes,
        psp_bins,
    )
    digest.update(repr(network).encode())
    return digest.hexdigest()


def find_graphs(folders: list[Path], key: str) -> Graphs | None:
    """The first of `folders` that holds complete graphs of this key."""
    for folder in folders:
        manifest = _read_manifest(folder / MANIFEST)
        if manifest is None or (manifest.format, manifest.key) != (_FORMAT, key):
            continue
        graphs = Graphs(folder, manifest)
        if _is_whole(graphs):
            return graphs
    return None


def write_manifest(folder: Path, artifact: Artifact, key: str) -> None:
    """Write the manifest, last of the files: a folder without it is no graphs."""
    min_side = artifact.hyperparams.algorithm.min_side
    data_bytes = (folder / DATA).stat().st_size
    manifest = Manifest(_FORMAT, key, artifact.classes, min_side, data_bytes)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n")


def _is_whole(graphs: Graphs) -> bool:
    are_there = all(path.is_file() for path in graphs.files)
    return are_there and (graphs.folder / DATA).stat().st_size == graphs.manifest.data_bytes


def _read_manifest(path: Path) -> Manifest | None:
    try:
        manifest = Manifest(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return manifest
