"""What is wrong with the bytes of a request, before there is a path to route."""

from serve.errors.base import ClientError, ServerFault


class UriTooLong(ClientError):
    """The request line is longer than any that is meant for us."""

    status, code = 414, "uri-too-long"

    def __init__(self, *, max_characters: int) -> None:
        super().__init__(
            f"the request line is too long; at most {max_characters} characters are allowed",
            max_characters=max_characters,
        )


class ExpectationFailed(ClientError):
    """Expect asks for something other than 100-continue."""

    status, code = 417, "expectation-failed"

    def __init__(self) -> None:
        super().__init__("this server knows no Expect but 100-continue")


class HeadersTooLarge(ClientError):
    """There are too many headers, or one is too long."""

    status, code = 431, "headers-too-large"

    def __init__(self, *, max_headers: int, max_header_bytes: int) -> None:
        super().__init__(
            f"the headers are too many or too long; at most {max_headers} are allowed,"
            f" {max_header_bytes} bytes each",
            max_headers=max_headers,
            max_header_bytes=max_header_bytes,
        )


class UnsupportedTransferCoding(ServerFault):
    """Transfer-Encoding names something other than chunked; RFC 9112, 6.1, wants a 501."""

    status, code = 501, "unsupported-transfer-coding"

    def __init__(self) -> None:
        super().__init__("the only Transfer-Encoding that is read is chunked")
