"""Documents of servers that are set in one way or another."""

from collections.abc import Callable
from typing import Any

import pytest

from serve.inference_queue import InferenceQueue
from serve.invoke import Service
from serve.labels import Labels
from serve.openapi.document import document
from serve.openapi.routes import ROUTES
from serve.predictor import Predictor
from serve.settings import Settings
from tests.http.conftest import LABELS
from tests.red import RedEngine


@pytest.fixture
def service_of() -> Callable[..., Service]:
    """A service with settings as in the environment."""

    def service(labels: Labels = LABELS, **env: str) -> Service:
        settings = Settings.from_env(env)
        return Service(
            settings, Predictor(RedEngine, InferenceQueue(1)), labels, "red with 3 classes"
        )

    return service


@pytest.fixture
def document_of(service_of: Callable[..., Service]) -> Callable[..., dict[str, Any]]:
    """What it says of itself, whatever routes it has."""
    return lambda *labels, **env: document(service_of(*labels, **env), ROUTES)
