"""The gate's small decisions; tests/attack tries them on the running process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.config import settings
from dashboard.web import sockets, visitors
from dashboard.web.sockets import SocketGate, own_origins
from dashboard.web.visitors import ADDRESS, IDENTITY, Owners


@pytest.mark.parametrize(
    ("public_url", "origins"),
    [
        ("https://xeno.example.com", {"https://xeno.example.com"}),
        ("https://xeno.example.com:443/", {"https://xeno.example.com"}),
        ("https://xeno.example.com:8443", {"https://xeno.example.com:8443"}),
        ("http://192.0.2.7:8501", {"http://192.0.2.7:8501"}),
        ("http://[2001:db8::1]:8501", {"http://[2001:db8::1]:8501"}),
        ("http://127.0.0.1:8501", {"http://127.0.0.1:8501", "http://localhost:8501", "http://[::1]:8501"}),
    ],
)
def test_our_origins_are_that_of_the_public_url_and_this_machines_other_names(
    public_url: str, origins: set[str]
) -> None:
    assert own_origins(public_url) == origins


def connection(peer: str, **headers: str) -> HTTPConnection:
    """A request as it comes to the app, uvicorn having put whom X-Forwarded-For names in a local peer's place."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        ("", "203.0.113.9", "", "203.0.113.9"),
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("", "198.51.100.1", "198.51.100.1", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9, 1.1.1.1", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_a_visitors_address_is_the_peers_or_whom_a_trusted_proxy_names(
    monkeypatch: pytest.MonkeyPatch, proxies: str, peer: str, forwarded: str, address: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", proxies)
    settings.cache_clear()
    try:
        sent = {"x_forwarded_for": forwarded} if forwarded else {}
        assert visitors.address_of(connection(peer, **sent)) == address
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_headers_of_our_names_from_a_client_are_removed() -> None:
    sent = connection("203.0.113.9", x_xeno_address="1.1.1.1", x_xeno_visitor="somebody", cookie="xeno=a-token")
    stamped = HTTPConnection(visitors.stamped(dict(sent.scope))).headers
    assert stamped.getlist(ADDRESS) == ["203.0.113.9"]
    (identity,) = stamped.getlist(IDENTITY)
    assert "a-token" not in identity
    again = HTTPConnection(visitors.stamped(dict(connection("1.1.1.1", cookie="xeno=a-token").scope))).headers
    assert again[IDENTITY] == identity


def test_browsers_without_cookies_are_never_the_same() -> None:
    one, other = (HTTPConnection(visitors.stamped(dict(connection("1.1.1.1").scope))) for _ in range(2))
    assert one.headers[IDENTITY] != other.headers[IDENTITY]


def test_only_the_resuming_of_anothers_session_is_refused() -> None:
    owners = Owners()
    owners.record("one", {IDENTITY: "alice"})
    protocols = "streamlit, token, one"
    assert owners.is_refused_resume({IDENTITY: "bob", "sec-websocket-protocol": protocols})
    assert not owners.is_refused_resume({IDENTITY: "alice", "sec-websocket-protocol": protocols})
    assert not owners.is_refused_resume({IDENTITY: "bob", "sec-websocket-protocol": "streamlit, token, two"})
    assert not owners.is_refused_resume({IDENTITY: "bob", "sec-websocket-protocol": "streamlit"})
    assert not owners.is_refused_resume({})


def heard_by_streamlit(*sent: BackMsg) -> list[str | None]:
    """The kinds of messages that pass the gate, of those that a browser sends over one websocket."""
    heard: list[str | None] = []
    waiting = [{"type": "websocket.receive", "bytes": message.SerializeToString()} for message in sent]
    waiting.append({"type": "websocket.disconnect", "code": 1000})

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(_message: Any) -> None:
        return None

    async def streamlit(_scope: Any, receive: Any, _send: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            heard.append(BackMsg.FromString(message["bytes"]).WhichOneof("type"))

    origin = (b"origin", settings().public_url.encode())
    scope = {"type": "websocket", "path": sockets.ADDRESS, "headers": [origin], "client": ("203.0.113.9", 1)}
    asyncio.run(SocketGate(streamlit)(scope, receive, send))
    return heard


def test_nobody_empties_the_cache_of_all_users_or_asks_for_an_upload() -> None:
    cache, upload, run = BackMsg(clear_cache=True), BackMsg(), BackMsg()
    upload.file_urls_request.SetInParent()
    run.rerun_script.SetInParent()
    assert heard_by_streamlit(cache, upload, run, cache) == ["rerun_script"]
