"""What is wrong with a request before its photo is looked at."""

from collections.abc import Sequence

from serve.errors.base import ClientError, listed, shown


class BadOption(ClientError):
    """There is no such option, or none of such a value; what is allowed in words or one by one."""

    status, code = 400, "bad-option"

    def __init__(
        self, *, option: str, allowed: str | Sequence[str], value: str | None = None
    ) -> None:
        option = shown(option)
        facts = {"option": option, "allowed": allowed if isinstance(allowed, str) else [*allowed]}
        if value is None:
            message = f"there is no option '{option}'; options: {listed(allowed)}"
        else:
            facts["value"] = shown(value)
            message = f"option '{option}' cannot be '{facts['value']}'; allowed: {listed(allowed)}"
        super().__init__(message, **facts)


class BadRequest(ClientError):
    """HTTP that makes no sense, or a body that contradicts its headers."""

    status, code = 400, "bad-request"

    def __init__(self, *, reason: str) -> None:
        reason = shown(reason)
        super().__init__(f"the request cannot be understood: {reason}", reason=reason)


class BadJson(ClientError):
    """The body says that it is JSON and is none, or asks for nothing."""

    status, code = 400, "bad-json"

    def __init__(self, *, reason: str) -> None:
        reason = shown(reason)
        super().__init__(f"the request in JSON cannot be used: {reason}", reason=reason)


class EmptyBody(ClientError):
    """The body has no bytes."""

    status, code = 400, "empty-body"

    def __init__(self) -> None:
        super().__init__("the body is empty; send the bytes of one photo")


class NotFound(ClientError):
    """No page has this path."""

    status, code = 404, "not-found"

    def __init__(self) -> None:
        super().__init__("nothing is served at this path")


class MethodNotAllowed(ClientError):
    """The path is right, the method is not."""

    status, code = 405, "method-not-allowed"

    def __init__(self, *, allowed: Sequence[str]) -> None:
        super().__init__(f"this path answers only {listed(allowed)}", allowed=list(allowed))
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110, 15.5.6: the same list again."""
        return {"Allow": ", ".join(self.allowed)}


class NotAcceptable(ClientError):
    """Accept names no type that can be made."""

    status, code = 406, "not-acceptable"

    def __init__(self, *, accept: str, allowed: Sequence[str]) -> None:
        accept = shown(accept)
        super().__init__(
            f"no answer can be made for Accept '{accept}'; allowed: {listed(allowed)}",
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


class UnsupportedMediaType(ClientError):
    """Content-Type says that the body is no photo."""

    status, code = 415, "unsupported-media-type"

    def __init__(self, *, content_type: str, allowed: Sequence[str]) -> None:
        content_type = shown(content_type)
        super().__init__(
            f"Content-Type '{content_type}' is not accepted; allowed: {listed(allowed)}",
            content_type=content_type,
            allowed=list(allowed),
        )
