"""The users' own client code, on real answers over HTTP.

The parsing lines are those of the two public clients that the built-in's users copy: an invoke with
neither Accept nor Content-Type read by mxnet's RecordIO and SageMaker's Record, and an indexed PNG
read by Pillow. (Pillow has dropped the name ANTIALIAS for LANCZOS.)
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np
import pytest
from PIL import Image

from tests.artifacts import Recipe
from tests.server import CAT, RunningServer


@pytest.fixture(scope="module", params=["psp", "deeplab"])
def server(request: pytest.FixtureRequest, artifact_of: Callable[[Recipe], Path]) -> Any:
    """A network whose branches the built-in fixed to crop_size, here 128."""
    with RunningServer(artifact_of(Recipe(request.param, crop_size=128))) as running:
        yield running.wait_until_ready()


@pytest.fixture
def payload(tmp_path: Path) -> bytearray:
    """The client's own preparation: shrink and save as JPEG; 317 x 201 here."""
    filename = tmp_path / "test.jpg"
    im = Image.open(CAT).resize((317, 201))
    im.thumbnail((800, 600), Image.Resampling.LANCZOS)
    im.save(filename, "JPEG")
    return bytearray(filename.read_bytes())


def test_no_accept_and_no_content_type_is_recordio(
    server: RunningServer, payload: bytearray, record_pb2: Any, tmp_path: Path
) -> None:
    status, content_type, results = server.post(bytes(payload))
    assert (status, content_type) == (200, "application/x-recordio-protobuf")

    results_file = str(tmp_path / "results.rec")
    Path(results_file).write_bytes(results)
    rec = record_pb2.Record()
    recordio = mx.recordio.MXRecordIO(results_file, "r")
    rec.ParseFromString(recordio.read())
    values = list(rec.features["target"].float32_tensor.values)
    shape = list(rec.features["shape"].int32_tensor.values)
    shape = np.squeeze(shape)  # type: ignore[assignment]  # the client's own line
    mask = np.reshape(np.array(values), shape)
    mask = np.squeeze(mask, axis=0)
    pred_map = np.argmax(mask, axis=0)

    assert list(shape) == [1, 5, 201, 317]
    assert recordio.read() is None
    np.testing.assert_allclose(mask.sum(axis=0), 1, atol=1e-5)
    _, _, return_img = server.post(bytes(payload), Content_Type="image/jpeg", Accept="image/png")
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(return_img))), pred_map)
    assert len(np.unique(pred_map)) > 1


def test_the_notebooks_mask_has_two_axes_of_ids(server: RunningServer, payload: bytearray) -> None:
    status, content_type, return_img = server.post(
        bytes(payload), Content_Type="image/jpeg", Accept="image/png"
    )
    assert (status, content_type) == (200, "image/png")
    mask = np.array(Image.open(io.BytesIO(return_img)))
    h, w = np.shape(mask)
    assert (h, w) == (201, 317)
    assert mask.max() < 5


def test_both_names_of_the_type_answer_the_same_bytes(
    server: RunningServer, payload: bytearray
) -> None:
    answers = [
        server.post(bytes(payload), Content_Type="application/x-image", Accept=accept)
        for accept in ("application/x-protobuf", "application/x-recordio-protobuf", "*/*")
    ]
    assert [content_type for _, content_type, _ in answers] == [
        "application/x-protobuf",
        "application/x-recordio-protobuf",
        "application/x-recordio-protobuf",
    ]
    assert answers[0][2] == answers[1][2] == answers[2][2]
