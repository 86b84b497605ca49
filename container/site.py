"""What the server serves, made before its worker is forked and opened in it: one model, or many."""

from collections.abc import Callable, Mapping
from typing import Protocol

from flask import Flask


class Site(Protocol):
    """Made in gunicorn's master, opened in its worker."""

    @property
    def hooks(self) -> Mapping[str, Callable[..., None]]:
        """Server hooks of gunicorn's by name."""

    def open(self) -> Flask:
        """Build the application; called in the worker, after the fork, as MXNet needs."""

    @property
    def ready(self) -> bool:
        """What /ping says; asked in the event loop, so nothing is waited for."""

    @property
    def runs(self) -> str:
        """What is served, for the log's line about /ping."""
