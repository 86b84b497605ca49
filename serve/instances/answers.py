"""The answers of networks that find things one by one, by media type.

There are no probabilities of pixels to be told, so RecordIO is none of them.
"""

from collections.abc import Callable, Mapping
from functools import partial

from model.instances.instances import Instances
from serve import media
from serve.answers.answer import Answer, Asked
from serve.instances.annotations import AnnotationsAnswer
from serve.instances.arrays import ArrayAnswer, IdsAnswer
from serve.instances.picture import InstancesPicture

INSTANCE_ANSWERS: Mapping[str, Callable[[Asked], Answer[Instances]]] = {
    media.JSON: AnnotationsAnswer,
    media.PNG_OVERLAY: partial(InstancesPicture, file_format="PNG", over_photo=True),
    media.JPEG_OVERLAY: partial(InstancesPicture, file_format="JPEG", over_photo=True),
    media.WEBP_OVERLAY: partial(InstancesPicture, file_format="WEBP", over_photo=True),
    media.JPEG: partial(InstancesPicture, file_format="JPEG", over_photo=True),
    media.WEBP: partial(InstancesPicture, file_format="WEBP", over_photo=True),
    media.PNG_MASK: partial(InstancesPicture, file_format="PNG", over_photo=False),
    media.PNG: IdsAnswer,
    media.NPY: ArrayAnswer,
}
