"""The networks that are served, as data: their shape, and the arithmetic that weights do not say.

    photo ─ body ▶ maps, scores and deltas of anchors ─ proposals ▶ regions
          ─ box head ▶ scores and deltas of classes ─ detections ▶ things ─ mask head ▶ masks

Sources: GluonCV 0.10.5 `model_zoo/rcnn/mask_rcnn/predefined_models.py` (names, widths, numbers),
`model_zoo/rcnn/rpn/anchor.py`, `nn/coder.py`.
"""

from dataclasses import dataclass

from model.errors import ArtifactError

MAX_DETECTIONS = 100
"""Things told of one photo; as COCO's evaluation counts them."""
WIDTHS = (64, 128, 256, 512)
"""Channels within the blocks of a ResNet's four stages."""
MAP_CHANNELS = 256
"""Of every map of a feature pyramid."""


@dataclass(frozen=True)
class Backbone:
    """A ResNet; stride in the 3x3 convolution."""

    name: str
    blocks: tuple[int, int, int, int]
    """In each stage."""
    bottleneck: bool = True
    """Blocks of 1x1, 3x3, 1x1 rather than 3x3, 3x3."""
    deep: bool = False
    """ "v1d": three 3x3 convolutions for the 7x7, and averages before a stage's shortcut."""

    @property
    def expansion(self) -> int:
        """Channels that leave a block for one within it."""
        return 4 if self.bottleneck else 1


@dataclass(frozen=True)
class Resizing:
    """The size that the network sees photos in."""

    short: int
    """Pixels: the shorter side is brought to it."""
    longest: int
    """The longer side is at most so many."""


@dataclass(frozen=True)
class Rules:
    """How a family computes."""

    mean: tuple[float, float, float]
    """RGB, 0..255."""
    std: tuple[float, float, float]
    resizing: Resizing
    proposals_before: int
    """Anchors that stay, the surest of all levels."""
    proposals: int
    """Regions of a photo, at most, that the box head sees."""
    proposal_overlap: float = 0.7
    """Of two proposals that overlap more (intersection over union), the surer stays."""
    delta_limit: float = 4.42
    """The largest logarithm of a region's growth."""
    delta_scale: tuple[float, float, float, float] = (0.1, 0.1, 0.2, 0.2)
    """What the box head's deltas are multiplied by."""
    min_score: float = 0.01
    """Less is nothing."""
    overlap: float = 0.5
    """Of two things of one class that overlap more, the surer stays."""
    samples: int = 2
    """A side, in each cell that a region is pooled to."""
    half_pixel: bool = False
    """Whether pooling takes a map's cells to lie at their middles."""
    wider: float = 1.0
    """Pixels added to a region's sides before its level is chosen."""


@dataclass(frozen=True)
class Network:
    """One network of a family."""

    name: str
    backbone: Backbone
    rules: Rules
    pyramid: bool = True
    """Maps at strides 4 to 64; else one at stride 16, and the last stage is the heads'."""
    pooled: int = 14
    """Cells a side that a region is pooled to."""
    halved: bool = True
    """The box head sees them averaged, 3x3 at every second."""
    mask_convolutions: int = 4
    norms: bool = False
    """Batch normalisation in pyramid and heads too; the box head begins with a convolution."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Of the maps that proposals come from."""
        return (4, 8, 16, 32, 64) if self.pyramid else (16,)

    @property
    def box_cells(self) -> int:
        """Cells a side of a region, as the box head sees it."""
        return self.pooled // 2 if self.halved else self.pooled

    @property
    def mask_side(self) -> int:
        """Of a mask that comes out."""
        return 2 * self.pooled if self.pyramid else self.pooled


_RESNET18 = Backbone("resnet18_v1b", (2, 2, 2, 2), bottleneck=False)
_RESNET50 = Backbone("resnet50_v1b", (3, 4, 6, 3))
_RESNET101 = Backbone("resnet101_v1d", (3, 4, 23, 3), deep=True)

GLUON = Rules(
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
    resizing=Resizing(800, 1333),
    proposals_before=6000,
    proposals=1000,
)

NETWORKS = {
    network.name: network
    for network in (
        Network(
            "mask_rcnn_fpn_resnet18_v1b_coco",
            _RESNET18,
            GLUON,
            pooled=7,
            halved=False,
            mask_convolutions=2,
        ),
        Network("mask_rcnn_fpn_resnet50_v1b_coco", _RESNET50, GLUON),
        Network("mask_rcnn_fpn_resnet101_v1d_coco", _RESNET101, GLUON),
        Network(
            "mask_rcnn_fpn_syncbn_resnet18_v1b_coco",
            _RESNET18,
            GLUON,
            pooled=7,
            halved=False,
            mask_convolutions=2,
            norms=True,
        ),
        *(
            Network(
                f"mask_rcnn_{backbone.name}_coco",
                backbone,
                GLUON,
                pyramid=False,
                halved=False,
                mask_convolutions=0,
            )
            for backbone in (_RESNET18, _RESNET50, _RESNET101)
        ),
    )
}


def network_of(name: str) -> Network:
    """The network of a name, in any case, with dashes or underscores.

    Raises:
        ArtifactError: there is none.
    """
    plain = name.strip().strip('"').lower().replace("-", "_")
    if plain not in NETWORKS:
        served = ", ".join(NETWORKS)
        msg = f"algorithm {name[:80]!r} is no Mask R-CNN that is served; served: {served}"
        raise ArtifactError(msg)
    return NETWORKS[plain]
