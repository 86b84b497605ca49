"""Lines of the log: JSON for machines, words for people at a terminal."""

import logging
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

FORMATS = ("auto", "json", "text")
LEVELS = ("debug", "info", "warning", "error", "critical")
LEVEL_NUMBERS = (10, 20, 30, 40, 50)
"""As Python and SageMaker's own toolkit count them."""

_ROOMS = ("container", "serve", "model", "train")
_TEXT = "%(asctime)s %(levelname)s %(message)s"


def start_log(stream: TextIO, *, level: str, form: str) -> None:
    """Send what this process logs to a stream, one line a record; a stack trace is in its line.

    Args:
        stream: stdout, which SageMaker hands to CloudWatch.
        level: of LEVELS, for our own records; libraries' begin at warnings.
        form: of FORMATS; `auto` is text on a terminal and JSON elsewhere.
    """
    as_json = form == "json" or (form == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_json() if as_json else logging.Formatter(_TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in _ROOMS:  # a library's debug lines have what it was given: keys, headers, bytes
        logging.getLogger(room).setLevel(level.upper())


def _json() -> logging.Formatter:
    return JsonFormatter(
        ["levelname", "message"],
        # A record's own fields may not begin with the underline that CloudWatch wants.
        rename_fields={"levelname": "level", "exc_info": "stack", "aws": "_aws"},
        timestamp="time",
        json_ensure_ascii=False,
    )
