"""`convert PATH`: write the network's ONNX graphs, which `serve` otherwise makes at its start."""

import argparse
import os
from pathlib import Path
from typing import Any

from container.folders import model_folder
from model.artifact import read_artifact
from model.convert import convert_into
from model.graphs import FOLDER, MANIFEST
from serve.settings import Settings, SettingsError


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
        help=f"folder for the graphs, new or to be replaced; default: {FOLDER}/ in the directory",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Convert, and say where the graphs are."""
    settings = Settings.from_env(os.environ)
    out = arguments.out or arguments.path / FOLDER
    if arguments.out is None and not arguments.path.is_dir():
        msg = f"{arguments.path.name} is no directory to write {FOLDER}/ into: name one with -o"
        raise SettingsError(msg)
    if out.exists() and not (out / MANIFEST).is_file() and (out.is_file() or any(out.iterdir())):
        msg = f"{str(out)!r} holds something else than graphs, which would be replaced"
        raise SettingsError(msg)
    with model_folder(arguments.path) as folder:
        artifact = read_artifact(folder)
        timeout_s = settings.startup_timeout_s
        try:
            graphs = convert_into(out, artifact, settings.psp_bins, timeout_s=timeout_s)
        except OSError as err:
            msg = f"{str(out)!r} cannot be written: {err.strerror}"
            raise SettingsError(msg) from err
    megabytes = sum(path.stat().st_size for path in graphs.files) / 1e6
    print(f"wrote the graphs of {artifact.title} to {out} ({megabytes:.1f} MB)")
    return 0
