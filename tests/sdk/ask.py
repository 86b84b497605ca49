"""The SageMaker SDK's own predictors against a server on this machine; .venv-sdk's Python runs it.

    .venv-sdk/bin/python tests/sdk/ask.py PORT PHOTO FOLDER

Leaves in FOLDER/endpoint and FOLDER/local what they returned, one file a call, by the SDK's two
ways to an endpoint: boto3, and local mode. tests/process/test_sagemaker_sdk.py says what is right.

Local mode starts the image with docker and asks docker on which host that is. Here the server runs
already, on this host; everything else is the SDK's.
"""

import base64
import io
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import numpy as np
from sagemaker import Session
from sagemaker.amazon.common import read_records
from sagemaker.deserializers import JSONDeserializer, NumpyDeserializer, RecordDeserializer
from sagemaker.local import LocalSession
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import DataSerializer, JSONSerializer

KEYS = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
ROLE = "arn:aws:iam::000000000000:role/any"
# The SDK tells AWS that local mode is used, unless told not to.
SILENT = {
    "SchemaVersion": "1.0",
    "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
}
RECORDIO, NPY, JSON = "application/x-recordio-protobuf", "application/x-npy", "application/json"


def main(port: int, photo: Path, folder: Path) -> None:
    """Ask by both ways, then have local mode transform a folder."""
    boto = boto3.Session(region_name="us-east-1", **KEYS)
    runtime = boto.client("sagemaker-runtime", endpoint_url=f"http://localhost:{port}")
    ask_all(Session(boto, sagemaker_runtime_client=runtime), photo, folder / "endpoint")

    for module in ("local_session", "entities"):
        mock.patch(f"sagemaker.local.{module}.get_docker_host", return_value="localhost").start()
    mock.patch("sagemaker.local.entities._SageMakerContainer").start()
    session = LocalSession(boto, sagemaker_config=SILENT)
    session.config = {"local": {"serving_port": port}}
    model = Model("any-image", "file://any.tar.gz", ROLE, Predictor, sagemaker_session=session)
    deployed = model.deploy(initial_instance_count=1, instance_type="local", wait=False)
    ask_all(deployed.sagemaker_session, photo, folder / "local")
    transform(model, photo, folder / "transform")


def ask_all(session: Session, photo: Path, folder: Path) -> None:
    """Call `predict` in each way that the SDK has for this, and note the outcomes."""
    image = bytearray(photo.read_bytes())
    pets = partial(Predictor, "pets", session)
    calls: dict[str, Callable[[], Any]] = {
        "notebook.png": lambda: notebook(pets(), image, "image/png"),
        "notebook.rec": lambda: notebook(pets(), image, "application/x-protobuf"),
        "default.rec": lambda: pets().predict(image),
        "path.rec": lambda: pets(serializer=DataSerializer()).predict(str(photo)),
        "default.npy": lambda: scores_of(read_records(io.BytesIO(pets().predict(image)))),
        "records.npy": lambda: scores_of(pets(deserializer=RecordDeserializer()).predict(image)),
        "either.npy": lambda: scores_of(
            pets(deserializer=RecordDeserializer(("text/csv", RECORDIO, JSON))).predict(image)
        ),
        "scores.npy": lambda: pets(deserializer=NumpyDeserializer()).predict(image),
        "mask.npy": lambda: pets(deserializer=NumpyDeserializer()).predict(
            image, custom_attributes="array=mask"
        ),
        "typed_mask.npy": lambda: pets(
            deserializer=NumpyDeserializer(accept=f"{NPY};array=mask")
        ).predict(image),
        "npy_or_json.npy": lambda: pets(deserializer=NumpyDeserializer(accept=(NPY, JSON))).predict(
            image
        ),
        "summary.json": lambda: pets(deserializer=JSONDeserializer()).predict(image),
        "lambda.json": lambda: pets(JSONSerializer(), JSONDeserializer()).predict(
            {"ImageBase64": base64.b64encode(image).decode(), "TargetClassId": 1}
        ),
        "refusal.json": lambda: pets().predict(b"no photo"),
    }
    folder.mkdir()
    for name, call in calls.items():
        note(folder / name, call)


def notebook(ss_predictor: Predictor, img: bytearray, accept: str) -> Any:
    """Ask as the algorithm's sample notebook does, attribute by attribute."""
    ss_predictor.content_type = "image/jpeg"
    ss_predictor.accept = accept
    return ss_predictor.predict(img)


def scores_of(records: list[Any]) -> Any:
    """(C,H,W), as the notebook makes it of the one record."""
    (rec,) = records
    values = list(rec.features["target"].float32_tensor.values)
    shape = list(rec.features["shape"].int32_tensor.values)
    return np.squeeze(np.reshape(np.array(values, np.float32), shape), axis=0)


def note(path: Path, call: Callable[[], Any]) -> None:
    """Write what a call returned; in a text beside it what it raised."""
    try:
        outcome = call()
    except Exception as err:
        path.with_suffix(".txt").write_text(f"{type(err).__name__}: {err}")
        return
    if isinstance(outcome, np.ndarray):
        np.save(path, outcome)
    else:
        path.write_bytes(outcome if isinstance(outcome, bytes) else json.dumps(outcome).encode())


def transform(model: Model, photo: Path, folder: Path) -> None:
    """Run local mode's batch transform over a folder of one photo."""
    (folder / "in").mkdir(parents=True)
    (folder / "in" / photo.name).write_bytes(photo.read_bytes())
    transformer = model.transformer(
        1, "local", strategy="SingleRecord", output_path=f"file://{folder}/out"
    )
    transformer.transform(f"file://{folder}/in", content_type="image/jpeg", wait=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
