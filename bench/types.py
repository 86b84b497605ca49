"""What each type of answer adds to the network's time, and what a photo costs that is known."""

from dataclasses import dataclass
from pathlib import Path

from bench.bare import write_photo
from bench.servers import Timed, serving
from model.upsampling import Size
from tests.artifacts import Recipe, write_artifact

SIZE: Size = (600, 800)
TYPES = (
    "image/png",
    "application/x-recordio-protobuf",
    "image/png-overlay",
    "image/jpeg-overlay",
    "image/webp-overlay",
    "image/jpeg-overlay;legend=1;outline=2",
    "image/jpeg-overlay;class=1;probabilistic=1;colormap=viridis",
    "image/png-mask",
    "application/json",
    "application/json;regions=rle",
    "application/x-npy;class=1",
    "application/x-npy;topk=3;dtype=uint8",
    "application/x-npy;dtype=float16",
)


@dataclass(frozen=True)
class TypeCost:
    """One type, in milliseconds."""

    accept: str
    whole_ms: float
    added: float
    """What the server does for this type beyond the network for a mask, as a share of that."""
    http_ms: float
    """Outside the server's stages: loopback and the client's reading of the answer."""
    again_ms: float
    """The same photo once more, its prediction kept."""


def type_costs(folder: Path, requests: int) -> list[TypeCost]:
    """FCN-ResNet50 with 21 classes in bf16; every type against `predict` of image/png."""
    model = folder / "model"
    write_artifact(model, Recipe("fcn", classes=21, crop_size=240))
    photo, _ = write_photo(folder / "photo.jpg", SIZE)
    command = ["container", "serve", "--model-dir", str(model)]
    settings = {"SEG_PRECISION": "bf16", "SEG_CACHE_DIR": str(folder / "cache")}
    with serving(command, SEG_CACHE_MB="0", **settings) as server:
        wholes = [server.median(photo, accept, requests) for accept in TYPES]
    with serving(command, **settings) as server:
        agains = [server.median(photo, accept, 3 * requests) for accept in TYPES]
    network_s = wholes[0].stages_s["predict"]
    return [
        TypeCost(
            accept,
            1000 * whole.seconds,
            (_around_s(whole) + _head_s(again) - _head_s(agains[0])) / network_s,
            1000 * (whole.seconds - sum(whole.stages_s.values())),
            1000 * again.seconds,
        )
        for accept, whole, again in zip(TYPES, wholes, agains, strict=True)
    ]


def _around_s(whole: Timed) -> float:
    """Seconds of the stages around the inference thread, whose noise is larger than they are."""
    return sum(taken for stage, taken in whole.stages_s.items() if stage != "predict")


def _head_s(again: Timed) -> float:
    """Seconds to read the answer off a prediction that was kept."""
    return again.stages_s["predict"]


def show(costs: list[TypeCost]) -> None:
    """The table."""
    print(f"\nfcn resnet-50 in bf16 at {SIZE[0]}x{SIZE[1]}, by type")
    print(f"{'':62}{'whole ms':>9}{'added':>8}{'http ms':>9}{'again ms':>10}")
    for cost in costs:
        figures = f"{cost.whole_ms:9.1f}{cost.added:8.1%}{cost.http_ms:9.1f}{cost.again_ms:10.1f}"
        print(f"  {cost.accept:<60}{figures}")
