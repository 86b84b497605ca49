"""A body graph small enough to be reckoned: every kind of place where int8 begins or ends.

    image ─ scaled ─ conv_a ─ relu_a ─ conv_deep ─ relu_deep ─ conv_b
    conv_b ─┬─ conv_c ─ relu_c ─ conv_d ─ add ─ relu_sum ─ pool ─ conv_logits ─ logits
            └─────────────────────────────┘

`conv_deep` is depthwise. Channels differ in range by up to a factor of a hundred.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper

from model.onnx_writer import OnnxWriter

CHANNELS = 8
CLASSES = 3


def write_small_body(folder: Path, seed: int = 3) -> Path:
    """Write body.onnx and body.bin; returns the first."""
    rng = np.random.default_rng(seed)
    writer = OnnxWriter("body", folder / "body.bin")

    def conv(letter: str, source: str, shape: tuple[int, ...], **attributes: Any) -> str:
        uneven = np.geomspace(0.05, 5, shape[0]).reshape(-1, 1, 1, 1)
        weight = rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape) * uneven
        bias = rng.normal(0, 0.1, shape[0])
        constants = [writer.constant(each.astype(np.float32)) for each in (weight, bias)]
        pads = [shape[2] // 2] * 4
        return writer.op("Conv", source, *constants, output=letter, pads=pads, **attributes)

    def relu(name: str, source: str) -> str:
        return writer.op("Relu", source, output=name)

    planes = writer.op("Transpose", "image", perm=(0, 3, 1, 2))
    scale = writer.constant(np.array(1 / 255, np.float32))
    scaled = writer.op("Mul", writer.op("Cast", planes, to=1), scale, output="scaled")
    wide = (CHANNELS, CHANNELS, 3, 3)
    relu_a = relu("relu_a", conv("conv_a", scaled, (CHANNELS, 3, 3, 3)))
    deep = conv("conv_deep", relu_a, (CHANNELS, 1, 3, 3), group=CHANNELS)
    conv_b = conv("conv_b", relu("relu_deep", deep), wide)
    conv_d = conv("conv_d", relu("relu_c", conv("conv_c", conv_b, wide)), wide)
    relu_sum = relu("relu_sum", writer.op("Add", conv_b, conv_d, output="add"))
    window = {"kernel_shape": [2, 2], "strides": [2, 2]}
    pool = writer.op("MaxPool", relu_sum, output="pool", **window)
    writer.op("Identity", conv("conv_logits", pool, (CLASSES, CHANNELS, 1, 1)), output="logits")
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", "H", "W", 3])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", CLASSES, "h", "w"])
    path = folder / "body.onnx"
    path.write_bytes(writer.model([image], [logits]).SerializeToString())
    return path


def image_of(seed: int, height: int = 20, width: int = 24) -> NDArray[np.uint8]:
    """(height, width, 3) of noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def tensors_of(path: Path, image: NDArray[np.uint8], *names: str) -> list[Any]:
    """What ONNX Runtime, without its optimizations, has there."""
    model = onnx.load(path)
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in {*names} - known)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    answers: list[Any] = session.run(list(names), {"image": image[None]})
    return answers
