"""Peak memory by photo size: one process a measurement, the engine alone, a mask read off.

python -m bench.memory GRAPHS_FOLDER MIN_SIDE PRECISION HEIGHT WIDTH TILE_PIXELS     the process
measured
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

from model.cpu import usable_cores
from model.engines.engine import LargePhotos
from model.engines.openvino import OpenVINOEngine
from model.graphs import Graphs, Identity
from model.upsampling import Size

SIZES: tuple[Size, ...] = ((1000, 1000), (2000, 2000))
SMALL: tuple[Size, ...] = ((500, 500), (707, 707), (1000, 1000))
"""For DANet, whose attention compares every cell of the map with every other."""
TILED: tuple[Size, ...] = ((2000, 2000), (3000, 4000), (4000, 6000))
TILE_PIXELS = 4_000_000
"""The default: the first of TILED is seen whole, the others in tiles as large."""


def peak_mb(graphs: Graphs, precision: str, size: Size, tile_pixels: int = 0) -> float:
    """Highest resident memory of a process that answers one photo, in tiles where it is larger."""
    command = [sys.executable, "-m", "bench.memory", str(graphs.folder)]
    command += [str(graphs.identity.min_side), precision, *map(str, size)]
    command.append(str(tile_pixels))
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def slope(sizes: tuple[Size, ...], peaks: list[float]) -> float:
    """MB a megapixel, between the smallest and the largest."""
    megapixels = [height * width / 1e6 for height, width in sizes]
    return (peaks[-1] - peaks[0]) / (megapixels[-1] - megapixels[0])


def _main(folder: str, min_side: str, precision: str, *numbers: str) -> None:
    height, width, tile_pixels = map(int, numbers)
    graphs = Graphs(Path(folder), Identity("", 0, int(min_side)))
    large = LargePhotos(tile_pixels=tile_pixels)
    engine = OpenVINOEngine(graphs, precision=precision, threads=usable_cores(), large=large)
    engine.predict(np.zeros((height, width, 3), np.uint8)).mask()
    (line,) = (
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )
    print(int(line.split()[1]) / 1024)


if __name__ == "__main__":
    _main(*sys.argv[1:])
