"""The application around an engine that can be reckoned by hand."""

import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from serve.app import create_app
from serve.inference_queue import InferenceQueue
from serve.invoke import Service
from serve.labels import labels_of
from serve.predictor import Predictor
from serve.settings import Settings
from tests.red import RedEngine

LABELS = labels_of(3, ("background", "cat", "dog"), ((0, 0, 0), (220, 60, 60), (60, 90, 220)))


@pytest.fixture
def engine() -> RedEngine:
    return RedEngine()


@pytest.fixture
def client_of(engine: RedEngine) -> Callable[..., FlaskClient]:
    """Builds a client of an application with the given settings, ready to answer."""

    def client(*, classes: int = 3, **settings: object) -> FlaskClient:
        labels = LABELS if classes == len(LABELS.names) else labels_of(classes)
        chosen = Settings(**settings)  # type: ignore[arg-type]
        predictor = Predictor(
            lambda: engine, InferenceQueue(chosen.queue_size), cache_bytes=chosen.cache_mb << 20
        )
        give_up_at = time.monotonic() + 30
        while not predictor.ready:
            assert time.monotonic() < give_up_at
        engine.seen.clear()
        return create_app(Service(chosen, predictor, labels)).test_client()

    return client


@pytest.fixture
def client(client_of: Callable[..., FlaskClient]) -> FlaskClient:
    return client_of()
