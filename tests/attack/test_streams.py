"""Streams of news: whose they are, how many there may be, and addresses that no page asks for."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from dashboard.web.sockets import MOST_OF_USER
from tests.attack.raw_http import connected
from tests.attack.target import Party, Target

LIVE, STORES = "/live", "/live/stores"
ODD = (
    "0",
    "-1",
    "1.0",
    "1e3",
    "9" * 40,
    "9" * 5000,
    "%00",
    "1%00",
    "%ff",
    "1%20OR%201=1",
    "%d9%a3",
    "..%2f1",
    "1/",
    "x",
)


def stream_of(party: Party) -> str:
    return f"{LIVE}/{party.store_id}"


@contextmanager
def opened(target: Target, address: str, session: str, method: str = "GET") -> Iterator[socket.socket]:
    """A connection that has sent the request of a stream."""
    with connected(target.installation.web_url, timeout=30) as wire:
        wire.sendall(f"{method} {address} HTTP/1.1\r\nHost: x\r\nCookie: xeno={session}\r\n\r\n".encode())
        yield wire


def received(wire: socket.socket, ends: bytes, seconds: float = 30) -> bytes:
    """All that arrives up to `ends`, or until nothing more comes."""
    answer = b""
    wire.settimeout(seconds)
    with contextlib.suppress(TimeoutError, ConnectionError):
        while ends not in answer and (more := wire.recv(65536)):
            answer += more
    return answer


def status_of(answer: bytes) -> int | None:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else None


def ask(target: Target, attack: str, address: str, session: str = "", method: str = "GET") -> requests.Response:
    cookies = {"xeno": session} if session else {}
    answer = requests.request(method, target.installation.web_url + address, cookies=cookies, stream=True, timeout=30)
    target.tally.note(attack, answer.status_code)
    answer.close()
    return answer


def test_nobody_gets_a_stream_without_a_valid_session(target: Target) -> None:
    for session in ("", "made-up", target.acme.session[:-1], target.acme.session + "x", "%00", "x" * 3000):
        for address in (LIVE, STORES, stream_of(target.acme), f"{LIVE}/999999999"):
            assert ask(target, "streams without a session", address, session).status_code == 401


def test_the_stream_of_another_tenants_store_does_not_exist(target: Target) -> None:
    for attacker, victim in ((target.globex, target.acme), (target.acme, target.globex)):
        answer = ask(target, "streams of other tenants", stream_of(victim), attacker.session)
        assert answer.status_code == 404
    assert ask(target, "streams of one's own", stream_of(target.acme), target.acme.session).status_code == 200


def test_news_of_one_tenant_wake_no_stream_of_another(target: Target) -> None:
    with opened(target, STORES, target.globex.session) as theirs, opened(target, STORES, target.acme.session) as ours:
        first = [received(wire, b"}\n\n") for wire in (theirs, ours)]
        assert [status_of(answer) for answer in first] == [200, 200]
        received(theirs, b"never", seconds=2)  # the process begins to listen with its first stream
        target.rows(
            "UPDATE stores SET revision = revision + 1 WHERE tenant_id = %s RETURNING 1", target.acme.tenant_id
        )
        target.rows("SELECT pg_notify('xeno_news', %s)", str(target.acme.tenant_id))
        target.tally.note("news of other tenants", 200)
        assert b"data:" in received(ours, b"}\n\n", seconds=10)
        crossed = b"data:" in received(theirs, b"}\n\n", seconds=2)
        target.tally.crossed(int(crossed))
        assert not crossed


def test_a_removed_member_and_an_ended_session_lose_their_open_streams(target: Target) -> None:
    acme, globex = target.acme, target.globex
    target.rows(
        "INSERT INTO memberships (tenant_id, user_id, role, created_at) VALUES (%s, %s, 'viewer', now()) RETURNING 1",
        acme.tenant_id,
        globex.user_id,
    )
    switch = "UPDATE user_sessions SET tenant_id = %s WHERE user_id = %s RETURNING tenant_id"
    target.rows(switch, acme.tenant_id, globex.user_id)
    try:
        with opened(target, stream_of(acme), globex.session) as wire:
            assert b"data:" in received(wire, b"}\n\n")
            time.sleep(1.5)
            target.rows(
                "DELETE FROM memberships WHERE tenant_id = %s AND user_id = %s RETURNING 1",
                acme.tenant_id,
                globex.user_id,
            )
            target.rows("SELECT pg_notify('xeno_news', 'access')")
            target.tally.note("streams of removed members", 200)
            after = received(wire, b"event: ended", seconds=25)
            target.tally.crossed(after.count(b"data: {"))
            assert b"event: ended" in after
            assert b"data: {" not in after
        assert ask(target, "streams of removed members", stream_of(acme), globex.session).status_code == 404
    finally:
        target.rows(
            "DELETE FROM memberships WHERE tenant_id = %s AND user_id = %s RETURNING 1",
            acme.tenant_id,
            globex.user_id,
        )
        target.rows(switch, globex.tenant_id, globex.user_id)
    with opened(target, LIVE, globex.session) as wire:
        assert b"data:" in received(wire, b"}\n\n")
        target.rows("UPDATE user_sessions SET revoked_at = now() WHERE user_id = %s RETURNING 1", globex.user_id)
        target.rows("SELECT pg_notify('xeno_news', 'access')")
        target.tally.note("streams of ended sessions", 200)
        ended = received(wire, b"event: ended", seconds=25)
    target.rows("UPDATE user_sessions SET revoked_at = NULL WHERE user_id = %s RETURNING 1", globex.user_id)
    assert b"event: ended" in ended


@pytest.mark.parametrize("number", ODD)
def test_an_odd_id_is_a_store_that_does_not_exist(target: Target, number: str) -> None:
    before = target.traces()
    refusal = 400 if "%00" in number else 404
    assert ask(target, "odd streams", f"{LIVE}/{number}", target.acme.session).status_code == refusal
    assert target.traces() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_no_other_method_opens_a_stream(target: Target, method: str) -> None:
    for address in (LIVE, STORES, stream_of(target.acme)):
        assert ask(target, "streams by other methods", address, target.acme.session, method).status_code == 405


def test_a_head_request_is_answered_and_leaves_no_stream(target: Target) -> None:
    for _ in range(MOST_OF_USER + 5):
        assert ask(target, "streams by HEAD", LIVE, target.acme.session, "HEAD").status_code == 200


def test_a_thousand_streams_of_one_user_stay_within_the_limit_and_disturb_nobody(target: Target) -> None:
    """None of them is ever read to its end, as by a browser that hangs."""
    before = target.traces()
    with ExitStack() as stack:
        live = 0
        for _ in range(5):
            wires = [stack.enter_context(opened(target, STORES, target.globex.session)) for _ in range(200)]
            for wire in wires:
                answer = received(wire, b"\n\n" if live >= MOST_OF_USER else b"}\n\n", seconds=10)
                assert target.tally.note("floods of streams", status_of(answer)) in (200, 429)
                live += b"data: {" in answer
        assert live == MOST_OF_USER
        assert ask(target, "streams beside a flood", stream_of(target.acme), target.acme.session).status_code == 200
        assert ask(target, "streams beside a flood", "/readyz").status_code == 200
        for _ in range(50):
            target.rows("SELECT pg_notify('xeno_news', %s)", str(target.globex.tenant_id))
    time.sleep(1)
    with opened(target, LIVE, target.globex.session) as wire:
        assert b"data: {" in received(wire, b"}\n\n"), "its places are free again"
    assert target.traces() == before, target.web.log_tail()
