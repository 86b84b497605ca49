"""An endpoint as SageMaker describes it, and waiting until it stands still."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from container.deploy.aws import Aws, NotThereError
from container.deploy.plan import TAG
from container.exits import DeployError

POLL_S = 10.0
_REMIND_S = 60.0
MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True)
class Endpoint:
    """What is there now."""

    name: str
    arn: str
    status: str
    config: str
    """The configuration that it serves, or where it is going, the one it is to serve."""
    failure: str

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "Endpoint":
        """From DescribeEndpoint's answer."""
        pending = described.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
        return cls(
            described["EndpointName"],
            described["EndpointArn"],
            described["EndpointStatus"],
            pending or described["EndpointConfigName"],
            described.get("FailureReason", ""),
        )

    @property
    def is_moving(self) -> bool:
        """Whether SageMaker is at work on it, and lets nobody else."""
        return self.status in MOVING


def endpoint_of(aws: Aws, name: str) -> Endpoint | None:
    """The endpoint of a name, or None.

    Raises:
        DeployError: SageMaker could not be asked.
    """
    try:
        return Endpoint.of(aws.call("sagemaker", "describe_endpoint", EndpointName=name))
    except NotThereError:
        return None


def check_ours(aws: Aws, endpoint: Endpoint) -> None:
    """Nothing that somebody else made is changed or removed.

    Raises:
        DeployError: it was made in another way.
    """
    if not is_ours(aws, endpoint.arn, endpoint.name):
        msg = (
            f"endpoint {endpoint.name} was not made by this command (it lacks the tag {TAG}); "
            "choose another --name"
        )
        raise DeployError(msg)


def is_ours(aws: Aws, arn: str, name: str) -> bool:
    """Whether a model, configuration or endpoint was made here, for the endpoint of that name."""
    tags = aws.every("sagemaker", "list_tags", "Tags", ResourceArn=arn)
    return {"Key": TAG, "Value": name} in tags


def settled(aws: Aws, name: str) -> Endpoint | None:
    """Wait until it stands still; says where it is, on stderr. None once it is gone.

    Ctrl-C ends the waiting alone, and says so.

    Raises:
        DeployError: SageMaker could not be asked.
    """
    try:
        return _standing_still(aws, name)
    except KeyboardInterrupt:
        look = f"aws sagemaker describe-endpoint --endpoint-name {name} --region {aws.region}"
        print(
            f"\nno longer waiting; SageMaker goes on. To look: {look}\n"
            "To wait again, run the same command.",
            file=sys.stderr,
        )
        raise


def _standing_still(aws: Aws, name: str) -> Endpoint | None:
    started = said_at = time.monotonic()
    said = ""
    while (endpoint := endpoint_of(aws, name)) is not None:
        now = time.monotonic()
        if endpoint.status != said or now - said_at >= _REMIND_S:
            line = f"{_clock(now - started)}  {name}: {endpoint.status}"
            print(line, file=sys.stderr, flush=True)
            said, said_at = endpoint.status, now
        if not endpoint.is_moving:
            break
        time.sleep(POLL_S)
    return endpoint


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:3d}:{rest:02d}"
