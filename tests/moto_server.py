"""moto's server with what it lacks, for the real aws CLI.

    .venv-aws/bin/python -m tests.moto_server -H 127.0.0.1 -p 0

moto 5.2 has no UpdateEndpoint, knows the instance types of 2020, and forgets the outputs of a stack
that a change set made. Here an update takes the new configuration at once, any instance type is
taken, and outputs are kept.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.models import FakeEndpointConfig
from moto.sagemaker.responses import SageMakerResponse
from moto.server import main


def update_endpoint(response: SageMakerResponse) -> ActionResult:
    """UpdateEndpoint, done at once."""
    request = {**response._get_params()}
    backend = response.sagemaker_backend
    backend.describe_endpoint_config(request["EndpointConfigName"])  # or there is none: an error
    endpoint = backend.endpoints[request["EndpointName"]]
    endpoint.endpoint_config_name = request["EndpointConfigName"]
    return ActionResult({"EndpointArn": endpoint.arn})


def any_instance_type(_config: FakeEndpointConfig, _instance_type: str) -> None:
    """Takes whatever it is."""


def _keep_outputs() -> None:
    from moto.cloudformation.models import ChangeSet  # noqa: PLC0415  # .venv lacks what it needs

    apply = ChangeSet.apply

    def applied(change_set: Any) -> None:
        apply(change_set)
        stack = change_set.stack
        stack.template_dict = change_set.template_dict
        stack.output_map = stack._create_output_map()

    patched: Any = ChangeSet
    patched.apply = applied


if __name__ == "__main__":
    patched: Any = FakeEndpointConfig
    patched.validate_instance_type = any_instance_type
    patched = SageMakerResponse
    patched.update_endpoint = update_endpoint
    _keep_outputs()
    main()
