"""A real connection: a server that hangs up, answers with a web page, or redirects."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import ShopifyDown, ShopUnavailable
from tests.core.shopify.fakes import SHOP, Time, make_client

GOOD = b'{"data": {"shop": {"name": "Acme"}}}'


class Server(ThreadingHTTPServer):
    """Answers each POST with the next of its raw answers, and records the path."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.paths: list[str] = []

    @property
    def template(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{{shop}}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.wfile.write(self.server.answers.pop(0))
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def serving(*answers: bytes) -> Iterator[Server]:
    with Server(*answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def http(status: str, body: bytes, *headers: str, promised: int | None = None) -> bytes:
    length = f"Content-Length: {len(body) if promised is None else promised}"
    return "\r\n".join([f"HTTP/1.1 {status}", length, "Connection: close", *headers, "", ""]).encode() + body


def ask(server: Server, time: Time | None = None) -> object:
    client = make_client(None, time, admin_url=server.template)  # type: ignore[arg-type]  # the real network
    try:
        return client.execute("shop")
    finally:
        client.close()


@pytest.mark.parametrize(
    "broken",
    [
        http("200 OK", GOOD[:20], promised=len(GOOD)),
        http("200 OK", GOOD[:20]),
        http("200 OK", b"<html><h1>We'll be back</h1></html>", "Content-Type: text/html"),
        http("200 OK", GOOD, "Content-Encoding: gzip"),
        http("502 Bad Gateway", b"<html>"),
        b"",
        b"nonsense\r\n\r\n",
    ],
    ids=["cut short", "half a body", "a web page", "not gzip", "bad gateway", "hung up", "nonsense"],
)
def test_a_broken_answer_is_asked_for_again(broken: bytes) -> None:
    time = Time()
    with serving(broken, http("200 OK", GOOD)) as server:
        assert ask(server, time) == {"shop": {"name": "Acme"}}
    assert server.paths == [f"/{SHOP}/admin/api/2026-10/graphql.json"] * 2
    assert time.waits == [1.0]


def test_a_refused_connection_means_that_shopify_is_down() -> None:
    with serving() as server:
        pass
    with pytest.raises(ShopifyDown, match="connection to Shopify broke"):
        ask(server)


def test_a_real_redirect_is_not_followed() -> None:
    with serving(http("200 OK", GOOD)) as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.server_port}/stolen"
        with serving(http("308 Permanent Redirect", b"", location)) as server, pytest.raises(ShopUnavailable):
            ask(server)
        assert elsewhere.paths == []
