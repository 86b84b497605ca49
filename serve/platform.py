"""Where the server runs, told from the environment, and what is usual there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serve.transform import PLATFORM_TIMEOUT_S

_OFF = frozenset({"", "0", "false"})


def is_sagemaker(env: Mapping[str, str], *, is_transform: bool) -> bool:
    """Whether SageMaker runs us.

    It hands a role's credentials by the first; the others mark kinds of hosts.
    """
    return (
        is_transform
        or bool(env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
        or env.get("SAGEMAKER_MULTI_MODEL", "").strip().lower() not in _OFF
        or bool(env.get("SAGEMAKER_SAFE_PORT_RANGE"))
    )


def usual(
    chosen: Mapping[str, Any], env: Mapping[str, str], *, is_transform: bool, predict_timeout_s: int
) -> dict[str, Any]:
    """Fields of `Settings` that follow from others, unless they are chosen.

    Args:
        chosen: fields that the environment sets.
        env: that.
        is_transform: whether this is a batch transform job.
        predict_timeout_s: what is usual of it elsewhere.
    """
    values: dict[str, Any] = {}
    if base := env.get("SAGEMAKER_BASE_DIR"):
        values |= {"model_dir": Path(base) / "model", "models_dir": Path(base) / "models"}
    if chosen.get("multi_model") == "true":
        values["models"] = "refuse"
    if is_transform:
        values["request_timeout_s"] = PLATFORM_TIMEOUT_S
    longest_s = {**values, **chosen}.get("request_timeout_s", 0)
    values["predict_timeout_s"] = max(predict_timeout_s, longest_s)
    return {**values, **chosen}
