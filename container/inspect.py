"""`inspect PATH`: what an artifact is, which file would be served, and what is wrong with it."""

import argparse
import os
from pathlib import Path
from typing import Any

from container.folders import model_folder
from container.preparation import told_of
from model.artifact import Artifact
from model.check import check_artifact
from model.errors import EngineError
from model.graphs import FOLDER, find_graphs, identity_of
from model.instances.artifact import InstanceArtifact
from model.int8 import report
from model.kinds import Model, identity_of_model, kind_of, read_model
from serve.settings import Settings


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "inspect", help="say what a model artifact is", description=__doc__
    )
    parser.add_argument("path", type=Path, help="model directory or model.tar.gz")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the description; what is wrong is the one line of the error."""
    settings = Settings.from_env(os.environ)
    with model_folder(arguments.path) as folder:
        model = read_model(folder, told_of(settings))
        facts = describe(model, settings.psp_bins)
        print("\n".join(f"{label:<12}{text}" for label, text in facts), flush=True)
        if isinstance(model, InstanceArtifact):
            model.layers()
            checked = "every layer fits the network"
        else:
            check_artifact(folder, settings.psp_bins, timeout_s=settings.startup_timeout_s)
            checked = "every layer fits the network, and it ran"
    print(f"{'check':<12}{checked}")
    return 0


def describe(model: Model, psp_bins: tuple[int, ...]) -> list[tuple[str, str]]:
    """The facts as (label, text)."""
    weights = model.weights.values()
    kinds = ", ".join(sorted({str(array.dtype) for array in weights}))
    millions = sum(array.size for array in weights) / 1e6
    facts = [
        ("kind", kind_of(model)),
        ("algorithm", model.algorithm_name),
        ("backbone", model.backbone_name),
        ("classes", _classes(model)),
        ("served", model.weights_file.name),
        ("weights", f"{millions:.1f} million {kinds} values in {len(weights)} arrays"),
        ("graphs", _graphs(model, psp_bins)),
    ]
    if isinstance(model, InstanceArtifact):
        return [*facts, ("photos", _resizing(model))]
    return [
        *facts,
        ("names", "dotted" if model.dotted else "prefixed"),
        ("aux head", "in the file; not needed to serve" if model.has_aux_head else "none"),
        ("int8", _int8(model, psp_bins)),
    ]


def _classes(artifact: Model) -> str:
    named = artifact.named
    if named is None:
        return f"{artifact.classes}, without names"
    return f"{artifact.classes}: {', '.join(named.names)}"


def _resizing(model: InstanceArtifact) -> str:
    if model.resizing is None:
        return "seen at their own size"
    size = model.resizing
    return f"seen with the shorter side at {size.short} pixels, the longer at most {size.longest}"


def _graphs(model: Model, psp_bins: tuple[int, ...]) -> str:
    if find_graphs([model.folder / FOLDER], identity_of_model(model, psp_bins)):
        return "inside; it starts at once"
    return "made at each start, unless SEG_CACHE_DIR keeps them; `package` puts them inside"


def _int8(artifact: Artifact, psp_bins: tuple[int, ...]) -> str:
    folder = artifact.folder / report.FOLDER
    if not folder.is_dir():
        return "none; `quantize` makes it"
    try:
        found = report.read_int8(folder, identity_of(artifact, psp_bins)).report
    except EngineError as err:
        return f"not used: {err}"
    return f"inside; {found.same_ids:.2%} of ids as in f32, {_left_out(found)}"


def _left_out(found: report.Report) -> str:
    taken = "auto takes it" if found.is_faithful else "auto does not take it"
    return f"{len(found.left_out)} of {found.convolutions} convolutions left out; {taken}"
