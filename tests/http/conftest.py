"""The application around an engine that can be reckoned by hand, and around several by name."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from serve.app import create_app
from serve.inference_queue import InferenceQueue
from serve.labels import labels_of
from serve.models import Models
from serve.predictor import Predictor
from serve.room import Room
from serve.service import Service
from serve.settings import Settings
from tests.photos import noise, saved
from tests.red import RedEngine
from tests.shelf import MIB, Shelf

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


@dataclass
class ModelsApp:
    """An application that holds models by name, and what there is to be loaded."""

    models: Models
    shelf: Shelf
    client: FlaskClient

    def load(self, name: str, number: int) -> Any:
        body = {"model_name": name, "url": str(self.shelf.base / str(number))}
        return self.client.post("/models", data=json.dumps(body), buffered=True)

    def ask(self, name: str, body: bytes | None = None, **headers: str) -> Any:
        sent = saved(noise(4, 5, 3), "PNG") if body is None else body
        named = {"Accept": "image/png"} | {k.replace("_", "-"): v for k, v in headers.items()}
        path = f"/models/{name}/invoke"
        return self.client.post(path, data=sent, headers=named, buffered=True)


MakeModelsApp = Callable[..., ModelsApp]


@pytest.fixture
def models_app_of(tmp_path: Path) -> MakeModelsApp:
    """Builds one with the given settings, and room for so many MiB."""

    def app(most_mib: int | None = None, **chosen: object) -> ModelsApp:
        given = {"models": "refuse", "models_dir": tmp_path, "runtime_api": "on", **chosen}
        settings = Settings(**given)  # type: ignore[arg-type]
        queue = InferenceQueue(settings.queue_size)
        shelf = Shelf(tmp_path, queue, settings)
        room = Room(most_mib and most_mib * MIB, lambda: None)
        models = Models(settings, queue, shelf.find, room)
        return ModelsApp(models, shelf, create_app(models).test_client())

    return app
