import io
import json
import logging
from collections.abc import Iterator

import pytest

from serve.logs import start_log

NAMES = ("", "container", "serve", "model", "train")


class Terminal(io.StringIO):
    """What says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The root logger as it was."""
    logger = logging.getLogger()
    handlers, levels = [*logger.handlers], {name: logging.getLogger(name).level for name in NAMES}
    yield
    logger.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_a_record_is_an_object_with_its_extra_values() -> None:
    stream = io.StringIO()
    start_log(stream, level="info", form="auto")
    logging.getLogger("serve.x").info("café\n%d", 2, extra={"bytes_in": 7, "aws": {"a": [1]}})
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {"level": "INFO", "message": "café\n2", "bytes_in": 7, "_aws": {"a": [1]}}


def test_a_stack_is_in_its_records_line() -> None:
    stream = io.StringIO()
    start_log(stream, level="info", form="json")
    logging.getLogger("serve.x").error("bad", exc_info=ValueError("why"))
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["stack"] == "ValueError: why"


@pytest.mark.parametrize(("stream", "form"), [(Terminal(), "auto"), (io.StringIO(), "text")])
def test_people_get_words(stream: io.StringIO, form: str) -> None:
    start_log(stream, level="info", form=form)
    logging.getLogger("serve.x").warning("so be it", extra={"a": 1})
    assert stream.getvalue().endswith(" WARNING so be it\n")


def test_a_terminal_may_be_asked_for_objects() -> None:
    stream = Terminal()
    start_log(stream, level="info", form="json")
    logging.getLogger("serve.x").warning("so")
    assert json.loads(stream.getvalue())["message"] == "so"


def test_what_is_below_the_level_is_not_there() -> None:
    stream = io.StringIO()
    start_log(stream, level="warning", form="json")
    logging.getLogger("serve.x").info("no")
    assert not stream.getvalue()


def test_libraries_tell_no_details_whatever_the_level() -> None:
    stream = io.StringIO()
    start_log(stream, level="debug", form="json")
    logging.getLogger("botocore.auth").debug("signed with SECRET")
    logging.getLogger("botocore.credentials").info("found SECRET")
    logging.getLogger("serve.x").debug("ours")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["message"] == "ours"
