"""What a request may choose of a network that finds things one by one.

The words are those of serve/options.py wherever they mean the same; what it has and this has not
means nothing here and is refused.
"""

from collections.abc import Mapping

from serve.kinds import FLAG, Kind, one_of
from serve.options import FRACTION, KINDS

_SHARED = ("class", "alpha", "color", "outline", "legend", "quality", "palette", "orientation")

INSTANCE_KINDS: Mapping[str, Kind] = {
    **{name: KINDS[name] for name in _SHARED},
    "score_threshold": FRACTION,
    "mask_threshold": FRACTION,
    "scores": FLAG,
    "boxes": one_of("int", "float"),
    "ids": one_of("contiguous", "coco"),
    "regions": one_of("rows", "rle", "polygons", "none"),
    "labels": FLAG,
    "array": one_of("boxes", "mask"),
}
