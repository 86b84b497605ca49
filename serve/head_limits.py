"""How long the head of a request may be: gunicorn's own limits, which nothing here changes."""

from gunicorn.config import LimitRequestFields, LimitRequestFieldSize, LimitRequestLine

MAX_LINE_CHARACTERS = LimitRequestLine.default
"""Of the first line, its end apart."""
MAX_HEADERS = LimitRequestFields.default
MAX_HEADER_BYTES = LimitRequestFieldSize.default
"""Of one header, its name and the line's end included."""
