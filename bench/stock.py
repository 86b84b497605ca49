"""What users run today, as well as it can be done: Flask, GluonCV and MXNet, hybridized.

    python -m bench.stock MODEL_FOLDER HEIGHT WIDTH PORT

One network hybridized for one photo size, its memory allocated once; the answer is the same indexed
PNG. A plain Flask server, one request at a time: that is all that MXNet allows.
"""

import io
import json
import sys
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
from flask import Flask, Response, request
from PIL import Image

from model.preprocess import normalize
from tests.artifacts import Recipe, construct

ANY_SIZE = frozenset({"fcn", "psp", "deeplab", "danet"})
"""Networks that GluonCV can be told another size than a square; the others cannot."""

_STRIDE = 8


def main(folder: Path, height: int, width: int, port: int) -> None:
    """Serve until killed."""
    hyperparams = json.loads((folder / "hyperparams.json").read_text())
    recipe = Recipe(
        hyperparams["algorithm"], hyperparams["backbone"], int(hyperparams["num_classes"])
    )
    block = construct(recipe, width)
    block.load_parameters(str(folder / "model_best.params"))
    if recipe.algorithm in ANY_SIZE:
        _resize_to(block, recipe.algorithm, height, width)
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

    block(mx.nd.zeros((1, 3, height, width)))[0].wait_to_read()
    app.run("127.0.0.1", port, threaded=False)


def _resize_to(block: Any, algorithm: str, height: int, width: int) -> None:
    """What GluonCV's `demo` does for every photo, once and before hybridizing."""
    block._up_kwargs = {"height": height, "width": width}
    inner = {"height": height // _STRIDE, "width": width // _STRIDE}
    if algorithm == "psp":
        block.head.psp._up_kwargs = inner
    if algorithm == "deeplab":
        block.head.aspp.concurent[-1]._up_kwargs = inner


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
