"""What every refusal promises, whatever was refused."""

import json

from serve.errors import ServeError, ServerFault

_MAX_CHARACTERS = 3000  # the longest names all options, or all types


def check_line(error: Exception) -> None:
    """Assert that what is told of it is one printable line."""
    assert str(error).isprintable(), error


def check(error: ServeError) -> None:
    """Assert that a refusal is the client's, can be sent, and says one short printable line."""
    assert not isinstance(error, ServerFault), error
    assert not isinstance(error.__cause__, Warning), error.__cause__
    check_line(error)
    assert len(json.dumps(error.body("id"))) < _MAX_CHARACTERS, error.message
