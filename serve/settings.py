"""Settings, read once from the environment at start.

SageMaker's own names come first; what they lack begins with SEG_. Facts about a model are in its
artifact, not here. Each field carries its name, range, default and one line of documentation, and
the table in docs/settings.md is made from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from model.engines.engine import PRECISIONS
from serve.attributes import split_attributes
from serve.batch_limit import SIZES
from serve.kinds import one_of, whole
from serve.logs import FORMATS
from serve.media import DEFAULT_ACCEPT
from serve.platform import is_sagemaker, usual
from serve.s3_uri import S3Pattern, S3Uri
from serve.setting import SettingsError, setting, table_of, values_of
from serve.setting_kinds import (
    ACCEPT,
    BINS,
    LOG_LEVEL,
    NAMES,
    NAMESPACE,
    OPTIONS,
    PATH,
    S3_PATTERNS,
    TILE_PIXELS,
)
from serve.transform import TransformJob, TransformPlan, plan_for


@dataclass(frozen=True)
class Settings:
    """What the environment may choose."""

    port: int = setting("SAGEMAKER_BIND_TO_PORT", whole(1, 65535), 8080, "Port to listen on.")
    model_dir: Path = setting(
        "SM_MODEL_DIR",
        PATH,
        Path("/opt/ml/model"),
        "Folder (or model.tar.gz) of the model; without it, `model` under SAGEMAKER_BASE_DIR.",
    )
    multi_model: str = setting(
        "SAGEMAKER_MULTI_MODEL",
        one_of("true", "false", quote="`"),
        "false",
        "Start without a model and hold those that POST /models loads; SageMaker sets it for "
        "multi-model endpoints (docs/models.md).",
    )
    default_accept: str = setting(
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",
        ACCEPT,
        DEFAULT_ACCEPT,
        "The answer's type when a request has no Accept, or `*/*`.",
    )
    max_payload_mb: int = setting(
        "SAGEMAKER_MAX_PAYLOAD_IN_MB",
        whole(0, 1024),
        100,
        "Largest request body, MiB (2^20 bytes); 0 means 1024.",
    )
    startup_timeout_s: int = setting(
        "SAGEMAKER_STARTUP_TIMEOUT", whole(1, 3600), 600, "Seconds the check of a model may take."
    )
    algorithm: str = setting(
        "SEG_ALGORITHM",
        one_of("mask_rcnn_tensorpack", "mask_rcnn_aws_samples", quote="`"),
        "",
        "Whose network a model without a hyperparams.json is (docs/instances.md).",
    )
    resnet_arch: str = setting(
        "RESNET_ARCH",
        one_of("resnet50", "resnet101", quote="`"),
        "",
        "The backbone of such a model, which its weights must fit; told by them unless set.",
    )
    engine: str = setting(
        "SEG_ENGINE",
        one_of("auto", *PRECISIONS, quote="`"),
        "auto",
        "What runs the network; auto: onnxruntime where it finds a GPU, else openvino. "
        "`mxnet` is the reference, and slow.",
    )
    precision: str = setting(
        "SEG_PRECISION",
        one_of("auto", "f32", "bf16", "int8", "f16", quote="`"),
        "auto",
        "bf16 is openvino's, auto where the cores have it natively; int8 too, auto where the model "
        "has one that is exact (docs/int8.md); f16 onnxruntime's, auto on a GPU (docs/engines.md).",
    )
    cache_dir: Path | None = setting(
        "SEG_CACHE_DIR",
        PATH,
        None,
        "Where converted graphs are kept for the next start; without it they are made at each.",
    )
    psp_bins: tuple[int, ...] = setting(
        "SEG_PSP_BINS",
        BINS,
        (1, 2, 3, 6),
        "Pooling cells of PSPNet: `1,2,3,4` for models trained before 2019-03 (docs/artifact.md).",
    )
    max_pixels: int = setting(
        "SEG_MAX_PIXELS", whole(1, 1 << 30), 50_000_000, "Largest photo, height times width."
    )
    infer_max_side: int = setting(
        "SEG_INFER_MAX_SIDE",
        whole(0, 1 << 15),
        0,
        "Longest side, pixels, of what the network sees; larger photos are reduced for it, the "
        "answer keeps the photo's size. 0: any.",
    )
    tile_pixels: int = setting(
        "SEG_TILE_PIXELS",
        TILE_PIXELS,
        4_000_000,
        "Photos of more pixels go through the network in overlapping tiles of at most so many "
        "(docs/engines.md). 0: never.",
    )
    default_options: str = setting(
        "SEG_OPTIONS",
        OPTIONS,
        "",
        "Options for requests that do not choose: `alpha=0.4;legend=1` (docs/http.md).",
    )
    class_names: tuple[str, ...] = setting(
        "SEG_CLASSES",
        NAMES,
        (),
        "Names by class id, for a model without a classes.json (docs/artifact.md).",
    )
    cache_mb: int = setting(
        "SEG_CACHE_MB",
        whole(0, 1 << 20),
        64,
        "Outputs of the network kept, MiB: a photo rendered anew does not run it again. 0: none.",
    )
    queue_size: int = setting(
        "SEG_QUEUE_SIZE",
        whole(1, 1000),
        8,
        "Photos under way, from decoding to the last byte of the answer; one more is answered 503.",
    )
    batch_size: str = setting(
        "SEG_BATCH_SIZE",
        one_of("auto", *map(str, SIZES), quote="`"),
        "auto",
        "Waiting photos of one size that the network sees at once, at most; auto: measured at the "
        "start, 1 where it is not faster (docs/engines.md).",
    )
    http_threads: int = setting(
        "SEG_HTTP_THREADS",
        whole(1, 512),
        64,
        "Requests read and answered at once, more than SEG_QUEUE_SIZE; /ping needs none.",
    )
    read_timeout_s: int = setting(
        "SEG_READ_TIMEOUT_S", whole(1, 3600), 30, "Seconds a request may take to arrive."
    )
    request_timeout_s: int = setting(
        "SAGEMAKER_MODEL_SERVER_TIMEOUT",
        whole(1, 3600),
        55,
        "Seconds after which a photo that still waits is answered 504; SageMaker hangs up after "
        "60, asynchronous endpoints later (docs/sagemaker.md). 600 in batch transform.",
    )
    predict_timeout_s: int = setting(
        "SEG_PREDICT_TIMEOUT_S",
        whole(1, 86_400),
        600,
        "Seconds without an answer from the network while photos wait, after which /ping says 503; "
        "unless set, SAGEMAKER_MODEL_SERVER_TIMEOUT where that is longer.",
    )
    user_id: int = setting(
        "SEG_USER",
        whole(0, (1 << 31) - 1),
        0,
        "User id that a server becomes which root has started (the image: 10001); 0: none.",
    )
    models: str = setting(
        "SEG_MODELS",
        one_of("off", "refuse", "unload", quote="`"),
        "off",
        "The same outside SageMaker, and what becomes of a model for which there is no room: "
        "refused, or the least recently used idle ones unloaded for it. `refuse` with "
        "SAGEMAKER_MULTI_MODEL.",
    )
    models_mb: int = setting(
        "SEG_MODELS_MB",
        whole(0, 1 << 20),
        0,
        "Weights files of all loaded models together, MiB; 0: as far as memory goes.",
    )
    s3_allow: tuple[S3Pattern, ...] = setting(
        "SEG_S3_ALLOW",
        S3_PATTERNS,
        (),
        "Objects that requests in JSON may have read and written (docs/lambda.md); none unless "
        "set.",
    )
    runtime_api: str = setting(
        "SEG_RUNTIME_API",
        one_of("auto", "on", "off", quote="`"),
        "auto",
        "Answer boto3's sagemaker-runtime client too; auto: wherever SageMaker does not run us.",
    )
    page: str = setting(
        "SEG_PAGE",
        one_of("auto", "on", "off", quote="`"),
        "auto",
        "Serve a page for trying photos at `/`; auto: wherever SageMaker does not run us.",
    )
    log_level: str = setting(
        "SAGEMAKER_CONTAINER_LOG_LEVEL", LOG_LEVEL, "info", "Least level of what is logged."
    )
    log_format: str = setting(
        "SEG_LOG_FORMAT",
        one_of(*FORMATS, quote="`"),
        "auto",
        "One JSON object a line, or words; auto: words on a terminal (docs/operations.md).",
    )
    metrics_namespace: str = setting(
        "SEG_METRICS_NAMESPACE",
        NAMESPACE,
        "",
        "CloudWatch namespace of the metrics in the log (docs/operations.md); none unless set.",
    )
    on_sagemaker: bool = False
    """Detected, not set: see `from_env`."""
    models_dir: Path = Path("/opt/ml/models")
    """`models` under SAGEMAKER_BASE_DIR: what POST /models may load lies in it."""
    transform: TransformPlan = TransformPlan()
    """What GET /execution-parameters says."""

    @property
    def options(self) -> Mapping[str, str]:
        """SEG_OPTIONS by name."""
        return split_attributes(self.default_options)

    @property
    def max_body_bytes(self) -> int:
        """Bytes; a body may be this large and not one larger."""
        return (self.max_payload_mb or 1024) << 20

    @property
    def max_loads(self) -> int:
        """Models being loaded at once, those that wait for their turn included.

        Half of the server's threads are left to those who want something else.
        """
        return max(1, self.http_threads // 2)

    @property
    def serves_runtime_api(self) -> bool:
        """Whether POST /endpoints/<name>/invocations is there."""
        return self._is_on(self.runtime_api)

    @property
    def serves_page(self) -> bool:
        """Whether GET / is there."""
        return self._is_on(self.page) and not self.holds_models

    @property
    def holds_models(self) -> bool:
        """Whether there are several, by name, rather than the one in `model_dir`."""
        return self.models != "off"

    def allows(self, uri: S3Uri) -> bool:
        """Whether a request may name this object, to be read or to be written."""
        return any(pattern.matches(uri) for pattern in self.s3_allow)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read every setting; an empty value counts as unset.

        Raises:
            SettingsError: a value is outside its range.
        """
        chosen, job = values_of(cls, env), TransformJob.from_env(env)
        values = usual(chosen, env, is_transform=job.is_on, predict_timeout_s=cls.predict_timeout_s)
        settings = cls(**values, on_sagemaker=is_sagemaker(env, is_transform=job.is_on))
        if conflict := settings._conflict():
            raise SettingsError(conflict)
        return settings._for_job(job, chosen)

    def _conflict(self) -> str | None:
        """What two settings cannot be together; None where all go together."""
        if self.http_threads <= self.queue_size:
            return (
                f"SEG_HTTP_THREADS={self.http_threads} cannot be used; "
                f"allowed: more than SEG_QUEUE_SIZE, {self.queue_size}"
            )
        if self.multi_model == "true" and self.models != "refuse":
            return (
                f"SEG_MODELS={self.models} cannot be used with SAGEMAKER_MULTI_MODEL=true; "
                "allowed: `refuse`, as nothing is unloaded unasked there"
            )
        is_logged = self.log_format != "text" and self.log_level in {"debug", "info"}
        if self.metrics_namespace and not is_logged:
            return (
                "SEG_METRICS_NAMESPACE needs requests in the log as JSON; "
                "allowed with it: SEG_LOG_FORMAT auto or json, "
                "SAGEMAKER_CONTAINER_LOG_LEVEL debug or info"
            )
        return None

    def _for_job(self, job: TransformJob, chosen: Mapping[str, Any]) -> Self:
        """With what its photos are to be asked for by, and room for as many as it sends."""
        plan = plan_for(
            job,
            queue_size=self.queue_size,
            queue_is_set="queue_size" in chosen,
            payload_mb=chosen.get("max_payload_mb"),
        )
        if not job.is_on:
            return replace(self, transform=replace(plan, warnings=()))
        places = max(self.queue_size, plan.places)
        threads = max(self.http_threads, places + 1)
        return replace(self, transform=plan, queue_size=places, http_threads=threads)

    def _is_on(self, choice: str) -> bool:
        """What is for a desk is off where SageMaker runs us, unless asked for."""
        return choice == "on" or (choice == "auto" and not self.on_sagemaker)


if __name__ == "__main__":
    print(table_of(Settings, TransformJob), end="")
