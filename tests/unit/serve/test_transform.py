import pytest

from serve.settings import Settings

CONCURRENT, PAYLOAD, QUEUE, THREADS, STRATEGY = (
    "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
    "SAGEMAKER_MAX_PAYLOAD_IN_MB",
    "SEG_QUEUE_SIZE",
    "SEG_HTTP_THREADS",
    "SAGEMAKER_BATCH_STRATEGY",
)


def in_batch(**env: str) -> Settings:
    return Settings.from_env({"SAGEMAKER_BATCH": "true", **env})


@pytest.mark.parametrize(
    ("env", "concurrency", "payload_mb"),
    [
        ({}, 4, 25),
        ({CONCURRENT: "0"}, 4, 25),
        ({CONCURRENT: "1"}, 1, 100),
        ({CONCURRENT: "3"}, 3, 33),
        ({CONCURRENT: "100"}, 100, 1),
        ({CONCURRENT: "400"}, 400, 1),
        ({PAYLOAD: "6"}, 4, 6),
        ({PAYLOAD: "25"}, 4, 25),
        ({PAYLOAD: "26"}, 3, 26),
        ({PAYLOAD: "100"}, 1, 100),
        ({PAYLOAD: "0"}, 4, 0),
        ({CONCURRENT: "16", PAYLOAD: "6"}, 16, 6),
        ({CONCURRENT: "7", PAYLOAD: "0"}, 7, 0),
        ({QUEUE: "1"}, 1, 100),
        ({QUEUE: "5"}, 2, 50),
        ({QUEUE: "60"}, 4, 25),
    ],
)
def test_a_job_is_asked_for_what_it_does_not_say(
    env: dict[str, str], concurrency: int, payload_mb: int
) -> None:
    for settings in (in_batch(**env), Settings.from_env(env)):
        assert settings.transform.parameters() == {
            "MaxConcurrentTransforms": concurrency,
            "BatchStrategy": "SINGLE_RECORD",
            "MaxPayloadInMB": payload_mb,
        }
    assert payload_mb << 20 <= in_batch(**env).max_body_bytes


@pytest.mark.parametrize(
    ("env", "places", "threads"),
    [
        ({}, 8, 64),
        ({CONCURRENT: "4"}, 8, 64),
        ({CONCURRENT: "5"}, 10, 64),
        ({CONCURRENT: "32"}, 64, 65),
        ({CONCURRENT: "1000"}, 2000, 2001),
        ({CONCURRENT: "2", QUEUE: "30"}, 30, 64),
        ({CONCURRENT: "40", QUEUE: "4", THREADS: "5"}, 80, 81),
        ({QUEUE: "1", THREADS: "2"}, 2, 3),
    ],
)
def test_there_is_room_for_what_comes_at_once(
    env: dict[str, str], places: int, threads: int
) -> None:
    settings = in_batch(**env)
    assert (settings.queue_size, settings.http_threads) == (places, threads)


def test_an_endpoint_keeps_the_queue_it_was_given() -> None:
    settings = Settings.from_env({QUEUE: "1", CONCURRENT: "40"})
    assert (settings.queue_size, settings.transform.warnings) == (1, ())


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({STRATEGY: "MULTI_RECORD"}, "has no effect: a request has one photo"),
        ({STRATEGY: "MultiRecord"}, "has no effect: a request has one photo"),
        ({QUEUE: "4", CONCURRENT: "4"}, "SEG_QUEUE_SIZE=4 is raised to 8: 4 photos come at once"),
        (
            {CONCURRENT: "8", PAYLOAD: "50"},
            "8 photos at once of 50 MB are more than the 100 MB that SageMaker allows; "
            "/execution-parameters says 2 of 50 MB",
        ),
        ({PAYLOAD: "500"}, "/execution-parameters says 1 of 100 MB"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(env: dict[str, str], line: str) -> None:
    (warning,) = in_batch(**env).transform.warnings
    assert line in warning


@pytest.mark.parametrize(
    "env",
    [
        {},
        {STRATEGY: "SINGLE_RECORD"},
        {CONCURRENT: "40"},
        {CONCURRENT: "16", PAYLOAD: "6"},
        {CONCURRENT: "40", PAYLOAD: "0"},
        {QUEUE: "8"},
        {PAYLOAD: "100"},
    ],
)
def test_what_can_be_needs_no_words(env: dict[str, str]) -> None:
    assert in_batch(**env).transform.warnings == ()


@pytest.mark.parametrize(
    ("said", "word"),
    [("true", "SINGLE_RECORD"), ("TRUE", "SINGLE_RECORD"), ("True", "SingleRecord")],
)
def test_the_sdks_local_mode_knows_the_apis_word_alone(said: str, word: str) -> None:
    plan = Settings.from_env({"SAGEMAKER_BATCH": said}).transform
    assert plan.parameters()["BatchStrategy"] == word
