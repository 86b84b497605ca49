"""gunicorn's own words as records of this process's log, in its format and place."""

from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):
    """What gunicorn asks for as `logger_class`."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to the root logger."""
        super().setup(cfg)
        for handler in [*self.error_log.handlers]:
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True
