"""One network at one photo size: stock, ours as whole requests, ours without a server."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from bench.bare import engine_s, write_photo
from bench.int8 import add_int8
from bench.load import Load, load
from bench.servers import Server, Timed, serving
from bench.stock import ANY_SIZE
from model.algorithms import DEFAULT_PSP_BINS
from model.artifact import read_artifact
from model.convert import graphs_of
from model.cpu import has_vnni
from model.int8.report import FOLDER
from model.upsampling import Size
from tests.artifacts import Recipe, write_artifact

PNG, RECORDIO = "image/png", "application/x-recordio-protobuf"
FLOATS = ("f32", "bf16")
PRECISIONS = (*FLOATS, *(("int8",) if has_vnni() else ()))
CLIENTS = (1, 2, 4)


@dataclass(frozen=True)
class Plan:
    """What to measure, and how often."""

    recipe: Recipe
    size: Size
    requests: int
    """A median is taken of these."""
    loads: int
    """Requests at each number of clients; 0 for no such figures."""
    model: Path | None = None
    """A trained model of that recipe, with an int8/ of its own if it has one; None: random weights,
    quantized without looking at what it costs."""


@dataclass(frozen=True)
class Stock:
    """The stock server; None in a row where it cannot answer that size."""

    png: Timed
    loads: list[Load]
    mb: float


@dataclass(frozen=True)
class Ours:
    """Our server in one precision, and its engine alone."""

    png: Timed
    recordio: Timed
    loads: list[Load]
    mb: float
    """Peak of all processes after the PNG requests."""
    first_start_s: float
    """From the process to the first healthy ping, with nothing in the cache for f32."""
    cached_start_s: float
    bare_s: float


@dataclass(frozen=True)
class Row:
    """All of one network at one size."""

    network: str
    size: Size
    stock: Stock | None
    ours: dict[str, Ours]


def title_of(recipe: Recipe) -> str:
    """Network and backbone."""
    return (
        recipe.algorithm if recipe.backbone == "none" else f"{recipe.algorithm} {recipe.backbone}"
    )


def measure(plan: Plan, folder: Path) -> Row:
    """Write the artifact to `folder`, serve it every way, one after the other."""
    model = folder / "model"
    if plan.model:
        shutil.copytree(plan.model, model)
    else:
        write_artifact(model, plan.recipe)
    height, width = plan.size
    photo, image = write_photo(folder / "photo.jpg", plan.size)
    stock = None
    if height == width or plan.recipe.algorithm in ANY_SIZE:
        with serving(["bench.stock", str(model), str(height), str(width), "{port}"]) as server:
            png = server.median(photo, PNG, plan.requests)
            mb = server.peak_mb()
            stock = Stock(png, _loads(server, photo, plan.loads // 2), mb)
    ours = {}
    graphs = graphs_of(
        read_artifact(model), DEFAULT_PSP_BINS, cache=folder / "first", timeout_s=300
    )
    int8 = model / FOLDER if "int8" in PRECISIONS else None
    if int8 and not int8.is_dir():
        add_int8(model, graphs, image)
    for precision in PRECISIONS:
        settings = {"SEG_PRECISION": precision, "SEG_CACHE_DIR": str(folder / "cache")}
        settings["SEG_CACHE_MB"] = "0"  # the same photo is sent again and again
        command = ["container", "serve", "--model-dir", str(model)]
        with serving(command, **settings) as server:
            first_start_s = server.start_s
        with serving(command, **settings) as server:
            png = server.median(photo, PNG, plan.requests)
            mb = server.peak_mb()
            recordio = server.median(photo, RECORDIO, plan.requests)
            loads = _loads(server, photo, plan.loads)
            cached_start_s = server.start_s
        own = replace(graphs, int8=int8 if precision == "int8" else None)
        bare_s = engine_s(own, precision, image, plan.requests)
        ours[precision] = Ours(png, recordio, loads, mb, first_start_s, cached_start_s, bare_s)
    return Row(title_of(plan.recipe), plan.size, stock, ours)


def _loads(server: Server, photo: bytes, requests: int) -> list[Load]:
    return [load(server, photo, PNG, clients=n, requests=requests) for n in CLIENTS if requests]
