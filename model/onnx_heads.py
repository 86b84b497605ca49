"""Heads in ONNX: from a body's logits to what is asked for, one tile at a time, without weights.

    logits (1, C, h, w) ─ rows · logits · columns ─ softmax ▶ scores (1, C, H, W) float32,
                                                              float16, or uint8: 255 times, rounded
                                                     argmax ▶ mask   (1, H, W) uint8
                                            argmax and max  ▶ mask and top (1, H, W) float32
                                               one class's  ▶ plane  (1, H, W) float32
                                               the k best   ▶ ids and best (1, k, H, W)

`rows` (H, h) and `columns` (w, W) are the tile's share of the upsampling (model/upsampling.py).
The mask is the argmax of the scores, not of the logits: two logits may differ where their float32
probabilities are equal, and clients take the argmax of the probabilities.
"""

from collections.abc import Callable, Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper

from model.onnx_writer import OnnxWriter

_Tensor = tuple[int, list[int | str]]
"""Element type and shape."""
_Tensors = dict[str, _Tensor]

_FLOAT, _HALF = TensorProto.FLOAT, TensorProto.FLOAT16
_BYTE, _LONG = TensorProto.UINT8, TensorProto.INT64
_INPUTS: _Tensors = {
    "logits": (_FLOAT, [1, "C", "h", "w"]),
    "rows": (_FLOAT, ["H", "h"]),
    "columns": (_FLOAT, ["w", "W"]),
}
_IDS: _Tensor = (_BYTE, [1, "H", "W"])
_ONE: _Tensor = (_FLOAT, [1, "H", "W"])
_ALL: list[int | str] = [1, "C", "H", "W"]
_BEST: list[int | str] = [1, "k", "H", "W"]


def head_model(need: str) -> onnx.ModelProto:
    """The head for one of model/graphs.py's HEADS."""
    writer = OnnxWriter(need)
    wide = writer.op("MatMul", "logits", "columns")  # (1, C, h, W)
    scores = writer.op("Softmax", writer.op("MatMul", "rows", wide), axis=1)  # (1, C, H, W)
    more, outputs = _ENDS[need](writer, scores)
    return _model(writer, more, outputs)


def _mask(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    ids = writer.op("ArgMax", scores, axis=1, keepdims=0)
    writer.op("Cast", ids, output="mask", to=_BYTE)
    return {}, {"mask": _IDS}


def _top(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    _mask(writer, scores)
    writer.op("ReduceMax", scores, writer.ints(1), output="top", keepdims=0)
    return {}, {"mask": _IDS, "top": _ONE}


def _top_k(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    best, places = writer.ops("TopK", scores, "k", outputs=2, axis=1)
    writer.op("Cast", places, output="ids", to=_BYTE)
    writer.op("Identity", best, output="best")
    return {"k": (_LONG, [1])}, {"ids": (_BYTE, _BEST), "best": (_FLOAT, _BEST)}


def _plane(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    chosen = writer.op("Gather", scores, "class", axis=1)
    writer.op("Squeeze", chosen, writer.ints(1), output="plane")
    return {"class": (_LONG, [1])}, {"plane": _ONE}


def _all(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    writer.op("Identity", scores, output="scores")
    return {}, {"scores": (_FLOAT, _ALL)}


def _all_f16(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    writer.op("Cast", scores, output="scores", to=_HALF)
    return {}, {"scores": (_HALF, _ALL)}


def _all_u8(writer: OnnxWriter, scores: str) -> tuple[_Tensors, _Tensors]:
    levels = writer.op("Mul", scores, writer.constant(np.array(255, np.float32)))
    writer.op("Cast", writer.op("Round", levels), output="scores", to=_BYTE)
    return {}, {"scores": (_BYTE, _ALL)}


_ENDS: Mapping[str, Callable[[OnnxWriter, str], tuple[_Tensors, _Tensors]]] = {
    "mask": _mask,
    "top": _top,
    "top_k": _top_k,
    "plane": _plane,
    "scores": _all,
    "scores_f16": _all_f16,
    "scores_u8": _all_u8,
}
"""Each writes what follows the scores; returns further inputs, and the outputs."""


def _model(writer: OnnxWriter, more: _Tensors, outputs: _Tensors) -> onnx.ModelProto:
    return writer.model(
        *(
            [helper.make_tensor_value_info(name, *kind) for name, kind in tensors.items()]
            for tensors in (_INPUTS | more, outputs)
        )
    )
