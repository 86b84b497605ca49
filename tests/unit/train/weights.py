"""Weights to begin with: files as an earlier job or a backbone's maker leaves them."""

import json
import tarfile
from pathlib import Path

import numpy as np

from model.params import write_params

Shapes = dict[str, tuple[int, ...]]


def write(path: Path, shapes: Shapes, value: float = 1.5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.full(shape, value, np.float32) for name, shape in shapes.items()}
    write_params(path, arrays)
    return path


def write_artifact(folder: Path, shapes: Shapes, **told: str) -> Path:
    """As far as can be judged without the network: its last convolution is there."""
    write(folder / "model_best.params", shapes)
    values = {"algorithm": "fcn", "backbone": "resnet-50", "num_classes": "3", **told}
    (folder / "hyperparams.json").write_text(json.dumps(values))
    return folder


def pack(folder: Path, archive: Path) -> Path:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return archive
