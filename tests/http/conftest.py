"""The application around an engine that can be reckoned by hand."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray

from serve.app import create_app
from serve.predictor import Predictor
from serve.settings import Settings


class RedEngine:
    """Class 2 where a pixel is redder than 200, class 1 above 100, else class 0."""

    name = "red"
    precision = "f32"
    classes = 3

    def __init__(self) -> None:
        self.may_run = threading.Event()
        self.may_run.set()
        self.seen: list[tuple[int, ...]] = []

    def mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self.may_run.wait()
        self.seen.append(image.shape)
        return np.digitize(image[:, :, 0], [100, 200]).astype(np.uint8)

    def scores(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        likely = np.eye(3, dtype=np.float32)[self.mask(image)].transpose(2, 0, 1)
        return np.ascontiguousarray(likely * np.float32(0.7) + np.float32(0.1))


@pytest.fixture
def engine() -> RedEngine:
    return RedEngine()


@pytest.fixture
def client_of(engine: RedEngine) -> Callable[..., FlaskClient]:
    """Builds a client of an application with the given settings, ready to answer."""

    def client(**settings: object) -> FlaskClient:
        chosen = Settings(**settings)  # type: ignore[arg-type]
        predictor = Predictor(lambda: engine, queue_size=chosen.queue_size)
        give_up_at = time.monotonic() + 30
        while not predictor.ready:
            assert time.monotonic() < give_up_at
        engine.seen.clear()
        return create_app(chosen, predictor).test_client()

    return client


@pytest.fixture
def client(client_of: Callable[..., FlaskClient]) -> FlaskClient:
    return client_of()
