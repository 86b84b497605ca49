"""Whether the server on this machine's port says that it is well; for the image's HEALTHCHECK.

`python -m container.health` exits 0 or 1. The standard library alone: it runs every few seconds.
"""

import http.client
import os
import sys

_TIMEOUT_S = 2  # as SageMaker's


def is_healthy(port: int) -> bool:
    """Whether GET /ping on this machine is answered 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):  # or who answers there speaks no HTTP
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_healthy(int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or 8080)))
