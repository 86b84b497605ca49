"""What is said of each request once it is over: one line in the log, and the metrics.

The line's fields are those of docs/operations.md; they are values, for a log that is searched. A
ping says nothing at INFO: SageMaker sends one every few seconds, for as long as an endpoint lives.
"""

import logging
from typing import Any

from flask import Request, Response

from serve.errors.base import ServeError, shown
from serve.metrics import Metrics
from serve.visit import Visit

_PREFIX = "X-Amzn-SageMaker-"
_QUIET = frozenset({"/ping", "/metrics"})

_log = logging.getLogger("serve.requests")


class Journal:
    """Keeps count of requests, and logs them."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def close(self, visit: Visit, request: Request, response: Response) -> None:
        """Log and count a request whose answer has gone, or cannot."""
        entry = entry_of(visit, request, response)
        is_quiet = request.path in _QUIET
        if not is_quiet:
            self.metrics.count(entry)
        extra = entry | self.metrics.embedded(entry)
        _log.log(logging.DEBUG if is_quiet else logging.INFO, "%s", _line(entry), extra=extra)

    def close_unread(
        self, error: ServeError, request_id: str, cause: BaseException | None = None
    ) -> None:
        """Log and count what was refused before it was a request.

        Args:
            error: what the client was told.
            request_id: that too.
            cause: where the fault is ours.
        """
        entry = {"request_id": request_id, "status": error.status, "code": error.code}
        level = logging.ERROR if cause else logging.INFO
        extra = entry | self.metrics.embedded(entry)
        self.metrics.count(entry)
        _log.log(level, "%s %s", error.status, error.code, exc_info=cause, extra=extra)


def entry_of(visit: Visit, request: Request, response: Response) -> dict[str, Any]:
    """A request as JSON values by name; what there is none of is left out."""
    height, width = visit.size or (None, None)
    entry = {
        "request_id": visit.request_id,
        "method": shown(request.method),
        "path": shown(request.path),
        "status": response.status_code,
        "code": visit.code or None,
        "model": shown(visit.model) or None,
        "content_type": _header(request, "Content-Type"),
        "accept": _header(request, "Accept"),
        "answer": response.content_type,
        "bytes_in": visit.bytes_in,
        "bytes_out": response.calculate_content_length() or 0,
        "height": height,
        "width": width,
        "places_taken": visit.places_taken,
        "batch": visit.batch if visit.batch > 1 else None,
        **{f"{stage}_ms": taken for stage, taken in visit.stages.milliseconds().items()},
        "total_ms": round(1000 * visit.age_s(), 1),
        "inference_id": _header(request, f"{_PREFIX}Inference-Id"),
        "target_variant": _header(request, f"{_PREFIX}Target-Variant"),
        "target_model": _header(request, f"{_PREFIX}Target-Model"),
    }
    return {name: value for name, value in entry.items() if value is not None}


def _line(entry: dict[str, Any]) -> str:
    """The same for people, in short."""
    parts = [f"{entry['method']} {entry['path']} {entry['status']}"]
    parts += [str(entry[name]) for name in ("code", "answer") if name in entry]
    if "height" in entry:
        parts.append(f"{entry['height']}x{entry['width']}")
    return f"{' '.join(parts)} {entry['total_ms']} ms"


def _header(request: Request, name: str) -> str | None:
    """As much of it as can be shown on a line."""
    text = request.headers.get(name)
    return shown(text) if text is not None else None
