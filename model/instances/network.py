"""A Mask R-CNN as data: its shape, and the arithmetic that weights do not say.

    photo ─ body ▶ maps, scores and deltas of anchors ─ proposals ▶ regions
          ─ box head ▶ scores and deltas of classes ─ detections ▶ things ─ mask head ▶ masks

Which ones are served is in model/instances/networks.py.
"""

from dataclasses import dataclass
from typing import Literal

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
    half_up: bool = False
    """Half a pixel makes a whole one; else where that gives an even number."""


@dataclass(frozen=True)
class Rules:
    """How a family computes."""

    mean: tuple[float, float, float]
    """RGB, 0..255."""
    std: tuple[float, float, float]
    resizing: Resizing | None
    """None: it sees photos at their own size."""
    proposals_before: int
    """Anchors that stay, the surest of all levels, or of each."""
    proposals: int
    """Regions of a photo, at most, that the box head sees."""
    per_level: bool = False
    """Whether proposals are chosen and suppressed level by level."""
    centred: bool = False
    """Whether anchors lie around the corner of their cell, unrounded."""
    least_side: float = -1.0
    """A proposal with a side no longer than this is none."""
    proposal_overlap: float = 0.7
    """Of two proposals that overlap more (intersection over union), the surer stays."""
    proposal_limit: float = 4.42
    """The largest logarithm of an anchor's growth."""
    delta_limit: float = 4.42
    """The largest logarithm of a region's growth."""
    delta_scale: tuple[float, float, float, float] = (0.1, 0.1, 0.2, 0.2)
    """What the box head's deltas are multiplied by."""
    min_score: float = 0.01
    """Less is nothing."""
    overlap: float = 0.5
    """Of two things of one class that overlap more, the surer stays."""
    cut_first: bool = False
    """Whether things are cut at the photo's edges before they are suppressed and masked."""
    samples: int = 2
    """A side, in each cell that a region is pooled to."""
    half_pixel: bool = False
    """Whether pooling takes a map's cells to lie at their middles."""
    least_cells: float = 1.0
    """The sides of what is pooled, in cells of the map, are no shorter."""
    wider: float = 1.0
    """Pixels added to a region's sides before its level is chosen."""
    multiple: int = 1
    """Photos are filled up with the mean, right and below, to sides that are multiples."""
    one_scale: bool = False
    """Whether boxes go back to the photo by one factor, the mean of its sides', geometrically."""


@dataclass(frozen=True)
class Network:
    """One network of a family."""

    name: str
    backbone: Backbone
    rules: Rules
    family: Literal["gluoncv", "tensorpack", "aws_samples"] = "gluoncv"
    """Whose weights it takes."""
    pyramid: bool = True
    """Maps at strides 4 to 64; else one at stride 16, and the last stage is the heads'."""
    box_pooled: int = 14
    """Cells a side that a region is pooled to."""
    mask_pooled: int = 14
    """The same for its mask."""
    halved: bool = True
    """The box head sees its cells averaged, 3x3 at every second."""
    sixth: bool = True
    """A convolution makes the map of level 6; else it is every second cell of level 5."""
    mask_convolutions: int = 4
    norms: bool = False
    """Batch normalisation in pyramid and heads too; the box head begins with a convolution."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Of the maps that proposals come from."""
        return (4, 8, 16, 32, 64) if self.pyramid else (16,)

    @property
    def map_names(self) -> list[str]:
        """Of the maps that heads pool from."""
        return [f"map{level}" for level in ((2, 3, 4, 5) if self.pyramid else (4,))]

    @property
    def box_cells(self) -> int:
        """Cells a side of a region, as the box head sees it."""
        return self.box_pooled // 2 if self.halved else self.box_pooled

    @property
    def mask_side(self) -> int:
        """Of a mask that comes out."""
        return 2 * self.mask_pooled if self.pyramid else self.mask_pooled
