"""Headers as serve.order hands them on: UTF-8 where they are that, else a character a byte."""


def text_of(content: bytes) -> str:
    """The text of a header's bytes."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
