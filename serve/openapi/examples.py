"""One example of each error, with the numbers of this server.

A test asks that no error is missing here: what is not here is not in the document.
"""

from serve import errors, media
from serve.decode import FORMATS, MAX_SIDE
from serve.encode.picture import MAX_SIDE as MAX_PICTURE_SIDE
from serve.encode.recordio import max_pixels
from serve.errors import OurWords, ServeError
from serve.head_limits import MAX_HEADER_BYTES, MAX_HEADERS, MAX_LINE_CHARACTERS
from serve.load_request import ALLOWED_URL
from serve.openapi.described import Described, most_classes
from serve.options import KINDS
from serve.render.polygons import MAX_POINTS

_URI = "s3://photos/incoming/cat.jpg"
_HEIGHT = 9000


def examples(server: Described) -> tuple[ServeError, ...]:
    """Each error once, as this server may raise it."""
    of_what_is_sent = (*_of_requests(server), *_of_photos(server), *_of_s3())
    return (*of_what_is_sent, *_of_models(), *_of_servers(server))


def _of_requests(server: Described) -> tuple[ServeError, ...]:
    return (
        errors.BadRequest(reason="its body has 2048 bytes, Content-Length says 4096"),
        errors.BadOption(option="alpha", value="2", allowed=KINDS["alpha"].allowed),
        errors.BadJson(reason="it has neither ImageBase64 nor ImageS3Uri"),
        errors.EmptyBody(),
        errors.NotFound(),
        errors.MethodNotAllowed(allowed=["POST"]),
        errors.NotAcceptable(accept="text/html", allowed=[*server.task.answers]),
        errors.ReadTimeout(timeout_s=server.settings.read_timeout_s),
        errors.BodyTooLarge(max_body_bytes=server.settings.max_body_bytes),
        errors.UriTooLong(max_characters=MAX_LINE_CHARACTERS),
        errors.UnsupportedMediaType(content_type="text/csv", allowed=media.BODIES),
        errors.ExpectationFailed(),
        errors.HeadersTooLarge(max_headers=MAX_HEADERS, max_header_bytes=MAX_HEADER_BYTES),
        errors.ClientGone(),
    )


def _of_photos(server: Described) -> tuple[ServeError, ...]:
    classes, most = most_classes(server.labels), server.settings.max_pixels
    return (
        errors.UndecodableImage(reason="its pixels are damaged or cut short", allowed=FORMATS),
        errors.ImageTooLarge(
            height=_HEIGHT, width=most // _HEIGHT + 1, max_pixels=most, max_side=MAX_SIDE
        ),
        errors.AnswerTooLarge(
            classes=classes,
            height=_HEIGHT,
            width=max_pixels(classes) // _HEIGHT + 1,
            max_pixels=max_pixels(classes),
            media_type=media.RECORDIO,
        ),
        errors.OutlinesTooLong(points=MAX_POINTS + 1, max_points=MAX_POINTS),
        errors.PictureTooLong(
            height=20,
            width=MAX_PICTURE_SIDE["WEBP"] + 1,
            max_side=MAX_PICTURE_SIDE["WEBP"],
            media_type=media.WEBP_OVERLAY,
        ),
    )


def _of_s3() -> tuple[ServeError, ...]:
    return (
        errors.S3NotFound(uri=_URI),
        errors.S3NotAllowed(uri=_URI),
        errors.S3Denied(uri=_URI),
        errors.S3Timeout(uri=_URI),
        errors.S3Unavailable(uri=_URI, reason="it says SlowDown"),
    )


def _of_models() -> tuple[ServeError, ...]:
    return (
        errors.BadModelRequest(reason=OurWords(ALLOWED_URL)),
        errors.BadModel(reason=OurWords("model_best.params is cut short")),
        errors.ModelNotFound(model="cats"),
        errors.ModelNotNamed(),
        errors.ModelExists(model="cats"),
        errors.LoadFailed(),
        errors.OutOfMemory(reason="loading takes about 776 MiB, 512 MiB are left"),
    )


def _of_servers(server: Described) -> tuple[ServeError, ...]:
    return (
        errors.InferenceFailed(),
        errors.InternalError(),
        errors.UnsupportedTransferCoding(),
        errors.ModelNotReady(),
        errors.Overloaded(queue_size=server.settings.queue_size),
        errors.DeadlineExceeded(timeout_s=server.settings.request_timeout_s),
    )
