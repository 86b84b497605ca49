"""GET /ping tells the truth about the model."""

import threading

import pytest

from serve.app import create_app
from serve.inference_queue import InferenceQueue
from serve.predictor import Predictor
from serve.service import Service
from serve.settings import Settings
from tests.http.conftest import LABELS
from tests.red import RedEngine


def test_ping_is_503_until_a_real_forward_has_run(engine: RedEngine) -> None:
    engine.may_run.clear()
    loaded = threading.Event()

    def load() -> RedEngine:
        loaded.set()
        return engine

    predictor = Predictor(load, InferenceQueue(1))
    client = create_app(Service(Settings(), predictor, LABELS)).test_client()
    loaded.wait()
    assert client.get("/ping").status_code == 503
    refused = client.post("/invocations", data=b"a photo")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "model-not-ready")

    done = threading.Event()
    predictor.on_loaded(lambda _reason: done.set())
    engine.may_run.set()
    done.wait()
    response = client.get("/ping")
    assert (response.status_code, response.get_data()) == (200, b"")


@pytest.mark.parametrize("fails_in", ["load", "forward"])
def test_a_model_that_does_not_load_is_never_healthy(engine: RedEngine, fails_in: str) -> None:
    reason = RuntimeError("no")

    def load() -> RedEngine:
        if fails_in == "load":
            raise reason
        return engine

    def forward(_image: object) -> None:
        raise reason

    engine.predict = forward  # type: ignore[assignment, method-assign]
    predictor = Predictor(load, InferenceQueue(1))
    told: list[BaseException | None] = []
    done = threading.Event()
    predictor.on_loaded(told.append)
    predictor.on_loaded(lambda _why: done.set())
    done.wait()
    assert told == [reason]
    assert (
        create_app(Service(Settings(), predictor, LABELS)).test_client().get("/ping").status_code
        == 503
    )
