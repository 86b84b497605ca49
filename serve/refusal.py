"""What every refused request gets besides its status: its code noted and its body read."""

import logging

from flask import Request

from serve.body import drop_body
from serve.errors import ServeError, ServerFault
from serve.visit import Visit

_log = logging.getLogger(__name__)


def refuse(error: ServeError, request: Request, visit: Visit) -> dict[str, object]:
    """Note the refusal, read what is left of the request, and return the answer's JSON.

    The log has what the answer must not: the cause of a fault of ours or of S3's, with its stack.
    """
    visit.code = error.code
    if isinstance(error, ServerFault) and error.__cause__:
        facts = {"request_id": visit.request_id, "code": error.code}
        _log.error("%s %s", *facts.values(), exc_info=error, extra=facts)
    drop_body(request)
    return error.body(visit.request_id)
