"""A client of the application around the engine of the golden pictures."""

import io
import threading

import numpy as np
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image

from serve.app import create_app
from serve.inference_queue import InferenceQueue
from serve.labels import labels_of
from serve.predictor import Predictor
from serve.service import Service
from serve.settings import Settings
from tests.golden.cases import SoftEngine

_LABELS = labels_of(3, ("background", "cat", "dog"), ((0, 0, 0), (220, 60, 60), (60, 90, 220)))


def client() -> FlaskClient:
    """Ready to answer."""
    predictor = Predictor(SoftEngine, InferenceQueue(8))
    loaded = threading.Event()
    predictor.on_loaded(lambda _why: loaded.set())
    loaded.wait()
    return create_app(Service(Settings(), predictor, _LABELS)).test_client()


def post(image: NDArray[np.uint8], accept: str) -> bytes:
    """The answer to a photo sent as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    response = client().post("/invocations", data=buffer.getvalue(), headers={"Accept": accept})
    assert response.status_code == 200, response.get_data()
    return response.get_data()
