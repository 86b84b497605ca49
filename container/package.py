"""`package PATH -o model.tar.gz`: an artifact that starts at once, graphs and class names inside.

It holds hyperparams.json, the weights that are served, graphs/, classes.json and the int8/ that
`quantize` made of them, and nothing else of what lay beside them. It still loads wherever the first
one did.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from container.folders import model_folder, temporary_folder
from container.preparation import told_of
from model import classes as class_file
from model import hyperparams
from model.classes import Classes, parse_classes, read_classes, write_classes
from model.graphs import FOLDER, Graphs
from model.instances.artifact import InstanceArtifact, said_of
from model.int8.report import FOLDER as INT8
from model.int8.report import Int8, find_int8
from model.kinds import Model, graphs_of_model, read_model
from model.pack import pack
from serve.instances.labels import of_things
from serve.render import palettes
from serve.setting import SettingsError
from serve.settings import Settings


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "package",
        help="write a model.tar.gz that starts at once",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, help="model directory or model.tar.gz")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the model.tar.gz to write")
    parser.add_argument(
        "--classes",
        metavar="NAMES",
        help="names by id, `background,cat,dog`, or a classes.json; default: the model's own",
    )
    parser.add_argument(
        "--palette", choices=palettes.NAMES, help="colours; default: those of classes.json"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write it, and say what is inside."""
    settings = Settings.from_env(os.environ)
    with (
        model_folder(arguments.path) as folder,
        temporary_folder("package.") as made,
    ):
        artifact = read_model(folder, told_of(settings))
        check_free(arguments.out, folder)
        named = _named(artifact, arguments.classes, arguments.palette)
        graphs = graphs_of_model(
            artifact, settings.psp_bins, cache=made, timeout_s=settings.startup_timeout_s
        )
        files = files_of(artifact, graphs, find_int8(folder / INT8, graphs.identity))
        files |= names_in(made, named) | told_in(made, artifact)
        write_archive(files, arguments.out)
    print(
        f"wrote {artifact.title} to {arguments.out}, {arguments.out.stat().st_size / 1e6:.1f} MB:"
    )
    print("\n".join(f"  {name}" for name in sorted(files)))
    if not named:
        print("without class names: --classes gives them")
    return 0


def files_of(artifact: Model, graphs: Graphs, int8: Int8 | None) -> dict[str, Path]:
    """All that serving reads of a model but classes.json, by its name in an archive."""
    own = (artifact.folder / hyperparams.FILE_NAME, *artifact.weights_files)
    files = {path.name: path for path in own}
    files |= {f"{FOLDER}/{path.name}": path for path in graphs.files}
    files |= {f"{INT8}/{path.name}": path for path in (int8.files if int8 else ())}
    return files


def names_in(folder: Path, named: Classes | None) -> dict[str, Path]:
    """classes.json, written into a folder, by its name in an archive; nothing without names."""
    if named is None:
        return {}
    path = folder / class_file.FILE_NAME
    write_classes(path, named)
    return {class_file.FILE_NAME: path}


def told_in(folder: Path, artifact: Model) -> dict[str, Path]:
    """hyperparams.json with what settings told of a Mask R-CNN, where its own is silent or missing.

    The archive says the same without the settings.
    """
    if not isinstance(artifact, InstanceArtifact):
        return {}
    said, own = (said_of(artifact.folder, told) for told in (artifact.told, {}))
    if said == own:
        return {}
    made = folder / hyperparams.FILE_NAME
    made.write_text(json.dumps(said, indent=1))
    return {hyperparams.FILE_NAME: made}


def check_free(out: Path, folder: Path) -> None:
    """An archive may take the place of an archive, not of a device or of what goes into it.

    Raises:
        SettingsError: it would, or it cannot be written there.
    """
    try:
        is_other = out.exists() and not out.is_file()
        is_inside = out.resolve().is_relative_to(folder.resolve()) and out.exists()
    except OSError as err:
        msg = f"{str(out)[:80]!r} cannot be written: {err.strerror}"
        raise SettingsError(msg) from err
    if is_other or is_inside:
        msg = f"{str(out)[:80]!r} is there and would be lost; name another file with -o"
        raise SettingsError(msg)
    try:
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as err:
        msg = f"{str(out)!r} cannot be written: {err.strerror}"
        raise SettingsError(msg) from err


def _named(artifact: Model, text: str | None, palette: str | None) -> Classes | None:
    named = artifact.named
    if text is not None and text.endswith(".json"):
        named = read_classes(Path(text), artifact.classes)
        if named is None:
            msg = f"--classes: there is no file {text}"
            raise SettingsError(msg)
    elif text is not None:
        values = {"classes": text.split(",")}
        named = parse_classes(values, artifact.classes, source="--classes")
    if palette is None:
        return named
    if named is None:
        msg = "--palette needs the classes' names beside it: --classes"
        raise SettingsError(msg)
    table = palettes.palette_of(palette)
    if isinstance(artifact, InstanceArtifact):
        table = of_things(table)
    colors = table[: artifact.classes].tolist()
    return Classes(named.names, tuple((red, green, blue) for red, green, blue in colors))


def write_archive(files: dict[str, Path], out: Path) -> None:
    """Write it whole or not at all.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        pack(files, out)
    except OSError as err:
        msg = f"{str(out)!r} cannot be written: {err.strerror}"
        raise SettingsError(msg) from err
