"""SageMaker by moto, over HTTP, and what moto 5.2 lacks of it.

moto has no UpdateEndpoint, brings an endpoint into service at once, and knows the instance types of
2020. Here an update takes the new configuration, a test may say which states an endpoint goes
through, and any instance type is taken. ECR, S3, logs and automatic scaling are moto's own.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

import boto3
import pytest
from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.logs.models import logs_backends
from moto.sagemaker.models import FakeEndpointConfig, SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse
from moto.server import ThreadedMotoServer

from tests.moto_server import any_instance_type, update_endpoint
from tests.s3 import CREDENTIALS

ACCOUNT, REGION = "123456789012", "eu-west-1"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/segmentation-container"
IMAGE = f"{REPOSITORY}:latest"
MODEL = "s3://models/pets/model.tar.gz"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/segmentation"

DEPLOY = ["deploy", "--model-data", MODEL, "--image", IMAGE, "--role", ROLE, "--name", "pets"]
"""A command that can be given more."""
DELETE = ["deploy", "delete", "pets", "--region", REGION]
SCALED = ["--min", "1", "--max", "4"]

State = Mapping[str, Any]
"""Members of DescribeEndpoint's answer that are other than moto's."""


class SageMaker:
    """One moto with a model, an image, and nothing deployed."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self._clients: dict[str, Any] = {}
        self.states: list[State] = []
        """What DescribeEndpoint answers, one after the other; the last stays."""
        self.updates: list[Mapping[str, Any]] = []
        """Requests to UpdateEndpoint."""
        self.keeps_deleted = False
        """Whether an endpoint that is deleted stays until its state says "Gone"."""
        self.client("s3").create_bucket(
            Bucket="models", CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    @property
    def environment(self) -> dict[str, str]:
        """What boto3 needs to find it."""
        return {"AWS_ENDPOINT_URL": self.url, **CREDENTIALS, "AWS_DEFAULT_REGION": REGION}

    def client(self, service: str) -> Any:
        """boto3's, in its region."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="any",
                aws_secret_access_key="any",  # noqa: S106  # nobody checks
            )
        return self._clients[service]

    def fill(self) -> Self:
        """Forget everything; put a model and an image there."""
        for backends in (
            sagemaker_backends,
            ecr_backends,
            logs_backends,
            applicationautoscaling_backends,
        ):
            backends[ACCOUNT][REGION].reset()
        self.states, self.updates, self.keeps_deleted = [], [], False
        self.put_model(b"weights")
        self.client("ecr").create_repository(repositoryName="segmentation-container")
        self.push_image("first")
        return self

    def on_update(self) -> None:
        """What happens when an update is asked for; for tests to replace."""

    def put_model(self, body: bytes) -> None:
        """Other bytes under the same key."""
        self.client("s3").put_object(Bucket="models", Key="pets/model.tar.gz", Body=body)

    def push_image(self, content: str) -> str:
        """An image under the tag `latest`; its digest, which moto would not make of its content."""
        manifest = json.dumps({"schemaVersion": 2, "config": content})
        digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
        self.client("ecr").put_image(
            repositoryName="segmentation-container",
            imageManifest=manifest,
            imageManifestMediaType="application/vnd.docker.distribution.manifest.v2+json",
            imageTag="latest",
            imageDigest=digest,
        )
        return digest

    def names(self, kind: str) -> list[str]:
        """Of all that is there: "Endpoint", "EndpointConfig" or "Model"."""
        operation = {"Endpoint": "endpoints", "EndpointConfig": "endpoint_configs"}
        listed = getattr(self.client("sagemaker"), f"list_{operation.get(kind, 'models')}")()
        return sorted(each[f"{kind}Name"] for each in listed[f"{kind}s"])

    def stop(self) -> None:
        """Close everything."""
        for client in self._clients.values():
            client.close()
        self._server.stop()


def served(sagemaker: SageMaker, name: str = "pets") -> tuple[Any, Any, Any]:
    """An endpoint, its configuration and its model, as they are described."""
    client = sagemaker.client("sagemaker")
    endpoint = client.describe_endpoint(EndpointName=name)
    config = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    (variant,) = config["ProductionVariants"]
    model = client.describe_model(ModelName=variant["ModelName"])
    for answer in (endpoint, config, model):
        del answer["ResponseMetadata"]
    return endpoint, config, model


def scaling(sagemaker: SageMaker) -> tuple[list[Any], list[Any]]:
    """Targets and policies."""
    client = sagemaker.client("application-autoscaling")
    asked = {"ServiceNamespace": "sagemaker"}
    targets = client.describe_scalable_targets(**asked)["ScalableTargets"]
    return targets, client.describe_scaling_policies(**asked)["ScalingPolicies"]


def extend_moto(patch: pytest.MonkeyPatch, sagemaker: SageMaker) -> None:
    """Add what this module says that moto lacks."""
    describe = SageMakerModelBackend.describe_endpoint
    delete = SageMakerModelBackend.delete_endpoint

    def described(backend: SageMakerModelBackend, endpoint_name: str) -> dict[str, Any]:
        answer = describe(backend, endpoint_name)
        states = sagemaker.states
        if states:
            state = states[0] if len(states) == 1 else states.pop(0)
            answer = {**answer, **state}
            if state.get("EndpointStatus") == "Gone":
                delete(backend, endpoint_name)
                states.clear()
                return describe(backend, endpoint_name)
        return answer

    def deleted(backend: SageMakerModelBackend, endpoint_name: str) -> None:
        if not sagemaker.keeps_deleted:
            delete(backend, endpoint_name)

    def updated(response: SageMakerResponse) -> ActionResult:
        sagemaker.updates.append({**response._get_params()})
        sagemaker.on_update()
        return update_endpoint(response)

    patch.setattr(SageMakerModelBackend, "describe_endpoint", described)
    patch.setattr(SageMakerModelBackend, "delete_endpoint", deleted)
    patch.setattr(SageMakerResponse, "update_endpoint", updated, raising=False)
    patch.setattr(FakeEndpointConfig, "validate_instance_type", any_instance_type)
