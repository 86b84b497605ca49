"""Objects in S3, by boto3: the one file that knows it.

boto3 is imported when an object is first wanted: a server without SEG_S3_ALLOW never does. Where S3
is and who we are is boto3's own to find (its environment variables, the role). Which objects may be
asked for is decided before anything here is called (serve/s3_uri.py).
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Lock
from typing import Any

from serve.errors import BodyTooLarge, S3Denied, S3NotFound, S3Timeout, S3Unavailable, ServeError
from serve.s3_uri import S3Uri

_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S, _ATTEMPTS = 2, 5, 2
_CONNECTIONS = 64
_CHUNK_BYTES = 1 << 18
_DENIED, _MISSING = frozenset({401, 403}), 404


class S3:
    """Reads and writes whole objects; any thread may."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._client: Any = None

    def read(self, uri: S3Uri, *, max_bytes: int, timeout_s: float) -> bytes:
        """Download an object whose size is judged first.

        Args:
            uri: which.
            max_bytes: it may have these and not one more.
            timeout_s: what the download may take in all.

        Raises:
            BodyTooLarge: it is larger, by what S3 says before the download or as it arrives.
            S3NotFound, S3Denied, S3Timeout, S3Unavailable: as they say.
        """
        give_up_at = time.monotonic() + timeout_s
        named = {"Bucket": uri.bucket, "Key": uri.key}
        with _refusing(uri):
            if self._made().head_object(**named)["ContentLength"] > max_bytes:
                raise BodyTooLarge(max_body_bytes=max_bytes)
            found = self._made().get_object(**named)
            with closing(found["Body"]) as stream:
                chunks, length = [], 0
                for chunk in _arriving(stream):
                    chunks.append(chunk)
                    length += len(chunk)
                    if length > max_bytes:  # another object lies there by now
                        raise BodyTooLarge(max_body_bytes=max_bytes)
                    if time.monotonic() > give_up_at:
                        raise S3Timeout(uri=str(uri))
                if length < found["ContentLength"]:
                    raise S3Unavailable(uri=str(uri), reason="the download broke off")
                return b"".join(chunks)

    def write(self, uri: S3Uri, body: bytes, content_type: str) -> None:
        """Put an object, over what may be there.

        Raises:
            S3NotFound, S3Denied, S3Timeout, S3Unavailable: as they say.
        """
        with _refusing(uri):
            self._made().put_object(
                Bucket=uri.bucket, Key=uri.key, Body=body, ContentType=content_type
            )

    def _made(self) -> Any:
        """The client, made once; making one is not thread safe, using one is."""
        with self._lock:
            if self._client is None:
                self._client = _make_client()
            return self._client


def _arriving(stream: Any) -> Iterator[bytes]:
    """An object's bytes as they come; `stream.read` would wait for as many as it is asked for.

    Raises:
        botocore's errors, as `stream.read` does.
    """
    from botocore import exceptions as raised  # noqa: PLC0415  # see above
    from urllib3 import exceptions as beneath  # noqa: PLC0415  # botocore's own

    try:
        while chunk := stream._raw_stream.read1(_CHUNK_BYTES):
            yield chunk
    except beneath.ReadTimeoutError as err:
        raise raised.ReadTimeoutError(endpoint_url="", error=err) from err
    except beneath.HTTPError as err:
        raise raised.ResponseStreamingError(error=err) from err


def _make_client() -> Any:
    from boto3.session import Session  # noqa: PLC0415  # see above
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        max_pool_connections=_CONNECTIONS,
    )
    return Session().client("s3", config=config)


@contextmanager
def _refusing(uri: S3Uri) -> Iterator[None]:
    """Make one of four refusals of whatever botocore raises."""
    from botocore import exceptions as raised  # noqa: PLC0415  # see above

    try:
        yield
    except raised.ClientError as err:
        raise _refusal(err.response, uri) from err
    except (raised.NoCredentialsError, raised.PartialCredentialsError) as err:
        raise S3Denied(uri=str(uri)) from err
    except raised.CredentialRetrievalError as err:
        raise S3Denied(uri=str(uri)) from err
    except (raised.ConnectTimeoutError, raised.ReadTimeoutError) as err:
        raise S3Timeout(uri=str(uri)) from err
    except (raised.BotoCoreError, ValueError) as err:  # an endpoint that is no URL is the latter
        raise S3Unavailable(uri=str(uri), reason="it cannot be reached") from err


def _refusal(response: dict[str, Any], uri: S3Uri) -> ServeError:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status == _MISSING:
        return S3NotFound(uri=str(uri))
    if status in _DENIED:
        return S3Denied(uri=str(uri))
    code = str(response.get("Error", {}).get("Code", status))
    return S3Unavailable(uri=str(uri), reason=f"it says {code}")
