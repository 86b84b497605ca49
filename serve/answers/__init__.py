"""One file a kind of answer, of networks that give each pixel a class."""

from collections.abc import Callable, Mapping
from functools import partial

from model.engines.engine import Prediction
from serve import media
from serve.answers.answer import Answer, Asked
from serve.answers.array import ArrayAnswer
from serve.answers.mask import MaskAnswer
from serve.answers.picture import PictureAnswer
from serve.answers.record import RecordAnswer
from serve.answers.summary import SummaryAnswer

ANSWERS: Mapping[str, Callable[[Asked], Answer[Prediction]]] = {
    media.PNG: MaskAnswer,
    media.RECORDIO: RecordAnswer,
    media.PROTOBUF: RecordAnswer,
    media.PNG_OVERLAY: partial(PictureAnswer, file_format="PNG", over_photo=True),
    media.JPEG_OVERLAY: partial(PictureAnswer, file_format="JPEG", over_photo=True),
    media.WEBP_OVERLAY: partial(PictureAnswer, file_format="WEBP", over_photo=True),
    media.JPEG: partial(PictureAnswer, file_format="JPEG", over_photo=True),
    media.WEBP: partial(PictureAnswer, file_format="WEBP", over_photo=True),
    media.PNG_MASK: partial(PictureAnswer, file_format="PNG", over_photo=False),
    media.JSON: SummaryAnswer,
    media.NPY: ArrayAnswer,
}

UPRIGHT = frozenset(
    {media.PNG_OVERLAY, media.JPEG_OVERLAY, media.WEBP_OVERLAY, media.JPEG, media.WEBP}
)
"""Types whose photo is turned as EXIF says, unless `orientation` says otherwise."""
