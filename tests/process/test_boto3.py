"""boto3's own client against a local server, with nothing changed but endpoint_url."""

import io
import json
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from serve.encode.recordio import read_scores
from tests.server import CAT


def test_invoke_endpoint_answers_a_mask(runtime: Any) -> None:
    response = runtime.invoke_endpoint(
        EndpointName="pets", ContentType="image/jpeg", Accept="image/png", Body=CAT.read_bytes()
    )
    assert response["ContentType"] == "image/png"
    assert response["InvokedProductionVariant"] == "AllTraffic"
    with Image.open(io.BytesIO(response["Body"].read())) as mask, Image.open(CAT) as photo:
        assert mask.size == photo.size
        assert 1 in np.asarray(mask)


def test_invoke_endpoint_without_types_answers_recordio(runtime: Any) -> None:
    response = runtime.invoke_endpoint(EndpointName="any-name", Body=bytearray(CAT.read_bytes()))
    assert response["ContentType"] == "application/x-recordio-protobuf"
    assert read_scores(response["Body"].read()).shape == (3, 300, 451)


def test_the_headers_sagemaker_passes_are_no_obstacle(runtime: Any) -> None:
    response = runtime.invoke_endpoint(
        EndpointName="pets",
        Accept="image/png",
        Body=CAT.read_bytes(),
        CustomAttributes="trace=7",
        InferenceId="one",
        TargetVariant="AllTraffic",
    )
    assert response["ContentType"] == "image/png"


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"Body": b"no photo"}, 400, "undecodable-image"),
        ({"Body": b""}, 400, "empty-body"),
        ({"Body": CAT.read_bytes(), "Accept": "text/csv"}, 406, "not-acceptable"),
        ({"Body": b"1,2", "ContentType": "text/csv"}, 415, "unsupported-media-type"),
        ({"Body": b"{}", "ContentType": "application/json"}, 400, "bad-json"),
    ],
)
def test_a_refusal_is_a_model_error(
    runtime: Any, arguments: dict[str, Any], status: int, code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName="pets", **arguments)
    error = refused.value.response
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == status
    assert json.loads(error["OriginalMessage"])["code"] == code
    assert f"({status}) from primary with message" in error["Error"]["Message"]
    assert isinstance(refused.value, runtime.exceptions.ModelError)
