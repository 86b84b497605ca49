"""An endpoint's automatic scaling: set as planned, or taken away."""

import contextlib

from container.deploy.aws import Aws, NotThereError
from container.deploy.plan import POLICY, Plan, resource_of

_SERVICE = "application-autoscaling"


def has_scaling(aws: Aws, name: str) -> bool:
    """Whether there is a policy that was made here.

    Raises:
        DeployError: AWS could not be asked.
    """
    asked = {**resource_of(name), "PolicyNames": [POLICY]}
    return bool(aws.every(_SERVICE, "describe_scaling_policies", "ScalingPolicies", **asked))


def set_scaling(aws: Aws, plan: Plan) -> None:
    """Make or change it; nothing where the plan has none. The endpoint has to be in service.

    Raises:
        DeployError: AWS refuses.
    """
    if plan.target is not None and plan.policy is not None:
        aws.call(_SERVICE, "register_scalable_target", **plan.target)
        aws.call(_SERVICE, "put_scaling_policy", **plan.policy)


def remove_scaling(aws: Aws, name: str) -> None:
    """Take away what was made here: the policy, and its target.

    The target goes first, and takes its policies with it (moto's does not). The other way round,
    what breaks off in between would leave a target that nobody knows for ours.

    Raises:
        DeployError: AWS refuses.
    """
    if not has_scaling(aws, name):
        return
    resource = resource_of(name)
    for operation, more in (
        ("deregister_scalable_target", {}),
        ("delete_scaling_policy", {"PolicyName": POLICY}),
    ):
        with contextlib.suppress(NotThereError):
            aws.call(_SERVICE, operation, **resource, **more)
