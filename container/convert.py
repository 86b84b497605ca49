"""`convert PATH`: write the network's ONNX graphs, which `serve` otherwise makes at its start."""

import argparse
import os
from pathlib import Path
from typing import Any

from container.folders import model_folder
from container.preparation import told_of
from model.graphs import FOLDER, MANIFEST, read_manifest
from model.kinds import convert_model_into, read_model
from serve.setting import SettingsError
from serve.settings import Settings


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "convert",
        help="write a model's ONNX graphs",
        description=f"{__doc__} docs/engines.md says what they are.",
    )
    parser.add_argument("path", type=Path, help="model directory or model.tar.gz")
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        help=f"folder for the graphs; default: {FOLDER}/ in the directory",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Convert, and say where the graphs are."""
    settings = Settings.from_env(os.environ)
    out = arguments.out or arguments.path / FOLDER
    if arguments.out is None and not arguments.path.is_dir():
        msg = f"{arguments.path.name} is no directory to write {FOLDER}/ into: name one with -o"
        raise SettingsError(msg)
    with model_folder(arguments.path) as folder:
        artifact = read_model(folder, told_of(settings))
        try:
            _check_free(out)
            timeout_s = settings.startup_timeout_s
            graphs = convert_model_into(out, artifact, settings.psp_bins, timeout_s=timeout_s)
        except OSError as err:
            msg = f"{str(out)[:80]!r} cannot be written: {err.strerror}"
            raise SettingsError(msg) from err
    megabytes = sum(path.stat().st_size for path in graphs.files) / 1e6
    print(f"wrote the graphs of {artifact.title} to {out} ({megabytes:.1f} MB)")
    return 0


def _check_free(out: Path) -> None:
    """Graphs may take the place of graphs, of nothing else."""
    if (out / MANIFEST).exists() and read_manifest(out) is None:
        msg = f"{str(out)[:80]!r} has a {MANIFEST} that is no graphs' of this version; remove it"
        raise SettingsError(msg)
