"""`make bench`, `make bench-full`: stock against ours, same photo, weights and cores, one run.

Prints tables, writes bench/results.json and bench/results.png. Figures of different runs are not to
be compared: machines are noisy; ratios within a run are what counts.
"""

import argparse
import json
import platform
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.bare import peak_gflops
from bench.batches import batches
from bench.batches import show as show_batches
from bench.instances import instances
from bench.instances import show as show_instances
from bench.measure import FLOATS, Plan, Row, measure, title_of
from bench.memory import SIZES, SMALL, TILE_PIXELS, TILED, peak_mb, slope
from bench.plot import plot
from bench.report import exponents, show
from bench.transform import show as show_transforms
from bench.transform import transforms
from bench.types import show as show_types
from bench.types import type_costs
from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import read_artifact
from model.convert import graphs_of
from model.cpu import has_native_bf16, usable_cores
from tests.artifacts import Recipe, write_artifact

_HERE = Path(__file__).parent
_BUILT_IN = [
    Recipe(algorithm, classes=21, crop_size=240) for algorithm in ("fcn", "psp", "deeplab")
]
_OTHERS = [
    Recipe("danet", classes=21, crop_size=240, aux=False),
    Recipe("icnet", classes=21, crop_size=256),
    Recipe("deeplabplus", "xception", classes=21, crop_size=240),
    Recipe("fastscnn", "none", classes=21, crop_size=256),
]
_FULL_SIZES = ((240, 240), (480, 480), (600, 800), (1080, 1920))
_DANET_MAX_PIXELS = 600 * 800  # 1080x1920 would be an attention map of 4 GB, several times over


def _plans(*, full: bool) -> list[Plan]:
    if not full:
        return [Plan(recipe, (480, 480), requests=7, loads=12) for recipe in _BUILT_IN]
    return [
        Plan(recipe, size, requests=3, loads=0)
        for recipe in _BUILT_IN + _OTHERS
        for size in _FULL_SIZES
        if recipe.algorithm != "danet" or size[0] * size[1] <= _DANET_MAX_PIXELS
    ]


def _plan_of(model: Path) -> Plan:
    artifact = read_artifact(model)
    told = artifact.hyperparams
    recipe = Recipe(told.algorithm.name, told.backbone, artifact.classes)
    return Plan(recipe, (480, 480), requests=15, loads=0, model=model)


def _measured(plan: Plan) -> Row:
    with tempfile.TemporaryDirectory(prefix="bench.") as folder:
        row = measure(plan, Path(folder))
    print(f"measured {row.network} at {plan.size[0]}x{plan.size[1]}", flush=True)
    return row


def _memory(recipe: Recipe) -> dict[str, Any]:
    """Peaks at a few sizes, by precision, and what a megapixel adds; then in tiles."""
    sizes = SMALL if recipe.algorithm == "danet" else SIZES
    row: dict[str, Any] = {"network": title_of(recipe), "sizes": sizes}
    with tempfile.TemporaryDirectory(prefix="bench.") as folder:
        model = Path(folder) / "model"
        write_artifact(model, recipe)
        graphs = graphs_of(
            read_artifact(model), DEFAULT_PSP_BINS, cache=Path(folder), timeout_s=300
        )
        for precision in FLOATS:
            peaks = [peak_mb(graphs, precision, size) for size in sizes]
            row[precision] = {"peaks_mb": peaks, "mb_per_megapixel": slope(sizes, peaks)}
            told = ", ".join(
                f"{height}x{width} {peak:.0f} MB"
                for (height, width), peak in zip(sizes, peaks, strict=True)
            )
            more = f"{row[precision]['mb_per_megapixel']:.0f} MB a megapixel"
            print(f"{row['network']}, {precision}: {told}; {more}", flush=True)
            if recipe.algorithm != "danet":
                tiled = [peak_mb(graphs, precision, size, TILE_PIXELS) for size in TILED]
                row[precision]["tiled_peaks_mb"] = tiled
                listed = ", ".join(f"{peak:.0f}" for peak in tiled)
                print(f"  in tiles, at 4, 12 and 24 megapixels: {listed} MB", flush=True)
    return row


_ALONE: dict[str, Callable[[Path], None]] = {
    "batches": lambda folder: show_batches(batches(folder)),
    "transform": lambda folder: show_transforms(transforms(folder)),
    "instances": lambda folder: show_instances(instances(folder, 3)),
}
"""What can be measured by itself, and is not in results.json."""


def _run_alone(name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="bench.") as folder:
        _ALONE[name](Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="all networks and sizes; hours")
    parser.add_argument("--memory", action="store_true", help="peak memory by photo size alone")
    parser.add_argument("--batches", action="store_true", help="photos a second in batches alone")
    parser.add_argument(
        "--transform", action="store_true", help="photos a second of a batch transform job alone"
    )
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a trained model, quantized maybe, alone"
    )
    parser.add_argument("--instances", action="store_true", help="Mask R-CNN alone")
    return parser.parse_args()


def main() -> None:
    """Run it."""
    arguments = _arguments()
    model = platform.processor() or platform.machine()
    print(f"{model}, {usable_cores()} cores, native bf16: {has_native_bf16()}")
    alone = [name for name in _ALONE if getattr(arguments, name)]
    for name in alone:
        _run_alone(name)
    if alone:
        return
    if arguments.model:
        row = _measured(_plan_of(arguments.model))
        show([row], {precision: peak_gflops(precision, 7) for precision in FLOATS})
        return
    plans = [] if arguments.memory else _plans(full=arguments.full)
    rows = [_measured(plan) for plan in plans]
    peaks = {precision: peak_gflops(precision, 7) for precision in FLOATS}
    if rows:
        show(rows, peaks)
        plot(rows, _HERE / "results.png")
    with tempfile.TemporaryDirectory(prefix="bench.") as folder:
        costs = [] if arguments.memory else type_costs(Path(folder), 5)
    if costs:
        show_types(costs)
        _run_alone("instances")
    is_long = arguments.full or arguments.memory
    memory = [_memory(recipe) for recipe in _BUILT_IN + _OTHERS] if is_long else []
    results = {
        "networks": [asdict(row) for row in rows],
        "exponents": exponents(rows),
        "matrix_gflops": peaks,
        "types": [asdict(cost) for cost in costs],
        "memory": memory,
    }
    (_HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print("wrote bench/results.json" + (" and bench/results.png" if rows else ""))


if __name__ == "__main__":
    main()
