"""`make bench`: stock against ours, same photo, same weights, same cores, one run.

Prints a table and writes bench/results.json. Figures of different runs are not to be compared:
machines are noisy; ratios within a run are what counts.
"""

import argparse
import json
import platform
import tempfile
from pathlib import Path
from typing import Any

from bench.bare import engine_s, peak_gflops, write_photo
from bench.servers import serving
from model.artifact import read_artifact
from model.convert import graphs_of
from model.cpu import has_native_bf16, usable_cores
from tests.artifacts import Recipe, write_artifact

RESULTS = Path(__file__).parent / "results.json"
PNG, RECORDIO = "image/png", "application/x-recordio-protobuf"
PRECISIONS = ("f32", "bf16")
BINS = (1, 2, 3, 6)


def measure(recipe: Recipe, side: int, requests: int, folder: Path) -> dict[str, Any]:
    """One network: stock, ours as whole requests, ours bare; seconds and MB."""
    model, cache = folder / recipe.algorithm, folder / "cache"
    write_artifact(model, recipe)
    photo, image = write_photo(folder / "photo.jpg", side)
    row: dict[str, Any] = {"network": f"{recipe.algorithm} {recipe.backbone}", "side": side}
    with serving(["bench.stock", str(model), str(side), "{port}"]) as stock:
        row["stock"] = {"png_s": stock.median_s(photo, PNG, requests), "mb": stock.peak_mb()}
    for precision in PRECISIONS:
        settings = {"SEG_PRECISION": precision, "SEG_CACHE_DIR": str(cache)}
        command = ["container", "serve", "--model-dir", str(model)]
        with serving(command, **settings) as cold:
            first_start_s = cold.start_s
        with serving(command, **settings) as ours:
            row[precision] = {
                "png_s": ours.median_s(photo, PNG, requests),
                "mb": ours.peak_mb(),
                "recordio_s": ours.median_s(photo, RECORDIO, requests),
                "first_start_s": first_start_s,
                "cached_start_s": ours.start_s,
            }
        graphs = graphs_of(read_artifact(model), BINS, cache=cache, timeout_s=300)
        row[precision]["bare_s"] = engine_s(graphs, precision, image, requests)
    return row


def show(rows: list[dict[str, Any]], peaks: dict[str, float]) -> None:
    """The table."""
    print(
        f"\n{'':22}{'png s':>8}{'x stock':>9}{'bare s':>8}{'whole/bare':>11}"
        f"{'recordio s':>11}{'start s':>8}{'cached':>7}{'MB':>6}"
    )
    for row in rows:
        stock = row["stock"]["png_s"]
        print(f"{row['network']} {row['side']}²")
        print(f"{'  stock':<22}{stock:8.3f}{1:9.2f}{'':45}{row['stock']['mb']:6.0f}")
        for precision in PRECISIONS:
            ours = row[precision]
            print(
                f"{'  ours, ' + precision:<22}{ours['png_s']:8.3f}{stock / ours['png_s']:9.2f}"
                f"{ours['bare_s']:8.3f}{ours['png_s'] / ours['bare_s']:11.3f}"
                f"{ours['recordio_s']:11.3f}{ours['first_start_s']:8.1f}"
                f"{ours['cached_start_s']:7.1f}{ours['mb']:6.0f}"
            )
    for precision, gflops in peaks.items():
        print(f"matrix product in {precision}: {gflops:.0f} GFLOP/s")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--side", type=int, default=480, help="pixels of the square photo")
    parser.add_argument("--requests", type=int, default=7, help="requests a median is taken of")
    arguments = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {usable_cores()} cores, "
        f"native bf16: {has_native_bf16()}"
    )
    rows = []
    for algorithm in ("fcn", "psp", "deeplab"):
        with tempfile.TemporaryDirectory(prefix="bench.") as folder:
            recipe = Recipe(algorithm, classes=21, crop_size=240)
            rows.append(measure(recipe, arguments.side, arguments.requests, Path(folder)))
            print(f"measured {rows[-1]['network']}", flush=True)
    peaks = {precision: peak_gflops(precision, arguments.requests) for precision in PRECISIONS}
    show(rows, peaks)
    RESULTS.write_text(json.dumps({"networks": rows, "matrix_gflops": peaks}, indent=2) + "\n")
    print(f"wrote {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
