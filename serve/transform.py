"""Batch transform: what a job says of itself in the environment, and how it is to send its photos.

SageMaker asks GET /execution-parameters before the first photo. What the job's own request has wins
over the answer, and is in the environment too; what neither has is SageMaker's default: one photo
at a time, of 6 MB. (SageMaker developer guide, "Custom inference code with batch transform".)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from serve.kinds import FLAG, Kind, whole
from serve.setting import setting, values_of

FASTEST = 4
"""Photos at once, unless the job says: one in the network, the others decoded, encoded and sent.

Measured (`python -m bench --transform`, the demo model on two busy cores), as many times as fast as
one by one, for 2, 3, 4, 6 and 8 at once: RecordIO 1.02, 1.06, 1.08, 1.03, 0.94; PNG 1.05, 1.03,
1.02, 0.98, 0.97. More would only take more memory.
"""
PLATFORM_TIMEOUT_S = 600
"""After which SageMaker hangs up, unless the job says (InvocationsTimeoutInSeconds)."""

# CreateTransformJob: MaxConcurrentTransforms times MaxPayloadInMB may be no more.
_MOST_MB = 100
# A client may have read an answer, and be back with its next photo, before the place is given back.
_PLACES_EACH = 2
_STRATEGIES = {"singlerecord": "SingleRecord", "multirecord": "MultiRecord"}


def _strategy(text: str) -> str:
    name = text.lower().replace("_", "")
    if name not in _STRATEGIES:
        raise ValueError
    return _STRATEGIES[name]


@dataclass(frozen=True)
class TransformJob:
    """A job, as far as the environment tells; SageMaker sets all of this, and what is unset not."""

    is_on: bool = setting(
        "SAGEMAKER_BATCH", FLAG, default=False, doc="A batch transform job (docs/sagemaker.md)."
    )
    concurrency: int = setting(
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
        whole(0, 1000),
        0,
        "Photos that the job sends at once; 0: as GET /execution-parameters says.",
    )
    strategy: str = setting(
        "SAGEMAKER_BATCH_STRATEGY",
        Kind("`SINGLE_RECORD` or `MULTI_RECORD`", _strategy),
        "",
        "A request has one photo whatever it says; `MULTI_RECORD` gets a line in the log.",
    )
    is_local: bool = False
    """Detected, not set: the SDK's local mode, which writes `True` where SageMaker has `true`."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read what there is.

        Raises:
            SettingsError: a value is outside its range.
        """
        is_local = env.get("SAGEMAKER_BATCH") == "True"
        return cls(**values_of(cls, env), is_local=is_local)


@dataclass(frozen=True)
class TransformPlan:
    """How a job is to send its photos, and the places that this takes."""

    concurrency: int = FASTEST
    payload_mb: int = _MOST_MB // FASTEST
    """0: bodies of any length, in chunks."""
    places: int = _PLACES_EACH * FASTEST
    """In the queue, at least."""
    warnings: tuple[str, ...] = ()
    """What was asked for and cannot be, a line each."""
    is_local: bool = False

    def parameters(self) -> dict[str, int | str]:
        """The answer to GET /execution-parameters.

        The strategy is the word that SageMaker has in its environment and log. The SDK's local mode
        knows none but the API's.
        """
        return {
            "MaxConcurrentTransforms": self.concurrency,
            "BatchStrategy": "SingleRecord" if self.is_local else "SINGLE_RECORD",
            "MaxPayloadInMB": self.payload_mb,
        }


def plan_for(
    job: TransformJob, *, queue_size: int, queue_is_set: bool = False, payload_mb: int | None = None
) -> TransformPlan:
    """As the job says; what it leaves open as fast as may be.

    Args:
        job: what it says.
        queue_size: SEG_QUEUE_SIZE.
        queue_is_set: whether somebody chose that.
        payload_mb: SAGEMAKER_MAX_PAYLOAD_IN_MB, 0 for any; None where nobody chose.
    """
    warnings = []
    allowed = max(1, _MOST_MB // payload_mb) if payload_mb else max(_MOST_MB, job.concurrency)
    wanted = job.concurrency or max(1, min(FASTEST, queue_size // _PLACES_EACH))
    concurrency = min(wanted, allowed)
    payload = max(1, _MOST_MB // concurrency) if payload_mb is None else min(payload_mb, _MOST_MB)
    places = _PLACES_EACH * max(wanted, concurrency)
    if job.strategy == "MultiRecord":
        warnings.append(
            "SAGEMAKER_BATCH_STRATEGY=MULTI_RECORD has no effect: a request has one photo"
        )
    if concurrency < job.concurrency or payload != (payload_mb or payload):
        warnings.append(
            f"{job.concurrency or concurrency} photos at once of {payload_mb} MB are more than the "
            f"{_MOST_MB} MB that SageMaker allows; /execution-parameters says {concurrency} of "
            f"{payload} MB"
        )
    if queue_is_set and places > queue_size:
        warnings.append(
            f"SEG_QUEUE_SIZE={queue_size} is raised to {places}: {wanted} photos come at once"
        )
    return TransformPlan(concurrency, payload, places, tuple(warnings), job.is_local)
