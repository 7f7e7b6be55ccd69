"""A stop of the server answers requests under way, and an endless request is closed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.processes import free_port, wait_until

ROOT = Path(__file__).parents[2]
APP = """
import sys, time
from webhook_receiver.server import serve
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
serve(app, "127.0.0.1", int(sys.argv[1]), max_body=1000, deadline=1)
"""


class Server:
    """A server of an app that sends each body back, after as many seconds as the query says."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.process = subprocess.Popen([sys.executable, "-c", APP, str(port)], cwd=ROOT)
        wait_until(self._listens, "it listens", seconds=30)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def _listens(self) -> bool:
        try:
            self.connect().close()
        except ConnectionError:
            return False
        return True


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(free_port())
    yield made
    made.process.kill()
    made.process.wait(10)


def test_a_stop_answers_requests_under_way_and_accepts_no_more(server: Server) -> None:
    with server.connect() as begun, server.connect() as idle:
        begun.sendall(b"POST /?1.5 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)

        with pytest.raises(ConnectionError):
            server.connect()
        said = b""
        while not said.endswith(b"abc"):
            more = begun.recv(4096)
            assert more, said
            said += more
        assert said.startswith(b"HTTP/1.1 200")
        assert server.process.wait(10) == 0
        assert idle.recv(1) == b""


@pytest.mark.parametrize(
    "begun", [b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"]
)
def test_a_request_that_trickles_in_is_closed_at_its_deadline(server: Server, begun: bytes) -> None:
    with server.connect() as wire:
        wire.sendall(begun)
        wire.settimeout(0.3)
        ends = time.monotonic() + 15
        while time.monotonic() < ends:
            try:
                wire.sendall(b"x")
                if wire.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it was still open")
