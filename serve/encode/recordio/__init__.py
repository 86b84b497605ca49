"""Class scores as one RecordIO-protobuf record: the format, a writer and a reader.

Imports the standard library and numpy alone, nothing of this project, so that a client can take
this ONE FOLDER along and read answers with numpy::

    from recordio import read_scores
    answer = runtime.invoke_endpoint(..., Accept="application/x-recordio-protobuf")
    mask = read_scores(answer["Body"].read()).argmax(axis=0)  # (H,W) class ids

RecordIO (dmlc-core ``recordio.h``): u32 little-endian magic 0xced7230a; u32 of flag << 29 | length;
the payload; zeros to a multiple of 4, not counted in length. Flag 0 is a whole record. 1, 2 and 3
are first, middle and last part of one that its writer cut wherever the magic stood in it at a
multiple of 4; the reader puts those four bytes back. Many clients know flag 0 alone and go by
length, so an answer is never cut.

The payload is a protobuf ``aialgs.data.Record`` (``tests/record.proto``), here with two features::

    0a L  0a 06 "target"  12 L  12 L  0a L  C*H*W float32, little-endian, row-major
    0a L  0a 05 "shape"   12 L  3a L  0a L  varints 1 C H W
    entry key             value tensor values, packed    (L: how many bytes follow, a varint)

Knows nothing of HTTP, classes or softmax: any float32 bits pass unchanged, NaN included.
"""

from .error import RecordIOError
from .framing import MAX_RECORD_BYTES, read_records
from .reader import decode_tensor, read_scores
from .writer import encode_scores, max_pixels

__all__ = [
    "MAX_RECORD_BYTES",
    "RecordIOError",
    "decode_tensor",
    "encode_scores",
    "max_pixels",
    "read_records",
    "read_scores",
]
