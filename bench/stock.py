"""What users run today, as well as it can be done: Flask, GluonCV and MXNet, hybridized.

    python -m bench.stock MODEL_FOLDER SIDE PORT

One network hybridized for one square photo size, its memory allocated once; the answer is the same
indexed PNG. A plain threaded Flask server: one request at a time is all that MXNet allows.
"""

import io
import json
import sys
from pathlib import Path

import mxnet as mx
import numpy as np
from flask import Flask, Response, request
from PIL import Image

from model.preprocess import normalize
from tests.artifacts import Recipe, construct


def main(folder: Path, side: int, port: int) -> None:
    """Serve until killed."""
    hyperparams = json.loads((folder / "hyperparams.json").read_text())
    recipe = Recipe(
        hyperparams["algorithm"], hyperparams["backbone"], int(hyperparams["num_classes"])
    )
    block = construct(recipe, side)
    block.load_parameters(str(folder / "model_best.params"))
    block.hybridize(static_alloc=True, static_shape=True)
    app = Flask("stock")

    @app.get("/ping")
    def ping() -> str:
        return ""

    @app.post("/invocations")
    def invocations() -> Response:
        image = np.asarray(Image.open(io.BytesIO(request.get_data())).convert("RGB"))
        logits = block(mx.nd.array(normalize(image)))[0]
        ids = mx.nd.argmax(logits, axis=1).astype("uint8").asnumpy()[0]
        buffer = io.BytesIO()
        Image.fromarray(ids, "L").save(buffer, "PNG")
        return Response(buffer.getvalue(), content_type="image/png")

    block(mx.nd.zeros((1, 3, side, side)))[0].wait_to_read()
    app.run("127.0.0.1", port, threaded=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
