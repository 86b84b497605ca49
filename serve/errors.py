# ruff: noqa: N818 - the names say what happened, the two families say whose fault it was
"""Every error a client can be told of: its HTTP status, its code, its words and its facts.

A body is ``{"code", "message", "request_id", "details"}``; codes never change, messages may.
Here alone are the words written: who raises passes facts. What a client sent is echoed printable
and cut (`_shown`); no stack, path or photo is. Knows nothing of Flask or of logging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ECHO_CHARACTERS = 80


class ServeError(Exception):
    """A request that gets no picture: `status`, `code`, `message` and `details` (JSON values)."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def body(self, request_id: str) -> dict[str, object]:
        """Return the answer's body, ready for JSON."""
        return {
            "code": self.code,
            "message": self.message,
            "request_id": request_id,
            "details": self.details,
        }


class ClientError(ServeError):
    """The request is at fault: sent again as it is, it fails again."""


class ServerFault(ServeError):
    """The server is at fault, or busy: the same request may do later."""


class BadOption(ClientError):
    """There is no such option, or none of such a value; what is allowed in words or one by one."""

    status, code = 400, "bad-option"

    def __init__(
        self, *, option: str, allowed: str | Sequence[str], value: str | None = None
    ) -> None:
        option = _shown(option)
        facts = {"option": option, "allowed": allowed if isinstance(allowed, str) else [*allowed]}
        if value is None:
            message = f"there is no option '{option}'; options: {_listed(allowed)}"
        else:
            facts["value"] = _shown(value)
            message = f"option '{option}' cannot be '{facts['value']}'; allowed: {_listed(allowed)}"
        super().__init__(message, **facts)


class BadRequest(ClientError):
    """HTTP that the routes cannot make sense of."""

    status, code = 400, "bad-request"

    def __init__(self) -> None:
        super().__init__("the request cannot be understood")


class BadJson(ClientError):
    """The body says that it is JSON and is none, or asks for nothing."""

    status, code = 400, "bad-json"

    def __init__(self, *, reason: str) -> None:
        reason = _shown(reason)
        super().__init__(f"the request in JSON cannot be used: {reason}", reason=reason)


class EmptyBody(ClientError):
    """The body has no bytes."""

    status, code = 400, "empty-body"

    def __init__(self) -> None:
        super().__init__("the body is empty; send the bytes of one photo")


class UndecodableImage(ClientError):
    """The body is no photo, a damaged one, or one of a kind not accepted."""

    status, code = 400, "undecodable-image"

    def __init__(self, *, reason: str, allowed: Sequence[str]) -> None:
        reason = _shown(reason)
        super().__init__(
            f"the photo cannot be decoded: {reason}; accepted formats: {_listed(allowed)}",
            reason=reason,
            allowed=list(allowed),
        )


class S3NotFound(ClientError):
    """S3 has no such object, or no such bucket."""

    status, code = 400, "s3-not-found"

    def __init__(self, *, uri: str) -> None:
        uri = _shown(uri)
        super().__init__(f"there is no '{uri}'", uri=uri)


class S3NotAllowed(ClientError):
    """The settings do not list this object; S3 was not asked whether it exists."""

    status, code = 403, "s3-not-allowed"

    def __init__(self, *, uri: str) -> None:
        uri = _shown(uri)
        super().__init__(f"this server's SEG_S3_ALLOW does not list '{uri}'", uri=uri)


class NotFound(ClientError):
    """No page has this path."""

    status, code = 404, "not-found"

    def __init__(self) -> None:
        super().__init__("nothing is served at this path")


class MethodNotAllowed(ClientError):
    """The path is right, the method is not."""

    status, code = 405, "method-not-allowed"

    def __init__(self, *, allowed: Sequence[str]) -> None:
        super().__init__(f"this path answers only {_listed(allowed)}", allowed=list(allowed))


class NotAcceptable(ClientError):
    """Accept names no type that can be made."""

    status, code = 406, "not-acceptable"

    def __init__(self, *, accept: str, allowed: Sequence[str]) -> None:
        accept = _shown(accept)
        super().__init__(
            f"no answer can be made for Accept '{accept}'; allowed: {_listed(allowed)}",
            accept=accept,
            allowed=list(allowed),
        )


class ReadTimeout(ClientError):
    """The request came too slowly."""

    status, code = 408, "read-timeout"

    def __init__(self, *, timeout_s: float) -> None:
        super().__init__(
            f"the request did not arrive whole within {timeout_s:g} s", timeout_s=timeout_s
        )


