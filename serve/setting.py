"""One setting: an environment variable as a field of a dataclass, read and documented there."""

from collections.abc import Mapping
from dataclasses import field, fields
from itertools import chain
from typing import Any

from serve.kinds import Kind


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; names it and what is allowed."""


def setting(name: str, kind: Kind, default: Any, doc: str) -> Any:
    """A field with its variable's name, range, default and one line of documentation."""
    return field(default=default, metadata={"name": name, "kind": kind, "doc": doc})


def values_of(settings: type, env: Mapping[str, str]) -> dict[str, Any]:
    """By field: what the environment sets, parsed; an empty value counts as unset.

    Raises:
        SettingsError: a value is outside its range.
    """
    return {
        f.name: _parsed(f.metadata["name"], f.metadata["kind"], env[f.metadata["name"]])
        for f in fields(settings)
        if f.metadata and env.get(f.metadata["name"])
    }


def table_of(*settings: type) -> str:
    """The settings as a Markdown table."""
    rows = ["| name | allowed | default | |", "| --- | --- | --- | --- |"]
    for f in chain.from_iterable(map(fields, settings)):
        if f.metadata:
            default = ",".join(map(str, f.default)) if isinstance(f.default, tuple) else f.default
            default = default or "" if default != 0 else default
            cells = (f.metadata["kind"].allowed, f"`{default}`", f.metadata["doc"])
            rows.append(f"| `{f.metadata['name']}` | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _parsed(name: str, kind: Kind, text: str) -> Any:
    try:
        return kind.parse(text.strip())
    except ValueError as err:
        msg = f"{name}={text[:80]!r} cannot be used; allowed: {kind.allowed}"
        raise SettingsError(msg) from err
