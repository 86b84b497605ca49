"""A request understood: from headers, and from the body where it is JSON, to an `Order`.

Accept, options and Content-Type are judged before the body is read. A request in JSON says in its
body what it wants, so its body is read first; what it says is judged before an object is fetched,
and the object is fetched before a place is taken, as a body arrives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request

from serve import media
from serve.answers.answer import Answer, Asked
from serve.attributes import own_attributes
from serve.body import read_body
from serve.errors import S3NotAllowed
from serve.json_fields import JsonRequest
from serve.options import KINDS, Options, fitting
from serve.s3_uri import S3Uri
from serve.service import Service
from serve.stages import Stages
from serve.task import Make, Task
from serve.visit import Visit

_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@dataclass(frozen=True)
class Order:
    """A photo's bytes, what is wanted of them, and where it is to go."""

    photo: bytes
    asked: Asked
    answer: Answer[Any]
    output: S3Uri | None = None
    """None for the caller."""


def order_of(request: Request, service: Service, visit: Visit) -> Order:
    """Read a request: a photo, or JSON that has or names one.

    Args:
        request: not read yet.
        service: whose options, labels and types they are.
        visit: takes down the body's size, and how long fetching took.

    Raises:
        ServeError: it cannot be understood, or its photo not be had.
    """
    in_json = media.is_json(request.headers.get("Content-Type"))
    return (_json_order if in_json else _plain_order)(request, service, visit)


def _plain_order(request: Request, service: Service, visit: Visit) -> Order:
    task = service.task
    accept = _header(request, "Accept")
    choice = media.choose(accept, service.settings.default_accept, task.answers)
    asked = Asked(choice.media_type, _options(choice, {}, request, service), service.labels)
    answer = task.answers[choice.media_type](asked)
    media.check_content_type(request.headers.get("Content-Type"))
    service.predictor.engine()  # not ready is said before the body is read
    return Order(_body_of(request, service, visit), asked, answer)


def _json_order(request: Request, service: Service, visit: Visit) -> Order:
    service.predictor.engine()
    task, body = service.task, _body_of(request, service, visit)
    wish = task.parse_json(body, service.labels)
    default = service.settings.default_accept if wish.accept else media.JSON
    choice = media.choose(wish.accept or _header(request, "Accept"), default, task.answers)
    media_type, make = _own_or_named(task, choice, wish)
    options = wish.over(_options(choice, wish.options, request, service))
    asked = Asked(media_type, options, service.labels, wish.img_id)
    answer = make(asked)
    return Order(_photo_of(wish, service, visit.stages), asked, answer, wish.output)


def _body_of(request: Request, service: Service, visit: Visit) -> bytes:
    body = read_body(request, service.settings)
    visit.bytes_in = len(body)
    return body


def _own_or_named(task: Task, choice: media.Choice, wish: JsonRequest) -> tuple[str, Make]:
    """The answer's type and the way to make it: that of such requests, unless another is named."""
    if wish.accept or choice.media_type != media.JSON:
        return choice.media_type, task.answers[choice.media_type]
    return task.json_answer(wish)


def _photo_of(wish: JsonRequest, service: Service, stages: Stages) -> bytes:
    """The photo's bytes, from S3 if need be; nothing is fetched in vain."""
    settings = service.settings
    for uri in (wish.image, wish.output):
        if isinstance(uri, S3Uri) and not settings.allows(uri):
            raise S3NotAllowed(uri=str(uri))
    if isinstance(wish.image, bytes):
        return wish.image
    max_bytes, timeout_s = settings.max_body_bytes, settings.read_timeout_s
    with stages.timed("fetch"):
        return service.s3.read(wish.image, max_bytes=max_bytes, timeout_s=timeout_s)


def _options(
    choice: media.Choice, in_body: Mapping[str, str], request: Request, service: Service
) -> Options:
    """Those in force; each source is judged whole, though another may win over it."""
    task, settings = service.task, service.settings
    attributes = _own_attributes(_header(request, _ATTRIBUTES) or "", task)
    of_type = fitting(choice.defaults, task.kinds)
    sources = choice.params, in_body, attributes, of_type, fitting(settings.options, task.kinds)
    return task.options(*sources, labels=service.labels)


def _header(request: Request, name: str) -> str | None:
    """A header's text; WSGI hands every byte as a character, and clients mean UTF-8."""
    text = request.headers.get(name)
    try:
        return text and text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _own_attributes(text: str, task: Task) -> Mapping[str, str]:
    """Options among the Custom-Attributes; the rest is the client's own, tracing ids and such."""
    ours = KINDS.keys() | task.kinds.keys()  # one of other networks' is refused, not passed over
    return {name: value for name, value in own_attributes(text).items() if name.lower() in ours}
