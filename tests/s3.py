"""Stand-ins for S3 over HTTP: moto's, which stores, and one that answers by a script."""

import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import boto3
from moto.server import ThreadedMotoServer

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "any",
    "AWS_SECRET_ACCESS_KEY": "any",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class RunningS3:
    """moto's S3 on a port of its own."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",  # noqa: S106  # nobody checks
        )

    @property
    def environment(self) -> dict[str, str]:
        """What boto3 needs to find it."""
        return {"AWS_ENDPOINT_URL_S3": self.url, **CREDENTIALS}

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Store an object, in a bucket that is made if need be."""
        self.client.create_bucket(Bucket=bucket)
        self.client.put_object(Bucket=bucket, Key=key, Body=body)

    def get(self, bucket: str, key: str) -> tuple[bytes, str]:
        """An object and its Content-Type."""
        found = self.client.get_object(Bucket=bucket, Key=key)
        return found["Body"].read(), found["ContentType"]

    def stop(self) -> None:
        """Close everything."""
        self.client.close()
        self._server.stop()


Reply = Callable[[str], tuple[int, Mapping[str, str], bytes]]
"""Method → status, headers, body."""


class ScriptedS3:
    """Answers every request as `reply` says; notes the methods it was asked with."""

    def __init__(self, reply: Reply) -> None:
        self.asked: list[str] = []
        handler = type("Handler", (_Handler,), {"reply": staticmethod(reply), "asked": self.asked})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    reply: Reply
    asked: list[str]

    def _answer(self) -> None:
        self.asked.append(self.command)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, body = self.reply(self.command)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET = do_PUT = _answer  # noqa: N815  # the names that http.server looks for

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class SilentS3:
    """Accepts connections and never says a word."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Let go."""
        self._socket.close()
