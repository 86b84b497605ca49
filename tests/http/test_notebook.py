"""The Mask R-CNN notebook's client: boto3 asks, and its helper draws what is answered."""

import base64
import io
import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from serve.instances.labels import coco_names
from tests.runtime import runtime_of
from tests.server import CAT
from tests.things_server import things_server


@pytest.fixture
def runtime() -> Iterator[Any]:
    with things_server() as port:
        yield runtime_of(port)


def asked(runtime: Any, **more: Any) -> dict[str, Any]:
    """As the cell asks: an id and the file in base64, in UTF-8, JSON in and JSON out."""
    fields = {"img_id": CAT.name, "img_data": base64.b64encode(CAT.read_bytes()).decode(), **more}
    response = runtime.invoke_endpoint(
        EndpointName="mask-rcnn-model-1-endpoint",
        ContentType="application/json",
        Accept="application/json",
        Body=json.dumps(fields).encode(),
    )
    answer: dict[str, Any] = json.loads(response["Body"].read().decode())
    return answer


def decoded(counts: list[int], size: tuple[int, int]) -> NDArray[np.uint8]:
    """As the helper reads run lengths: along the rows, zeros and ones in turn, to the end."""
    flat: list[int] = []
    for value, count in zip(cycle((0, 1)), counts, strict=False):
        flat += [value] * count
    assert len(flat) == size[0] * size[1]
    return np.array(flat, np.uint8).reshape(size)


def test_the_answer_is_drawn_by_the_notebooks_helper(runtime: Any) -> None:
    with Image.open(io.BytesIO(CAT.read_bytes())) as photo:
        image = np.asarray(photo.convert("RGB")).copy()
    answer = asked(runtime)
    assert answer["img_id"] == "chelsea.jpg"
    assert len(answer["annotations"]) == 3
    for annotation in answer["annotations"]:
        size = tuple(annotation["segmentation"]["size"])
        mask = decoded(annotation["segmentation"]["counts"], size)
        assert mask.shape == image.shape[:2]
        left, top, width, height = annotation["bbox"]
        inside = mask[top : top + height + 1, left : left + width + 1]
        assert inside.sum() == mask.sum() > 0.7 * width * height
        assert coco_names()[annotation["category_id"] - 1] == annotation["category_name"]
        before = image.copy()
        image[mask == 1] = (0.5 * image[mask == 1] + 127).astype(np.uint8)
        np.testing.assert_array_equal((image != before).any(axis=2) & (mask == 0), False)
    assert f"{annotation['category_name']}:{annotation['category_id']}" == "cat:16"


def test_the_fields_of_the_other_container_work(runtime: Any) -> None:
    answer = asked(runtime, score_threshold=0.8, mask_threshold=0.4, rpn=False)
    assert [thing["category_name"] for thing in answer["annotations"]] == ["cat", "dog"]
