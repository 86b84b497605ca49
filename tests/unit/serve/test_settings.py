import re
from pathlib import Path

import pytest

from serve.s3_uri import S3Uri
from serve.setting import SettingsError, table_of
from serve.settings import Settings
from serve.transform import TransformJob

LAMBDA = "deploy/lambda/README.md"


def test_an_empty_environment_is_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({"SEG_QUEUE_SIZE": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "1", "port", 1),
        ("SAGEMAKER_BIND_TO_PORT", " 65535 ", "port", 65535),
        ("SM_MODEL_DIR", "/m", "model_dir", Path("/m")),
        ("SAGEMAKER_BASE_DIR", "/b", "model_dir", Path("/b/model")),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "image/png;palette=voc", "default_accept", None),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6", "max_body_bytes", 6 << 20),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "0", "max_body_bytes", 1 << 30),
        ("SEG_PSP_BINS", "1, 2,3,4", "psp_bins", (1, 2, 3, 4)),
        ("SEG_ENGINE", "MXNet", "engine", "mxnet"),
        ("SEG_MAX_PIXELS", "1073741824", "max_pixels", 1 << 30),
        ("SEG_TILE_PIXELS", "0", "tile_pixels", 0),
        ("SEG_TILE_PIXELS", "65536", "tile_pixels", 1 << 16),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "WARN", "log_level", "warning"),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "50", "log_level", "critical"),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "20", "log_level", "info"),
    ],
)
def test_a_value_in_range_is_taken(name: str, text: str, field: str, value: object) -> None:
    expected = text if value is None else value
    assert getattr(Settings.from_env({name: text}), field) == expected


@pytest.mark.parametrize(
    ("env", "request_s", "predict_s"),
    [
        ({}, 55, 600),
        ({"SAGEMAKER_MODEL_SERVER_TIMEOUT": "3600"}, 3600, 3600),
        ({"SAGEMAKER_MODEL_SERVER_TIMEOUT": "3600", "SEG_PREDICT_TIMEOUT_S": "90"}, 3600, 90),
        ({"SAGEMAKER_BATCH": "true"}, 600, 600),
        ({"SAGEMAKER_BATCH": "false"}, 55, 600),
        ({"SAGEMAKER_BATCH": "true", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "20"}, 20, 600),
        ({"SAGEMAKER_BATCH": "true", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "900"}, 900, 900),
    ],
)
def test_a_request_may_take_as_long_as_its_host_waits(
    env: dict[str, str], request_s: int, predict_s: int
) -> None:
    settings = Settings.from_env(env)
    assert (settings.request_timeout_s, settings.predict_timeout_s) == (request_s, predict_s)


