"""An endpoint that did not come up: SageMaker's reason, the container's last words, what to do."""

import sys

from container.deploy.aws import Aws
from container.deploy.endpoint import Endpoint
from container.exits import DeployError

_LAST_LINES = 10
_ADVICE = (
    ("ping health", "the container's log has its own reason"),
    ("capacity", "AWS has no such instances free now: another --instance-type, or later"),
    ("limit", "the account's quota: ask for more in Service Quotas, or another --instance-type"),
    ("ecr", "the role has to be allowed to pull the image: deploy/endpoint.yaml makes one that is"),
    ("s3", "the role has to be allowed to read the model: deploy/endpoint.yaml makes one that is"),
)
"""By what the reason says, in lower case; the first that fits."""


def explained(aws: Aws, name: str, endpoint: Endpoint | None) -> str:
    """What went wrong and what to do, in one line; the container's last lines go to stderr."""
    if endpoint is None:
        return f"endpoint {name} was deleted by somebody else meanwhile"
    for line in last_lines(aws, name):
        print(f"  | {line}", file=sys.stderr)
    was = "failed" if endpoint.status == "Failed" else f"is {endpoint.status}, as it was before"
    reason = endpoint.failure or "SageMaker gives no reason"
    log = f"aws logs tail {group_of(name)} --region {aws.region}"
    then = "Run the same again afterwards: what is there is used, an endpoint that failed made anew"
    return f"endpoint {name} {was}: {reason}. What to do: {advice(reason)} ({log}). {then}"


def advice(reason: str) -> str:
    """What to do about it."""
    said = reason.lower()
    return next((do for word, do in _ADVICE if word in said), "look at the container's log")


def group_of(name: str) -> str:
    """The log group of an endpoint's containers."""
    return f"/aws/sagemaker/Endpoints/{name}"


def last_lines(aws: Aws, name: str) -> list[str]:
    """The end of the newest container's log; none where it has none or may not be read."""
    group = group_of(name)
    newest = {"orderBy": "LastEventTime", "descending": True, "limit": 1}
    try:
        streams = aws.call("logs", "describe_log_streams", logGroupName=group, **newest)
        for stream in streams["logStreams"]:
            asked = {"logGroupName": group, "logStreamName": stream["logStreamName"]}
            found = aws.call("logs", "get_log_events", limit=_LAST_LINES, **asked)
            return [event["message"].rstrip() for event in found["events"]]
    except DeployError:
        return []
    return []