class BodyTooLarge(ClientError):
    """The body has too many bytes."""

    status, code = 413, "body-too-large"

    def __init__(self, *, max_body_bytes: int) -> None:
        super().__init__(
            f"the body is too large; at most {max_body_bytes} bytes are allowed",
            max_body_bytes=max_body_bytes,
        )


class ImageTooLarge(ClientError):
    """The photo has too many pixels, in all or along a side."""

    status, code = 413, "image-too-large"

    def __init__(self, *, height: int, width: int, max_pixels: int, max_side: int) -> None:
        super().__init__(
            f"the photo is {width} wide and {height} high ({height * width} pixels);"
            f" at most {max_pixels} pixels are allowed, {max_side} along a side",
            height=height,
            width=width,
            max_pixels=max_pixels,
            max_side=max_side,
        )


class AnswerTooLarge(ClientError):
    """The photo may come in, but its answer in this type may not go out."""

    status, code = 413, "answer-too-large"

    def __init__(
        self, *, classes: int, height: int, width: int, max_pixels: int, media_type: str
    ) -> None:
        media_type = _shown(media_type)
        super().__init__(
            f"{classes} classes of {height * width} pixels ({width} wide and {height} high) are too"
            f" large an answer as {media_type}; at most {max_pixels} pixels fit in this type"
            " (most fit in image/png)",
            classes=classes,
            height=height,
            width=width,
            max_pixels=max_pixels,
            media_type=media_type,
        )


class PictureTooLong(ClientError):
    """The photo may come in, but a picture of its size has no place in this type."""

    status, code = 413, "picture-too-long"

    def __init__(self, *, height: int, width: int, max_side: int, media_type: str) -> None:
        media_type = _shown(media_type)
        super().__init__(
            f"a picture {width} wide and {height} high is too long for {media_type}; at most"
            f" {max_side} pixels a side fit in this type (more fit in image/png-overlay)",
            height=height,
            width=width,
            max_side=max_side,
            media_type=media_type,
        )


class UnsupportedMediaType(ClientError):
    """Content-Type says that the body is no photo."""

    status, code = 415, "unsupported-media-type"

    def __init__(self, *, content_type: str, allowed: Sequence[str]) -> None:
        content_type = _shown(content_type)
        super().__init__(
            f"Content-Type '{content_type}' is not accepted; allowed: {_listed(allowed)}",
            content_type=content_type,
            allowed=list(allowed),
        )


class InferenceFailed(ServerFault):
    """The engine raised; the log has the cause under the request's id."""

    status, code = 500, "inference-failed"

    def __init__(self) -> None:
        super().__init__("the model failed on this photo; the log names the cause by request_id")


class S3Denied(ServerFault):
    """The settings list the object, and S3 does not let us; the role lacks the permission."""

    status, code = 502, "s3-denied"

    def __init__(self, *, uri: str) -> None:
        uri = _shown(uri)
        super().__init__(
            f"S3 does not let this server use '{uri}' (or will not say that it is not there)",
            uri=uri,
        )


class S3Timeout(ServerFault):
    """S3 took too long."""

    status, code = 502, "s3-timeout"

    def __init__(self, *, uri: str) -> None:
        uri = _shown(uri)
        super().__init__(f"S3 took too long over '{uri}'; try again", uri=uri)


class S3Unavailable(ServerFault):
    """S3 cannot be reached, or has troubles of its own."""

    status, code = 502, "s3-unavailable"

    def __init__(self, *, uri: str, reason: str) -> None:
        uri, reason = _shown(uri), _shown(reason)
        super().__init__(f"S3 cannot serve '{uri}': {reason}", uri=uri, reason=reason)


class ModelNotReady(ServerFault):
    """The model is still being loaded, or its engine hangs."""

    status, code = 503, "model-not-ready"

    def __init__(self) -> None:
        super().__init__("the model is not ready; try again shortly")


class Overloaded(ServerFault):
    """The queue in front of the engine is full."""

    status, code = 503, "overloaded"

    def __init__(self, *, queue_size: int) -> None:
        super().__init__(
            f"all {queue_size} places in the queue are taken; try again shortly",
            queue_size=queue_size,
        )


def _shown(value: str) -> str:
    """Return what of `value` can be shown on one line: printable characters, at most 80."""
    return "".join(filter(str.isprintable, value))[:MAX_ECHO_CHARACTERS]


def _listed(values: str | Sequence[str]) -> str:
    """Return the values in one line; words stay as they are."""
    return values if isinstance(values, str) else ", ".join(values)
