"""`quantize`: a model.tar.gz that can run in int8, twice as fast as in bf16 (docs/int8.md).

Every other photo of the folder calibrates, at most 30, the rest judge, at most 60: by how many of
their pixels keep the class that f32 gives them and, where there are annotations, by IoU. The best
photos are such as will be served. The archive holds all that `package` writes, and int8/.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from container.calibration import parted
from container.folders import model_folder, temporary_folder
from container.package import check_free, files_of, names_in, write_archive
from container.photos import AnyPhoto, find_photos, find_plain, label_map_of
from container.preparation import labels_for, told_of
from container.report import table
from container.verdict import verdict
from model.artifact import Artifact
from model.convert import graphs_of
from model.engines import EngineChoice
from model.engines.engine import LargePhotos
from model.kinds import read_segmentation
from serve.setting import SettingsError
from serve.settings import Settings


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "quantize",
        help="write a model.tar.gz that can run in int8",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model-dir", type=Path, help="model directory or model.tar.gz; default: SM_MODEL_DIR")
    add("--images", type=Path, required=True, help="folder of photos")
    add("--annotations", type=Path, help="folder of their annotations, to measure IoU as well")
    add("--label-map", type=Path, metavar="FILE", help="as train_label_map.json of a training job")
    add("-o", "--out", type=Path, required=True, help="the model.tar.gz to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check everything, quantize, measure, write."""
    settings = Settings.from_env(os.environ)
    EngineChoice("openvino", "int8").settled()  # it is judged as it is served
    path = arguments.model_dir or settings.model_dir
    with model_folder(path) as folder, temporary_folder("quantize.") as made:
        artifact = read_segmentation(folder, told_of(settings))
        check_free(arguments.out, folder)
        names = labels_for(settings, artifact).names
        calibrating, judging = parted(_photos(arguments, artifact, settings), arguments.images)
        timeout_s = settings.startup_timeout_s
        graphs = graphs_of(artifact, settings.psp_bins, cache=made, timeout_s=timeout_s)

        from container.quantization import Plan, quantized  # noqa: PLC0415  # onnx, openvino

        large = LargePhotos(settings.infer_max_side, settings.tile_pixels)
        plan = Plan(graphs, calibrating, judging, large, made)
        findings = quantized(plan)
        files = files_of(artifact, graphs, findings.int8) | names_in(made, artifact.named)
        write_archive(files, arguments.out)
    counts = f"{len(calibrating)} photos calibrated, {len(judging)} judged"
    print(f"{artifact.title}, {counts}\n\n{table(findings.outcomes, names)}")
    print(f"\n{verdict(findings.int8.report)}\nwrote {arguments.out}")
    return 0


def _photos(
    arguments: argparse.Namespace, artifact: Artifact, settings: Settings
) -> Sequence[AnyPhoto]:
    images, annotations = arguments.images, arguments.annotations
    if annotations is None:
        if arguments.label_map is not None:
            msg = "--label-map says what annotations mean: it needs --annotations"
            raise SettingsError(msg)
        return find_plain(images, max_pixels=settings.max_pixels)
    label_map = label_map_of(arguments.label_map, artifact.classes)
    photos, warnings = find_photos(images, annotations, label_map, max_pixels=settings.max_pixels)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return photos
