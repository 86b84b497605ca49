"""Documents of servers that are set in one way or another."""

from collections.abc import Callable
from typing import Any

import pytest

from serve.inference_queue import InferenceQueue
from serve.labels import Labels
from serve.openapi.described import NoModelInParticular
from serve.openapi.document import document
from serve.openapi.routes import routes_of
from serve.predictor import Predictor
from serve.service import Service
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

    def made(*labels: Labels, **env: str) -> dict[str, Any]:
        service = service_of(*labels, **env)
        return document(service, routes_of(service))

    return made


@pytest.fixture
def models_document_of() -> Callable[..., dict[str, Any]]:
    """What a server of several models says of itself."""

    def made(**env: str) -> dict[str, Any]:
        server = NoModelInParticular(Settings.from_env({"SEG_MODELS": "refuse", **env}))
        return document(server, routes_of(server))

    return made


@pytest.fixture(params=["document_of", "models_document_of"])
def any_document_of(request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Of one, and of the other."""
    made: Callable[..., dict[str, Any]] = request.getfixturevalue(request.param)
    return made
