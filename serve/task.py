"""What a network is for, and with it what may be asked of it and how that is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from serve import media
from serve.answers import ANSWERS, UPRIGHT
from serve.answers.answer import Answer, Asked
from serve.answers.mask_base64 import LambdaPicture, MaskBase64Answer
from serve.instances.annotations import AnnotationsAnswer
from serve.instances.answers import INSTANCE_ANSWERS
from serve.instances.json_request import parse_instances_json
from serve.instances.labels import numbered
from serve.instances.options import INSTANCE_KINDS
from serve.json_fields import JsonRequest
from serve.json_request import parse_json
from serve.kinds import Kind
from serve.labels import Labels
from serve.options import KINDS, Options, parse_options
from serve.style import check_model

Make = Callable[[Asked], Answer[Any]]


@dataclass(frozen=True)
class Task:
    """One kind of networks."""

    answers: Mapping[str, Make]
    """By media type, every answer there is."""
    upright: frozenset[str]
    """Types whose photo is turned as EXIF says, unless `orientation` says otherwise."""
    kinds: Mapping[str, Kind]
    """What may be chosen."""
    check_model: Callable[[Options, Labels], None]
    """Refuses what the model has not."""
    parse_json: Callable[[bytes, Labels], JsonRequest]
    json_answer: Callable[[JsonRequest], tuple[str, Make]]
    """The type, and the answer, of a request in JSON that names none."""
    finds_things: bool = False
    """One by one, rather than a class for each pixel."""

    def options(self, *sources: Mapping[str, str], labels: Labels) -> Options:
        """What is chosen.

        Args:
            sources: as in `parse_options`; each is judged whole, though another may win over it.
            labels: of the model.

        Raises:
            BadOption: a source has what means nothing here, a value that cannot be used, or asks
                for what the model has not.
        """
        chosen = parse_options(*sources, kinds=self.kinds)
        for source in sources:
            asked = parse_options(source, kinds=self.kinds)
            self.check_model(replace(asked, ids=chosen.ids), labels)
        return chosen


def _lambdas(wish: JsonRequest) -> tuple[str, Make]:
    """Where it goes to S3, that is the picture and not JSON around it."""
    return (media.PNG_MASK, LambdaPicture) if wish.output else (media.JSON, MaskBase64Answer)


SEMANTIC = Task(
    answers=ANSWERS,
    upright=UPRIGHT,
    kinds=KINDS,
    check_model=check_model,
    parse_json=lambda body, labels: parse_json(body, classes=len(labels.names)),
    json_answer=_lambdas,
)
"""Each pixel has a class: the built-in algorithm's networks."""

INSTANCES = Task(
    answers=INSTANCE_ANSWERS,
    upright=frozenset(INSTANCE_ANSWERS),
    kinds=INSTANCE_KINDS,
    check_model=lambda options, labels: check_model(options, numbered(labels, options)),
    parse_json=lambda body, _labels: parse_instances_json(body),
    json_answer=lambda _wish: (media.JSON, AnnotationsAnswer),
    finds_things=True,
)
"""Things are found one by one: Mask R-CNN."""
