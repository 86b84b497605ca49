"""AWS by boto3: the one file of this package that knows it.

boto3 is imported when AWS is first asked. Who we are is boto3's own to find.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from container.exits import DeployError

_MISSING = frozenset(
    {"404", "NoSuchKey", "NoSuchBucket", "ImageNotFoundException", "RepositoryNotFoundException"}
    | {"ResourceNotFoundException", "ObjectNotFoundException"}
)
_DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException"})
_NO_SUCH = "could not find"
"""SageMaker says so of what is not there, under the code of a bad request."""


class NotThereError(DeployError):
    """What was asked for does not exist."""


class DeniedError(DeployError):
    """Whoever runs this may not ask that."""


class Aws:
    """One region of one account."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **request: Any) -> Any:
        """One request, such as `call("sagemaker", "describe_endpoint", EndpointName="a")`.

        Raises:
            NotThereError, DeniedError: as they say.
            DeployError: it did not succeed.
        """
        with _refusing(operation):
            return getattr(self._client(service), operation)(**request)

    def every(self, service: str, operation: str, member: str, **request: Any) -> list[Any]:
        """All items of a list that comes in pages, by the member of the answer that has them.

        Raises:
            DeployError: as above.
        """
        with _refusing(operation):
            pages = self._client(service).get_paginator(operation).paginate(**request)
            return [item for page in pages for item in page[member]]

    def close(self) -> None:
        """Let the connections go."""
        for client in self._clients.values():
            client.close()

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import boto3  # noqa: PLC0415  # see above

            self._clients[service] = boto3.client(service, region_name=self.region)
        return self._clients[service]


def own_region() -> str | None:
    """The region of the environment or of the AWS configuration; None without one."""
    import boto3  # noqa: PLC0415  # see above

    region: str | None = os.environ.get("AWS_REGION") or boto3.Session().region_name
    return region


@contextmanager
def _refusing(operation: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # see above

    try:
        yield
    except ClientError as err:
        _refuse(operation, err.response["Error"], err)
    except BotoCoreError as err:
        msg = f"AWS could not be asked ({operation}): {err}"
        raise DeployError(msg) from err


def _refuse(operation: str, error: dict[str, str], cause: Exception) -> NoReturn:
    code, message = error.get("Code", ""), error.get("Message", "")
    kind = DeployError
    if code in _MISSING or message.lower().startswith(_NO_SUCH):
        kind = NotThereError
    elif code in _DENIED:
        kind = DeniedError
    msg = f"AWS refused {operation}: {message} ({code})"
    raise kind(msg) from cause
