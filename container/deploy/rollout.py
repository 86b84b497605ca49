"""An endpoint brought to its plan: made, changed, made anew, or left as it is."""

import sys

from container.deploy.aws import Aws, NotThereError
from container.deploy.endpoint import Endpoint, check_ours, endpoint_of, settled
from container.deploy.failure import explained
from container.deploy.plan import Plan
from container.deploy.removal import remove_parts
from container.deploy.scaling import has_scaling, remove_scaling, set_scaling
from container.exits import DeployError


def roll_out(aws: Aws, plan: Plan, *, waits: bool) -> str:
    """Make the endpoint what the plan says; says what it did: "created", "updated", "up to date".

    Raises:
        DeployError: AWS refuses, the endpoint is not ours, or it did not come up.
    """
    endpoint = _found(aws, plan, waits=waits)
    if endpoint is not None and endpoint.config != plan.config_name:
        _check_convertible(aws, plan, endpoint)
    _make_parts(aws, plan)
    if endpoint is None:
        aws.call("sagemaker", "create_endpoint", **plan.endpoint)
        done = "created"
    elif endpoint.config != plan.config_name:
        _update(aws, plan, endpoint)
        done = "updated"
    else:
        done = "up to date"
    if waits:
        _finish(aws, plan)
    return done


def _found(aws: Aws, plan: Plan, *, waits: bool) -> Endpoint | None:
    """The endpoint as it may be gone on from: none, in service, or on its way to the plan."""
    endpoint = endpoint_of(aws, plan.name)
    if endpoint is None:
        return None
    check_ours(aws, endpoint)
    is_going_there = endpoint.config == plan.config_name and endpoint.status != "Deleting"
    if endpoint.is_moving and not is_going_there:
        if not waits:
            msg = f"endpoint {plan.name} is {endpoint.status}; run the same once it is done"
            raise DeployError(msg)
        endpoint = settled(aws, plan.name)
    if endpoint is not None and endpoint.status == "Failed":
        print(f"endpoint {plan.name} had failed: it is made anew", file=sys.stderr)
        remove_scaling(aws, plan.name)
        aws.call("sagemaker", "delete_endpoint", EndpointName=plan.name)
        endpoint = settled(aws, plan.name)
    return endpoint


def _make_parts(aws: Aws, plan: Plan) -> None:
    """The model and the configuration; what has their name has their content."""
    for word, name_of, request in (
        ("model", "ModelName", plan.model),
        ("endpoint_config", "EndpointConfigName", plan.config),
    ):
        try:
            aws.call("sagemaker", f"describe_{word}", **{name_of: request[name_of]})
        except NotThereError:
            aws.call("sagemaker", f"create_{word}", **request)


def _check_convertible(aws: Aws, plan: Plan, endpoint: Endpoint) -> None:
    """SageMaker's guide, "Serverless inference": an endpoint with instances cannot become one."""
    if "InstanceType" not in plan.variant and _instance_type(aws, endpoint) is not None:
        msg = (
            f"endpoint {plan.name} has instances, and SageMaker makes none of those serverless; "
            f"choose another --name, or `deploy delete {plan.name}` first"
        )
        raise DeployError(msg)


def _update(aws: Aws, plan: Plan, endpoint: Endpoint) -> None:
    """Replace the configuration. The count of instances stays where scaling has chosen it.

    SageMaker changes no instance type under a scalable target: it is registered anew afterwards.
    """
    is_scaled = has_scaling(aws, plan.name)
    type_now = _instance_type(aws, endpoint)
    if plan.target is None or type_now != plan.variant.get("InstanceType"):
        remove_scaling(aws, plan.name)
    aws.call(
        "sagemaker",
        "update_endpoint",
        EndpointName=plan.name,
        EndpointConfigName=plan.config_name,
        RetainAllVariantProperties=is_scaled and plan.target is not None,
    )


def _instance_type(aws: Aws, endpoint: Endpoint) -> str | None:
    """Of the configuration that is served; None if it is serverless, or no longer there."""
    try:
        config = aws.call(
            "sagemaker", "describe_endpoint_config", EndpointConfigName=endpoint.config
        )
    except NotThereError:
        return None
    instance_type: str | None = config["ProductionVariants"][0].get("InstanceType")
    return instance_type


def _finish(aws: Aws, plan: Plan) -> None:
    """Once it is in service: scaling, and what it no longer needs."""
    endpoint = settled(aws, plan.name)
    if endpoint is None or endpoint.status != "InService" or endpoint.config != plan.config_name:
        raise DeployError(explained(aws, plan.name, endpoint))
    if plan.target is None:
        remove_scaling(aws, plan.name)
    set_scaling(aws, plan)
    for part in remove_parts(aws, plan.name, keep={plan.config_name, plan.model_name}):
        print(f"removed {part}, no longer used", file=sys.stderr)