def test_sm_model_dir_wins_over_the_base() -> None:
    both = {"SM_MODEL_DIR": "/m", "SAGEMAKER_BASE_DIR": "/b"}
    assert Settings.from_env(both).model_dir == Path("/m")


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "0", "whole number, 1 to 65535"),
        ("SAGEMAKER_BIND_TO_PORT", "65536", "whole number, 1 to 65535"),
        ("SAGEMAKER_BIND_TO_PORT", "8080.0", "whole number, 1 to 65535"),
        ("SAGEMAKER_BIND_TO_PORT", "9" * 5000, "whole number, 1 to 65535"),
        ("SAGEMAKER_BIND_TO_PORT", "0" * 18 + "8080", "whole number, 1 to 65535"),
        ("SEG_HTTP_THREADS", "8", "more than SEG_QUEUE_SIZE, 8"),
        ("SAGEMAKER_BIND_TO_PORT", "\u0668", "whole number, 1 to 65535"),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv", "docs/http.md"),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "image/png;palette=pink", "docs/http.md"),
        ("SEG_PSP_BINS", "1,2,4,8", "`1,2,3,6` or `1,2,3,4`"),
        ("SEG_PSP_BINS", "one", "`1,2,3,6` or `1,2,3,4`"),
        ("SEG_ENGINE", "torch", "`auto` or `openvino` or `onnxruntime` or `mxnet`"),
        ("SEG_TILE_PIXELS", "65535", "0 or whole number, 65536 to 1073741824"),
        ("SEG_S3_ALLOW", "s3://photos", "`s3://bucket/key` or `s3://bucket/prefix*`"),
        ("SEG_S3_ALLOW", "s3://photos/*,*", "`s3://bucket/key` or `s3://bucket/prefix*`"),
        ("SEG_RUNTIME_API", "yes", "`auto` or `on` or `off`"),
        ("SEG_MODELS", "all", "`off` or `refuse` or `unload`"),
        ("SEG_MODELS_MB", "1048577", "whole number, 0 to 1048576"),
        ("SAGEMAKER_MULTI_MODEL", "1", "`true` or `false`"),
        ("SAGEMAKER_BATCH", "maybe", "true or false"),
        ("SAGEMAKER_BATCH_STRATEGY", "BOTH", "`SINGLE_RECORD` or `MULTI_RECORD`"),
        ("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", "1001", "whole number, 0 to 1000"),
    ],
)
def test_a_value_out_of_range_is_named_with_what_is_allowed(
    name: str, text: str, allowed: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({name: text})
    message = str(refused.value)
    assert message.startswith(f"{name}=")
    assert allowed in message
    assert len(message) < 250


def test_no_object_is_allowed_unless_listed() -> None:
    cat = S3Uri("photos", "cat.jpg")
    assert not Settings().allows(cat)
    listed = Settings.from_env({"SEG_S3_ALLOW": "s3://masks/*, s3://photos/cat*"})
    assert listed.allows(cat)
    assert not listed.allows(S3Uri("photos", "dog.jpg"))


@pytest.mark.parametrize(
    ("env", "serves"),
    [
        ({}, True),
        ({"SAGEMAKER_BATCH": "true"}, False),
        ({"SAGEMAKER_BATCH": "True"}, False),
        ({"SAGEMAKER_BATCH": "TRUE"}, False),
        ({"SAGEMAKER_BATCH": "1"}, False),
        ({"SAGEMAKER_BATCH": "false"}, True),
        ({"SAGEMAKER_BATCH": "False"}, True),
        ({"SAGEMAKER_BATCH": ""}, True),
        ({"SAGEMAKER_MULTI_MODEL": "true"}, False),
        ({"SAGEMAKER_MULTI_MODEL": "False"}, True),
        ({"SAGEMAKER_SAFE_PORT_RANGE": "20000-20010"}, False),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2"}, False),
        ({"SAGEMAKER_BATCH": "true", "SEG_RUNTIME_API": "on"}, True),
        ({"SEG_RUNTIME_API": "off"}, False),
    ],
)
def test_the_runtime_api_is_for_places_other_than_sagemaker(
    env: dict[str, str], serves: bool
) -> None:
    assert Settings.from_env(env).serves_runtime_api is serves


@pytest.mark.parametrize(
    ("env", "serves"),
    [
        ({}, True),
        ({"SAGEMAKER_BATCH": "true"}, False),
        ({"SAGEMAKER_BATCH": "true", "SEG_PAGE": "on"}, True),
        ({"SEG_PAGE": "Off"}, False),
        ({"SEG_RUNTIME_API": "off"}, True),
    ],
)
def test_the_page_is_for_places_other_than_sagemaker(env: dict[str, str], serves: bool) -> None:
    assert Settings.from_env(env).serves_page is serves


@pytest.mark.parametrize(
    ("env", "models"),
    [
        ({}, "off"),
        ({"SEG_MODELS": "Unload"}, "unload"),
        ({"SAGEMAKER_MULTI_MODEL": "true"}, "refuse"),
        ({"SAGEMAKER_MULTI_MODEL": "TRUE", "SEG_MODELS": "refuse"}, "refuse"),
        ({"SAGEMAKER_MULTI_MODEL": "False"}, "off"),
        ({"SAGEMAKER_MULTI_MODEL": "false", "SEG_MODELS": "unload"}, "unload"),
    ],
)
def test_sagemakers_mode_and_our_own_hold_models(env: dict[str, str], models: str) -> None:
    settings = Settings.from_env({**env, "SEG_PAGE": "on"})
    assert settings.models == models
    assert settings.holds_models is (models != "off")
    assert settings.serves_page is (models == "off")


@pytest.mark.parametrize("models", ["off", "unload"])
def test_sagemakers_mode_unloads_nothing_unasked(models: str) -> None:
    env = {"SAGEMAKER_MULTI_MODEL": "true", "SEG_MODELS": models}
    with pytest.raises(SettingsError, match=f"SEG_MODELS={models} cannot be used with"):
        Settings.from_env(env)


def test_models_lie_beside_the_model() -> None:
    assert Settings.from_env({}).models_dir == Path("/opt/ml/models")
    both = {"SAGEMAKER_BASE_DIR": "/b", "SM_MODEL_DIR": "/m"}
    assert Settings.from_env(both).models_dir == Path("/b/models")


def test_the_page_has_the_table() -> None:
    assert table_of(Settings, TransformJob) in Path("docs/settings.md").read_text(), (
        "python -m serve.settings makes it"
    )


@pytest.mark.parametrize("page", ["README.md", *map(str, Path("docs").glob("*.md")), LAMBDA])
def test_options_that_a_page_recommends_can_be_set(page: str) -> None:
    for text in re.findall(r"SEG_OPTIONS=([^`]+)`", Path(page).read_text()):
        assert Settings.from_env({"SEG_OPTIONS": text}).options
