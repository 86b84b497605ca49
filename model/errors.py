"""Errors of the model room: each message is one line for the person who starts the container."""


class ArtifactError(ValueError):
    """A model artifact cannot be used; the message names the file and the reason."""


class EngineError(ValueError):
    """An engine was asked for what it is not made for, or is not there; says what is allowed."""
