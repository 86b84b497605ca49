"""Every error a client can be told of: its HTTP status, its code, its words and its facts.

A body is ``{"code", "message", "request_id", "details"}``; codes never change, messages may.
Here alone are the words written: who raises passes facts. What a client sent is echoed printable
and cut (`shown`); no stack, path or photo is. Knows nothing of Flask or of logging. The names say
what happened, the two families (`ClientError`, `ServerFault`) whose fault it was.
"""

from serve.errors.base import (
    MAX_ECHO_CHARACTERS,
    ClientError,
    OurWords,
    ServeError,
    ServerFault,
)
from serve.errors.http import (
    ExpectationFailed,
    HeadersTooLarge,
    UnsupportedTransferCoding,
    UriTooLong,
)
from serve.errors.models import (
    BadModel,
    BadModelRequest,
    LoadFailed,
    ModelExists,
    ModelNotFound,
    ModelNotNamed,
    OutOfMemory,
)
from serve.errors.photo import (
    AnswerTooLarge,
    BodyTooLarge,
    ImageTooLarge,
    OutlinesTooLong,
    PictureTooLong,
    UndecodableImage,
)
from serve.errors.request import (
    BadJson,
    BadOption,
    BadRequest,
    EmptyBody,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    ReadTimeout,
    UnsupportedMediaType,
)
from serve.errors.s3 import S3Denied, S3NotAllowed, S3NotFound, S3Timeout, S3Unavailable
from serve.errors.server import (
    ClientGone,
    DeadlineExceeded,
    InferenceFailed,
    InternalError,
    ModelNotReady,
    Overloaded,
)

__all__ = [
    "MAX_ECHO_CHARACTERS",
    "AnswerTooLarge",
    "BadJson",
    "BadModel",
    "BadModelRequest",
    "BadOption",
    "BadRequest",
    "BodyTooLarge",
    "ClientError",
    "ClientGone",
    "DeadlineExceeded",
    "EmptyBody",
    "ExpectationFailed",
    "HeadersTooLarge",
    "ImageTooLarge",
    "InferenceFailed",
    "InternalError",
    "LoadFailed",
    "MethodNotAllowed",
    "ModelExists",
    "ModelNotFound",
    "ModelNotNamed",
    "ModelNotReady",
    "NotAcceptable",
    "NotFound",
    "OurWords",
    "OutOfMemory",
    "OutlinesTooLong",
    "Overloaded",
    "PictureTooLong",
    "ReadTimeout",
    "S3Denied",
    "S3NotAllowed",
    "S3NotFound",
    "S3Timeout",
    "S3Unavailable",
    "ServeError",
    "ServerFault",
    "UndecodableImage",
    "UnsupportedMediaType",
    "UnsupportedTransferCoding",
    "UriTooLong",
]
