"""serve.encode.recordio: an answer, as a client reads it."""

import contextlib
from collections import deque

import numpy as np

from serve.encode.recordio import (
    RecordIOError,
    decode_tensor,
    encode_scores,
    read_records,
    read_scores,
)


def check(content: bytes) -> None:
    """Scores no larger than the stream, or a refusal."""
    with contextlib.suppress(RecordIOError):
        assert decode_tensor(content).nbytes <= len(content)
    with contextlib.suppress(RecordIOError):
        assert read_scores(content).nbytes <= len(content)
    with contextlib.suppress(RecordIOError):
        deque(map(decode_tensor, read_records(content)), maxlen=0)
    with contextlib.suppress(RecordIOError):
        assert sum(map(len, read_records(content))) <= len(content)


def seeds() -> list[bytes]:
    """One answer, two, and the record without its frame."""
    stream = encode_scores(np.arange(6, dtype=np.float32).reshape(1, 2, 3))
    return [stream, 2 * stream, *(bytes(record) for record in read_records(stream))]
