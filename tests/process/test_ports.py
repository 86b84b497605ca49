"""Which ports are open: in an inference pipeline the others are other containers'."""

import os
import re
from pathlib import Path

from tests.server import RunningServer

DOCKERFILE = Path("Dockerfile").read_text()
_LISTENING = "0A"  # linux/tcp_states.h


def listening_ports(pid: int) -> list[int]:
    """Of a process and its children, IPv4 and IPv6."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    descriptors = [each for one in (pid, *children) for each in Path(f"/proc/{one}/fd").iterdir()]
    sockets = {re.sub(r"\D", "", os.readlink(each)) for each in descriptors if each.is_symlink()}
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return [int(row[1][-4:], 16) for row in rows if row[3] == _LISTENING and row[9] in sockets]


def test_a_pipelines_container_opens_the_one_port_it_is_told() -> None:
    with RunningServer(SAGEMAKER_SAFE_PORT_RANGE="20000-29999") as server:
        server.wait_until_ready()
        assert listening_ports(server.process.pid) == [server.port]


def test_the_image_says_that_it_can_be_told() -> None:
    label = "com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true"
    assert re.search(rf"^LABEL ([^\n]*\\\n)*.*\b{re.escape(label)}", DOCKERFILE, re.MULTILINE)
