"""A server that listens and finds what it is told to; no model is needed for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wsgi import get_input_stream

from serve.app import create_app
from serve.inference_queue import InferenceQueue
from serve.instances.labels import thing_labels_of
from serve.predictor import Predictor
from serve.service import Service
from serve.settings import Settings
from serve.task import INSTANCES
from tests.things import ThingsEngine


@contextmanager
def things_server() -> Iterator[int]:
    """Its port, while it runs."""
    predictor = Predictor(ThingsEngine, InferenceQueue(8), cache_bytes=1 << 20)
    give_up_at = time.monotonic() + 30
    while not predictor.ready:
        assert time.monotonic() < give_up_at
    labels = thing_labels_of(80)
    app = create_app(Service(Settings(), predictor, labels, "things of 80 kinds", task=INSTANCES))

    def bounded(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input"] = get_input_stream(environ)  # ends with the body, as gunicorn's does
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, bounded, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
