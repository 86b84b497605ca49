"""`alpha=0.4;class="cat,dog"`: the grammar of Custom-Attributes and of SEG_OPTIONS.

    attributes = attribute *( (";" / ",") attribute )
    attribute  = name [ "=" ( plain / DQUOTE quoted DQUOTE ) ]

A name alone is a flag that is on. A plain value has no separator and no quote in it; in a quoted
one a backslash takes the next character as it is.
"""

import re

_ATTRIBUTE = re.compile(
    r"""\s* ([A-Za-z]+) \s*
        (?: = \s* (?: "( (?: [^"\\] | \\. )* )" | ([^";,]*?) ) )?
        \s* (?: [;,] | $ )""",
    re.VERBOSE,
)


def split_attributes(text: str) -> dict[str, str]:
    """Values by name, as written; the later of two wins.

    Raises:
        ValueError: the text is no list of attributes; says where it stops being one.
    """
    found: dict[str, str] = {}
    rest = text.strip()
    while rest:
        match = _ATTRIBUTE.match(rest)
        if match is None:
            msg = f"no name=value at {rest[:40]!r}"
            raise ValueError(msg)
        name, quoted, plain = match.groups()
        if quoted is not None:
            found[name] = re.sub(r"\\(.)", r"\1", quoted)
        else:
            found[name] = "1" if plain is None else plain
        rest = rest[match.end() :].lstrip()
    return found
