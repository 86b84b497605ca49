"""The networks that are served, by name.

Sources: GluonCV 0.10.5 `model_zoo/rcnn/mask_rcnn/predefined_models.py` (names, widths, numbers),
`model_zoo/rcnn/rpn/anchor.py`, `nn/coder.py`; tensorpack `examples/FasterRCNN` at fac024f0
(config.py, modeling); aws-samples/mask-rcnn-tensorflow at 59168dc0 (`MaskRCNN/config.py`, `model`);
TensorFlow 2.12 `generate_box_proposals_op.cu.cc`.
"""

import math
from dataclasses import replace

from model.errors import ArtifactError
from model.instances.network import Backbone, Network, Resizing, Rules

_RESNET18 = Backbone("resnet18_v1b", (2, 2, 2, 2), bottleneck=False)
_RESNET101D = Backbone("resnet101_v1d", (3, 4, 23, 3), deep=True)
RESNET50 = Backbone("resnet50_v1b", (3, 4, 6, 3))
RESNET101 = Backbone("resnet101_v1b", (3, 4, 23, 3))

GLUON = Rules(
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
    resizing=Resizing(800, 1333),
    proposals_before=6000,
    proposals=1000,
)

TENSORPACK = Rules(
    mean=GLUON.mean,
    std=GLUON.std,
    resizing=Resizing(800, 1344, half_up=True),  # 1333, brought to a multiple of 32
    proposals_before=1000,
    proposals=1000,
    per_level=True,
    centred=True,
    least_side=0.0,
    proposal_limit=math.log(1344 / 16),
    delta_limit=math.log(1344 / 16),
    min_score=0.05,
    cut_first=True,
    half_pixel=True,
    least_cells=0.0,
    wider=0.0,
    multiple=32,
    one_scale=True,
)

AWS_SAMPLES = replace(
    TENSORPACK,
    resizing=None,
    proposals_before=2000,
    least_side=0.1,
    proposal_limit=math.log(1000 / 16),  # TensorFlow's own operator
    samples=1,
    half_pixel=False,
)


def _gluon(name: str, backbone: Backbone, *, small: bool, norms: bool = False) -> Network:
    if not small:
        return Network(name, backbone, GLUON)
    return Network(
        name,
        backbone,
        GLUON,
        box_pooled=7,
        mask_pooled=7,
        halved=False,
        mask_convolutions=2,
        norms=norms,
    )


def _single(backbone: Backbone) -> Network:
    name = f"mask_rcnn_{backbone.name}_coco"
    return Network(name, backbone, GLUON, pyramid=False, halved=False, mask_convolutions=0)


_TENSORPACK = Network(
    "mask_rcnn_tensorpack",
    RESNET50,
    TENSORPACK,
    family="tensorpack",
    box_pooled=7,
    halved=False,
    sixth=False,
)

GLUONCV_NETWORKS = (
    _gluon("mask_rcnn_fpn_resnet18_v1b_coco", _RESNET18, small=True),
    _gluon("mask_rcnn_fpn_resnet50_v1b_coco", RESNET50, small=False),
    _gluon("mask_rcnn_fpn_resnet101_v1d_coco", _RESNET101D, small=False),
    _gluon("mask_rcnn_fpn_syncbn_resnet18_v1b_coco", _RESNET18, small=True, norms=True),
    *(_single(backbone) for backbone in (_RESNET18, RESNET50, _RESNET101D)),
)
TENSORPACK_NETWORKS = (
    _TENSORPACK,
    replace(_TENSORPACK, name="mask_rcnn_aws_samples", rules=AWS_SAMPLES, family="aws_samples"),
)
"""On a ResNet-50, unless the weights are of a ResNet-101."""

NETWORKS = {network.name: network for network in GLUONCV_NETWORKS + TENSORPACK_NETWORKS}


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
