"""Converted graphs on disk: where they lie, and whether they are this artifact's.

    manifest.json   format, key, and the SHA-256 of each file beside it
    body.onnx       image → logits (model/onnx_graph.py)
    body.bin        its weights, to be mapped
    tile.onnx, tile_pools.onnx, tiling.json    for photos above a bound (model/tiling/surgery.py)
    mask.onnx, top.onnx, ...    one for each of HEADS (model/onnx_heads.py)

The key is a hash of all that goes into a conversion: the weights file, the network's name, the
pooling bins and the converter's own format number. Graphs whose key differs are not this artifact's
and are made anew, so a stale copy can never answer for a new model; nor can a damaged one.

They are looked for in the artifact (`graphs/`), then in the cache folder (`<key>/`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model.artifact import Artifact
from model.errors import ArtifactError
from model.json_file import read_json_object
from model.tiling.plan import FILE as TILING
from model.tiling.plan import POOLS, TILE

FOLDER = "graphs"
MANIFEST = "manifest.json"
DATA = "body.bin"
HEADS = ("mask", "top", "top_k", "plane", "scores", "scores_f16", "scores_u8")
FILES = (DATA, TILING, *(f"{name}.onnx" for name in ("body", TILE, POOLS, *HEADS)))
"""All that belongs to them but the manifest."""

_FORMAT = 6  # raise it whenever the converter writes something else for the same weights


@dataclass(frozen=True)
class Identity:
    """Whose graphs."""

    key: str
    """64 hex digits that change with anything a conversion depends on."""
    classes: int
    min_side: int
    files: tuple[str, ...] = FILES
    """Their names, the manifest left out."""


@dataclass(frozen=True)
class Graphs:
    """Graphs of one artifact, complete in one folder."""

    folder: Path
    identity: Identity
    int8: Path | None = None
    """Folder of the quantized body (model/int8/report.py), where it is to be run."""

    def path(self, name: str) -> Path:
        """The file of `body`, of one for tiles or of a head."""
        folder = self.int8 if self.int8 and name not in HEADS else self.folder
        return folder / f"{name}.onnx"

    @property
    def files(self) -> list[Path]:
        """All that belongs to them, and nothing that lies beside."""
        return [self.folder / name for name in (MANIFEST, *self.identity.files)]


def identity_of(artifact: Artifact, psp_bins: tuple[int, ...]) -> Identity:
    """What graphs of this artifact are known by; reads the weights file."""
    hyperparams = artifact.hyperparams
    name = hyperparams.algorithm.name
    digest = hashlib.sha256(bytes.fromhex(hash_of(artifact.weights_file)))
    network = (_FORMAT, name, hyperparams.backbone, artifact.classes, psp_bins)
    digest.update(repr(network).encode())
    return Identity(digest.hexdigest(), artifact.classes, hyperparams.algorithm.min_side)


def find_graphs(folders: list[Path], identity: Identity) -> Graphs | None:
    """The first of `folders` that holds complete and undamaged graphs of this identity."""
    for folder in folders:
        manifest = read_manifest(folder)
        if manifest is None or manifest["key"] != identity.key:
            continue
        try:
            if all(is_own(folder / name, manifest.get(name)) for name in identity.files):
                return Graphs(folder, identity)
        except OSError:  # there, and not for us to read
            continue
    return None


def write_manifest(folder: Path, identity: Identity) -> None:
    """Write the manifest, last of the files: a folder without it is no graphs."""
    hashes = {name: hash_of(folder / name) for name in identity.files}
    values = {"format": _FORMAT, "key": identity.key, **hashes}
    (folder / MANIFEST).write_text(json.dumps(values, indent=2) + "\n")


def read_manifest(folder: Path) -> Mapping[str, object] | None:
    """A folder's manifest; None where there is none of this format."""
    try:
        values = read_json_object(folder / MANIFEST)
    except ArtifactError:
        return None
    return values if values.get("format") == _FORMAT and "key" in values else None


def is_own(path: Path, expected: object) -> bool:
    """Links lead out of the folder, and the runtimes refuse to follow them."""
    return path.is_file() and not path.is_symlink() and hash_of(path) == expected


def hash_of(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
