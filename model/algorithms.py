"""The networks an artifact can name, as data: one row an algorithm.

The first three are what the SageMaker built-in trains; the others are GluonCV's and an extension.
Sources: GluonCV 0.10.5 `model_zoo` (classes, parameter names), the built-in algorithm's
hyperparameter page (`algorithm`, `backbone`). Knows no mxnet: `model/networks.py` does.
"""

from dataclasses import dataclass

DEFAULT_PSP_BINS = (1, 2, 3, 6)
MIN_CLASSES = 2
MAX_CLASSES = 254  # 255 is the label to ignore
NO_BACKBONE = "none"


@dataclass(frozen=True)
class Algorithm:
    """What there is to know about a network before it is built."""

    name: str
    network: str
    """Module and class in gluoncv.model_zoo."""
    backbones: tuple[str, ...]
    """GluonCV's names; the first is the default."""
    classifier: tuple[str, str]
    """Weight of the last convolution, (classes, channels, 1, 1): dotted name, prefixed name."""
    aux: tuple[str, ...] = ()
    """How names of the auxiliary head begin; it is for training alone and never loaded."""
    min_side: int = 1
    """Photos with a shorter side are padded to this many pixels."""

    @property
    def has_backbone(self) -> bool:
        """Whether there is one to choose."""
        return self.backbones != (NO_BACKBONE,)


_RESNETS = ("resnet50", "resnet101")

ALGORITHMS = {
    row.name: row
    for row in (
        Algorithm(
            "fcn",
            "fcn.FCN",
            _RESNETS,
            ("head.block.4.weight", "_fcnhead0_hybridsequential0_conv1_weight"),
            aux=("auxlayer.", "_fcnhead1_"),
        ),
        Algorithm(
            "psp",
            "pspnet.PSPNet",
            _RESNETS,
            ("head.block.4.weight", "_psphead0_conv1_weight"),
            aux=("auxlayer.", "_fcnhead0_"),
        ),
        Algorithm(
            "deeplab",
            "deeplabv3.DeepLabV3",
            _RESNETS,
            ("head.block.4.weight", "_deeplabhead0_conv1_weight"),
            aux=("auxlayer.", "_fcnhead0_"),
        ),
        Algorithm(
            "deeplabplus",
            "deeplabv3_plus.DeepLabV3Plus",
            ("xception",),
            ("head.block.8.weight", "_deeplabhead0_conv3_weight"),
            aux=("auxlayer.", "_fcnhead0_"),
        ),
        Algorithm(
            "danet",
            "danet.DANet",
            _RESNETS,
            ("head.conv8.0.weight", "conv9_weight"),
        ),
        Algorithm(
            "icnet",
            "icnet.ICNet",
            _RESNETS,
            ("head.conv_cls.weight", "_ichead0_conv0_weight"),
            min_side=32,
        ),
        Algorithm(
            "fastscnn",
            "fastscnn.FastSCNN",
            (NO_BACKBONE,),
            ("classifier.conv.weight", "classifer0_conv0_weight"),
            aux=("auxlayer.", "_auxhead0_"),
            min_side=32,
        ),
    )
}

ALIASES = {
    "fcn8s": "fcn",
    "pspnet": "psp",
    "deeplabv3": "deeplab",
    "deeplabv3plus": "deeplabplus",
}

BACKBONE_ALIASES = {"xception65": "xception"}


def title_of(algorithm: str, backbone: str, classes: int) -> str:
    """Such as `psp on resnet50 with 21 classes`."""
    on = "" if backbone == NO_BACKBONE else f" on {backbone}"
    return f"{algorithm}{on} with {classes} classes"
