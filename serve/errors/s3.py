"""What is wrong with an object in S3, or with S3."""

from serve.errors.base import ClientError, ServerFault, shown


class S3NotFound(ClientError):
    """S3 has no such object, or no such bucket."""

    status, code = 400, "s3-not-found"

    def __init__(self, *, uri: str) -> None:
        uri = shown(uri)
        super().__init__(f"there is no '{uri}'", uri=uri)


class S3NotAllowed(ClientError):
    """The settings do not list this object; S3 was not asked whether it exists."""

    status, code = 403, "s3-not-allowed"

    def __init__(self, *, uri: str) -> None:
        uri = shown(uri)
        super().__init__(f"this server's SEG_S3_ALLOW does not list '{uri}'", uri=uri)


class S3Denied(ServerFault):
    """The settings list the object, and S3 does not let us; the role lacks the permission."""

    status, code = 502, "s3-denied"

    def __init__(self, *, uri: str) -> None:
        uri = shown(uri)
        super().__init__(
            f"S3 does not let this server use '{uri}' (or will not say that it is not there)",
            uri=uri,
        )


class S3Timeout(ServerFault):
    """S3 took too long."""

    status, code = 502, "s3-timeout"

    def __init__(self, *, uri: str) -> None:
        uri = shown(uri)
        super().__init__(f"S3 took too long over '{uri}'; try again", uri=uri)


class S3Unavailable(ServerFault):
    """S3 cannot be reached, or has troubles of its own."""

    status, code = 502, "s3-unavailable"

    def __init__(self, *, uri: str, reason: str) -> None:
        uri, reason = shown(uri), shown(reason)
        super().__init__(f"S3 cannot serve '{uri}': {reason}", uri=uri, reason=reason)
