"""What every refused request gets besides its status: a line in the log and its body read."""

import logging

from flask import Request, g

from serve.body import drop_body
from serve.errors import ServeError, ServerFault

_log = logging.getLogger(__name__)


def refuse(error: ServeError, request: Request) -> dict[str, object]:
    """Log the refusal, read what is left of the request, and return the answer's JSON.

    The log has what the answer must not: the cause of a fault of ours or of S3's, with its stack.
    """
    cause = error if isinstance(error, ServerFault) and error.__cause__ else None
    level = logging.ERROR if cause else logging.INFO
    _log.log(level, "%s %d %s", g.request_id, error.status, error.code, exc_info=cause)
    drop_body(request)
    return error.body(g.request_id)
