"""What is wrong with a stream, and where."""


class RecordIOError(ValueError):
    """No RecordIO stream, or no scores in it. Its args: byte offset, what is wrong, within what.

    The offset counts from the start of the "stream" or of the "record" (one record's payload).
    """

    def __init__(self, offset: int, what: str, within: str = "record") -> None:
        super().__init__(offset, what, within)

    def __str__(self) -> str:
        return f"byte {self.args[0]} of the {self.args[2]}: {self.args[1]}"
