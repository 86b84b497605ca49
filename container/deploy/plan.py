"""The requests that make an endpoint what its options say. Pure: dictionaries as boto3 takes them.

A model and a configuration are named after their content: the endpoint's name, a hyphen, 12 digits
of a hash. The same options give the same names, and so it is seen whether anything has to change.
All three carry a tag that says whose they are; nothing without it is ever removed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from container.deploy.options import Options, Scaling, Serverless
from serve.s3_uri import S3Uri

TAG = "segmentation-container:endpoint"
VARIANT = "AllTraffic"
POLICY = "segmentation-container"
CUDA_12_AMI = "al2-ami-sagemaker-inference-gpu-2-1"
"""Of driver 535. The GPU image wants CUDA 12, which driver 525 was the first to know."""
OLD_DRIVERS = frozenset({"g4dn", "g5", "p3", "p4d", "p4de"})
"""Families whose endpoints have driver 470 unless they ask (SageMaker developer guide, "Best
practices to minimize interruptions during GPU driver upgrades")."""
_DIGITS = 12

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Requests by what they make."""

    model: Request
    config: Request
    endpoint: Request
    target: Request | None
    """RegisterScalableTarget, with `policy`, which is PutScalingPolicy; None: no scaling."""
    policy: Request | None

    @property
    def name(self) -> str:
        """The endpoint's."""
        return str(self.endpoint["EndpointName"])

    @property
    def config_name(self) -> str:
        """What tells this endpoint from what it was before."""
        return str(self.config["EndpointConfigName"])

    @property
    def model_name(self) -> str:
        """The one model's."""
        return str(self.model["ModelName"])

    @property
    def variant(self) -> Request:
        """The configuration's only one."""
        variant: Request = self.config["ProductionVariants"][0]
        return variant


def plan_of(options: Options, image: str, model_etag: str | None) -> Plan:
    """What is to be there.

    Args:
        options: what is wanted.
        image: its URI, by digest where that is known.
        model_etag: S3's mark of the model's bytes, so that other bytes under the same key are
            another model; None where it could not be read.
    """
    tags = [{"Key": TAG, "Value": options.name}]
    container: dict[str, Any] = {"Image": image, "ModelDataUrl": str(options.model_data)}
    if options.environment:
        container["Environment"] = dict(options.environment)
    model = {"PrimaryContainer": container, "ExecutionRoleArn": options.role, "Tags": tags}
    model_name = _named(options.name, [model, model_etag])
    config = _config(options, model_name)
    config_name = _named(options.name, [config, options.scaling is None])
    variant = config["ProductionVariants"][0]
    if options.serverless is None:  # after the naming: other counts are no other configuration
        variant["InitialInstanceCount"] = options.scaling.least if options.scaling else 1
    return Plan(
        {"ModelName": model_name, **model},
        {"EndpointConfigName": config_name, **config, "Tags": tags},
        {"EndpointName": options.name, "EndpointConfigName": config_name, "Tags": tags},
        _target(options.name, options.scaling) if options.scaling else None,
        _policy(options.name, options.scaling, options.output) if options.scaling else None,
    )


def resource_of(name: str) -> dict[str, str]:
    """What Application Auto Scaling calls an endpoint's instances."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/{VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def is_own_name(name: str, endpoint: str) -> bool:
    """Whether a model or configuration can be one that was named here for an endpoint."""
    start, _, digits = name.rpartition("-")
    return start == endpoint and len(digits) == _DIGITS and set(digits) <= set("0123456789abcdef")


def _named(name: str, content: Any) -> str:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"{name}-{digest[:_DIGITS]}"


def _config(options: Options, model_name: str) -> dict[str, Any]:
    config: dict[str, Any] = {"ProductionVariants": [_variant(options, model_name)]}
    if options.output is not None:
        config["AsyncInferenceConfig"] = _async(options.output)
    return config


def _variant(options: Options, model_name: str) -> dict[str, Any]:
    variant = {"VariantName": VARIANT, "ModelName": model_name, "InitialVariantWeight": 1.0}
    if options.serverless is not None:
        return {**variant, "ServerlessConfig": _serverless(options.serverless)}
    family = options.instance_type.split(".")[1]
    return {
        **variant,
        **({"InferenceAmiVersion": CUDA_12_AMI} if family in OLD_DRIVERS else {}),
        "InstanceType": options.instance_type,
        "ContainerStartupHealthCheckTimeoutInSeconds": options.startup_s,
        "ModelDataDownloadTimeoutInSeconds": options.startup_s,
    }


def _serverless(serverless: Serverless) -> dict[str, int]:
    return {"MemorySizeInMB": serverless.memory_mb, "MaxConcurrency": serverless.max_concurrency}


def _async(output: S3Uri) -> dict[str, Any]:
    return {"OutputConfig": {"S3OutputPath": str(output), "S3FailurePath": f"{output}/failures"}}


def _target(name: str, scaling: Scaling) -> dict[str, Any]:
    return {**resource_of(name), "MinCapacity": scaling.least, "MaxCapacity": scaling.most}


def _policy(name: str, scaling: Scaling, output: S3Uri | None) -> dict[str, Any]:
    tracked = _invocations() if output is None else _backlog(name)
    return {
        **resource_of(name),
        "PolicyName": POLICY,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": float(scaling.invocations),
            **tracked,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 300,
        },
    }


def _invocations() -> dict[str, Any]:
    metric = "SageMakerVariantInvocationsPerInstance"
    return {"PredefinedMetricSpecification": {"PredefinedMetricType": metric}}


def _backlog(name: str) -> dict[str, Any]:
    """What waits, an instance: the metric of SageMaker's guide for asynchronous endpoints."""
    return {
        "CustomizedMetricSpecification": {
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Dimensions": [{"Name": "EndpointName", "Value": name}],
            "Statistic": "Average",
        }
    }
