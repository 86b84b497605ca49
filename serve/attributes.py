"""`alpha=0.4;class="cat,dog"`: the grammar of Custom-Attributes, of SEG_OPTIONS and of parameters.

    attributes = attribute *( (";" / ",") attribute )
    attribute  = name [ "=" ( plain / DQUOTE quoted DQUOTE ) ]

A name alone is a flag that is on. A plain value has no separator and no quote in it; in a quoted
one a backslash takes the next character as it is. Read from left to right once: the text is
anybody's, and a pattern that may match in many ways would try them all.
"""

import re
from collections.abc import Iterator

_NAME = re.compile("[A-Za-z]+(?:_[A-Za-z]+)*")


def split_attributes(text: str) -> dict[str, str]:
    """Values by name, as written; the later of two wins.

    Raises:
        ValueError: the text is no list of attributes; says where it stops being one.
    """
    parts = list(split_unquoted(text, ";,"))
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # one separator at the end
    return dict(_attribute(part) for part in parts) if text.strip() else {}


def own_attributes(text: str) -> dict[str, str]:
    """The same of a text that others write into as well: what is no attribute is passed over."""
    found = {}
    for part in split_unquoted(text, ";,"):
        try:
            name, value = _attribute(part)
        except ValueError:
            continue
        found[name] = value
    return found


def split_unquoted(text: str, separators: str) -> Iterator[str]:
    """The parts of a text between separators that stand outside double quotes."""
    start, is_quoted, is_escaped = 0, False, False
    for place, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif is_quoted and character == "\\":
            is_escaped = True
        elif character == '"':
            is_quoted = not is_quoted
        elif character in separators and not is_quoted:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def _attribute(part: str) -> tuple[str, str]:
    name, equals, value = (piece.strip() for piece in part.partition("="))
    if not _NAME.fullmatch(name):
        msg = f"no name=value at {part.strip()[:40]!r}"
        raise ValueError(msg)
    return name, _unquoted(value) if equals else "1"


def _unquoted(value: str) -> str:
    if '"' not in value:
        return value
    ends_quoted = len(value) > 1 and value[0] == value[-1] == '"'
    inside = value[1:-1]
    if not ends_quoted or re.search(r'(?<!\\)(?:\\\\)*"', inside) or _ends_in_escape(inside):
        msg = f"no name=value at {value[:40]!r}"
        raise ValueError(msg)
    return re.sub(r"\\(.)", r"\1", inside)


def _ends_in_escape(text: str) -> bool:
    """Whether the last backslash would take the closing quote."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
