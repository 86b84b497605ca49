"""What is wrong with a request to load, unload or use one of several models."""

from serve.errors.base import ClientError, OurWords, ServerFault, in_one_line, shown


class BadModelRequest(ClientError):
    """What is to be loaded or listed is not said, or not in a way that is allowed."""

    status, code = 400, "bad-model-request"

    def __init__(self, *, reason: OurWords) -> None:
        reason = in_one_line(reason)
        super().__init__(f"the request cannot be used: {reason}", reason=reason)


class BadModel(ClientError):
    """The artifact is broken, or the settings do not fit it."""

    status, code = 400, "bad-model"

    def __init__(self, *, reason: OurWords) -> None:
        reason = in_one_line(reason)
        super().__init__(f"the model cannot be loaded: {reason}", reason=reason)


class ModelNotFound(ClientError):
    """No model of this name is loaded."""

    status, code = 404, "model-not-found"

    def __init__(self, *, model: str) -> None:
        model = shown(model)
        super().__init__(
            f"no model '{model}' is loaded; GET /models lists those that are", model=model
        )


class ModelNotNamed(ClientError):
    """One model was meant, of a server that holds several."""

    status, code = 404, "model-not-named"

    def __init__(self) -> None:
        super().__init__(
            "this server holds models by name: POST /models loads one, GET /models lists them,"
            " POST /models/NAME/invoke asks one, DELETE /models/NAME unloads it"
        )


class ModelExists(ClientError):
    """A model of this name is loaded, or being loaded."""

    status, code = 409, "model-exists"

    def __init__(self, *, model: str) -> None:
        model = shown(model)
        super().__init__(f"a model '{model}' is loaded already, or being loaded", model=model)


class LoadFailed(ServerFault):
    """Loading crashed, hung, or met something unforeseen; the log has the cause."""

    status, code = 500, "load-failed"

    def __init__(self) -> None:
        super().__init__("the model could not be loaded; the log names the cause by request_id")


class OutOfMemory(ServerFault):
    """There is no room for a model, or for what a photo takes in its network."""

    status, code = 507, "out-of-memory"

    def __init__(self, *, reason: str) -> None:
        reason = shown(reason)
        super().__init__(f"there is not enough memory: {reason}", reason=reason)
