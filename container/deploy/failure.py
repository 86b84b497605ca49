"""An endpoint that did not come up: SageMaker's reason, the container's last words, what to do."""

import re
import sys

from container.deploy.aws import Aws
from container.deploy.endpoint import Endpoint
from container.exits import DeployError

_LAST_LINES = 10
_ADVICE = (
    ("ping health", "the container's log has its own reason"),
    (
        r"compute capacity|insufficient\w*capacity|capacityerror",
        "AWS has no such instances free now: another --instance-type, or later",
    ),
    (
        "extract model data",
        "`python -m container inspect` says what is wrong with the archive; one too large for "
        "the disk needs another --instance-type",
    ),
    (
        "model data",
        "the role has to be allowed to read the model: deploy/endpoint.yaml makes one that is",
    ),
    (
        r"service limit|resourcelimitexceeded|\bquotas?\b",
        "the account's quota: ask for more in Service Quotas, or another --instance-type",
    ),
    (
        r"\bs3\b",
        "the role has to be allowed to read the model: deploy/endpoint.yaml makes one that is",
    ),
    (
        r"\becr\b|images included in the model",
        "the role has to be allowed to pull the image: deploy/endpoint.yaml makes one that is",
    ),
)
"""By what the reason says, in lower case, a pattern; the first that fits.

SageMaker's words, as reports of failed endpoints quote them: they stand in no reference.
"""


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
    return next(
        (do for words, do in _ADVICE if re.search(words, said)), "look at the container's log"
    )


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
