"""What is wrong with us, or takes us too long."""

from serve.errors.base import ClientError, ServerFault


class InferenceFailed(ServerFault):
    """The engine raised; the log has the cause under the request's id."""

    status, code = 500, "inference-failed"

    def __init__(self) -> None:
        super().__init__("the model failed on this photo; the log names the cause by request_id")


class InternalError(ServerFault):
    """Something that nobody foresaw, not of the network's; the log has the cause."""

    status, code = 500, "internal-error"

    def __init__(self) -> None:
        super().__init__("the server failed on this request; the log names the cause by request_id")


class ModelNotReady(ServerFault):
    """The model is still being loaded, or its engine hangs."""

    status, code = 503, "model-not-ready"

    def __init__(self) -> None:
        super().__init__("the model is not ready; try again shortly")

    @property
    def headers(self) -> dict[str, str]:
        """A model takes a second or two."""
        return {"Retry-After": "2"}


class DeadlineExceeded(ServerFault):
    """The photo waited longer than anybody waits for its answer; the network did not see it."""

    status, code = 504, "deadline-exceeded"

    def __init__(self, *, timeout_s: float) -> None:
        super().__init__(
            f"the photo was still waiting after {timeout_s:g} s"
            " (SAGEMAKER_MODEL_SERVER_TIMEOUT); try again when fewer are sent",
            timeout_s=timeout_s,
        )


class ClientGone(ClientError):
    """Whoever asked has hung up; nobody but the log hears of it. The status is nginx's."""

    status, code = 499, "client-gone"

    def __init__(self) -> None:
        super().__init__("the client has closed the connection")


class Overloaded(ServerFault):
    """The queue in front of the engine is full, or as many models are being loaded as may be."""

    status, code = 503, "overloaded"

    def __init__(self, *, queue_size: int | None = None, max_loads: int | None = None) -> None:
        if max_loads is None:
            full = f"all {queue_size} places in the queue are taken"
            super().__init__(f"{full}; try again shortly", queue_size=queue_size)
        else:
            full = f"{max_loads} models are being loaded or wait for it"
            allowed = f"at most {max_loads} may (half of SEG_HTTP_THREADS)"
            super().__init__(f"{full}; {allowed}; try again shortly", max_loads=max_loads)

    @property
    def headers(self) -> dict[str, str]:
        """A photo takes less than a second."""
        return {"Retry-After": "1"}
