"""Speed against exactness, of trained networks: `python -m bench.accuracy FILE... -o PICTURE`.

    python -m container evaluate --model-dir M --images I --annotations A \
        --engines mxnet,openvino:f32,openvino:bf16,openvino:int8 --json NAME.json

writes such a file, photo by photo through one engine after the other; here it becomes a row of a
table for each engine, and a line of a picture. A file's name, without its suffix, is the network's.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

_MARKS = {"mxnet": "s", "f32": "o", "bf16": "^", "int8": "D"}


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The engines of a file, the first as what the others' speed is a multiple of."""
    engines: list[dict[str, Any]] = json.loads(path.read_text())["engines"]
    for engine in engines:
        engine["times"] = engines[0]["seconds"] / engine["seconds"]
    return engines


def table(networks: dict[str, list[dict[str, Any]]]) -> str:
    """As Markdown."""
    head = "| | ms a photo | times as fast | mean IoU | ids as the first's, % |"
    lines = [head, "| --- | --- | --- | --- | --- |"]
    for network, engines in networks.items():
        for engine in engines:
            name = f"{network}, {engine['engine']} {engine['precision']}"
            speed = f"{1000 * engine['seconds']:.1f} | {engine['times']:.2f}"
            exact = f"{engine['mean_iou']:.4f} | {100 * engine['same_ids']:.2f}"
            lines.append(f"| {name} | {speed} | {exact} |")
    return "\n".join(lines)


def plot(networks: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Write a PNG: photos a second across, mean IoU up, a line a network."""
    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    for network, engines in networks.items():
        speeds = [1 / engine["seconds"] for engine in engines]
        ious = [engine["mean_iou"] for engine in engines]
        (line,) = axes.plot(speeds, ious, "-", label=network, alpha=0.5)
        for engine, speed, iou in zip(engines, speeds, ious, strict=True):
            name = engine["precision"] if engine["engine"] != "mxnet" else "mxnet"
            axes.plot(speed, iou, _MARKS.get(name, "o"), color=line.get_color(), markersize=9)
            place = (0, -18 if name in {"f32", "int8"} else 10)
            axes.annotate(name, (speed, iou), place, textcoords="offset points", ha="center")
    axes.set(xscale="log", xlabel="photos a second", ylabel="mean IoU")
    axes.margins(0.12, 0.2)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Print the table, write the picture."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    networks = {path.stem: rows_of(path) for path in arguments.files}
    print(table(networks))
    plot(networks, arguments.out)


if __name__ == "__main__":
    main()
