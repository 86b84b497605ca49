"""What an endpoint is made of, removed: all of it, or what a newer one has replaced."""

from collections.abc import Set as AbstractSet

from container.deploy.aws import Aws, NotThereError
from container.deploy.endpoint import check_ours, endpoint_of, is_ours, settled
from container.deploy.plan import is_own_name
from container.deploy.scaling import remove_scaling
from container.exits import DeployError

_KINDS = (("EndpointConfig", "endpoint_config"), ("Model", "model"))
"""A configuration goes before the model that it names."""


def remove(aws: Aws, name: str, *, waits: bool) -> list[str]:
    """Remove an endpoint and all that was made for it; returns what was, none of it twice.

    Raises:
        DeployError: it is somebody else's, or AWS refuses.
    """
    removed = []
    endpoint = endpoint_of(aws, name)
    if endpoint is not None:
        check_ours(aws, endpoint)
        remove_scaling(aws, name)
        if endpoint.status != "Deleting":
            aws.call("sagemaker", "delete_endpoint", EndpointName=name)
            removed.append(f"endpoint {name}")
        if waits and (left := settled(aws, name)) is not None:
            msg = f"endpoint {name} is {left.status} still: {left.failure or 'no reason given'}"
            raise DeployError(msg)
    return removed + remove_parts(aws, name, keep=frozenset())


def remove_parts(aws: Aws, name: str, *, keep: AbstractSet[str]) -> list[str]:
    """Remove the configurations and models made for an endpoint, but for some names.

    Raises:
        DeployError: AWS refuses.
    """
    removed = []
    for kind, word in _KINDS:
        members = aws.every("sagemaker", f"list_{word}s", f"{kind}s", NameContains=f"{name}-")
        for member in members:
            part = member[f"{kind}Name"]
            if part in keep or not is_own_name(part, name):
                continue
            if is_ours(aws, member[f"{kind}Arn"], name):
                _delete(aws, kind, word, part)
                removed.append(f"{word.replace('_', ' ')} {part}")
    return removed


def _delete(aws: Aws, kind: str, word: str, part: str) -> None:
    try:
        aws.call("sagemaker", f"delete_{word}", **{f"{kind}Name": part})
    except NotThereError:  # somebody was faster
        return
