"""No header, framing or parameter makes the receiver answer 5xx, close without an answer, or log an exception."""

from __future__ import annotations

import pytest

from core.config import WEBHOOK_PATH
from tests.attack.raw_http import connected, read_status, status_of
from tests.attack.target import SECRET, Target
from tests.shopify_sends import headers
from webhook_receiver import MAX_BODY

BODY = b'{"id": 1}'


def request(target: Target, *lines: bytes, body: bytes = b"", line: bytes | None = None) -> bytes:
    """Make a signed delivery of BODY with more header lines, or with another request line."""
    fields = headers(target.acme.shop, "orders/create", BODY, SECRET)
    written = [f"{name}: {value}".encode() for name, value in fields.items()]
    line = line or f"POST {WEBHOOK_PATH} HTTP/1.1".encode()
    return b"\r\n".join([line, b"Host: 127.0.0.1", *written, *lines, b"", b""]) + body


CHUNKED = b"Transfer-Encoding: chunked"
FRAMINGS = {
    "no chunk size": ((CHUNKED,), b"zz\r\nabc\r\n0\r\n\r\n"),
    "negative chunk": ((CHUNKED,), b"-5\r\nabc\r\n0\r\n\r\n"),
    "chunk without end": ((CHUNKED,), b"3\r\nabcdef\r\n0\r\n\r\n"),
    "two framings": ((CHUNKED, b"Content-Length: 3"), b"zz\r\n"),
    "another encoding": ((b"Transfer-Encoding: gzip",), b"abc"),
    "chunked twice": ((b"Transfer-Encoding: chunked, identity",), b"abc"),
    "length of letters": ((b"Content-Length: ten",), b"abc"),
    "length below zero": ((b"Content-Length: -1",), b"abc"),
    "length of 5,000 digits": ((b"Content-Length: " + b"9" * 5000,), b"abc"),
    "two lengths": ((b"Content-Length: 1", b"Content-Length: 2"), b"ab"),
    "NUL in a header": ((b"X-Shopify-Name: a\0b", b"Content-Length: 9"), BODY),
    "bare line feed in a header": ((b"X-Shopify-Name: a\nb", b"Content-Length: 9"), BODY),
    "header without a colon": ((b"nonsense", b"Content-Length: 9"), BODY),
    "folded header": ((b"X-Shopify-Name: a\r\n b", b"Content-Length: 9"), BODY),
    "64 KB of one header": ((b"X-Shopify-Name: " + b"a" * 65536, b"Content-Length: 9"), BODY),
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_bad_framing_is_refused_with_a_reason(target: Target, name: str) -> None:
    lines, body = FRAMINGS[name]

    status = target.tally.note("framing", status_of(target.webhooks, request(target, *lines, body=body)))

    assert status is not None
    assert 400 <= status < 500 or (status == 200 and "header" in name)


LINES = [
    b"GET / HTTP/9.9",
    b"get / HTTP/1.1",
    b"GET http://[::1 HTTP/1.1",
    b"GET //%00/ HTTP/1.1",
    b"\x16\x03\x01\x02",
]


@pytest.mark.parametrize("line", LINES)
def test_a_bad_request_line_is_refused_with_a_reason(target: Target, line: bytes) -> None:
    status = target.tally.note("framing", status_of(target.webhooks, line + b"\r\nHost: x\r\n\r\n"))

    assert status is not None
    assert 400 <= status < 500


def test_a_chunked_body_beyond_all_measure_is_refused_as_too_large(target: Target) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with connected(target.webhooks) as wire:
        wire.sendall(request(target, CHUNKED))
        for _ in range(MAX_BODY // 0x10000 + 1):
            wire.sendall(chunk)
        status = target.tally.note("framing", read_status(wire))

    assert status == 413


VALUES = [
    ("X-Shopify-Triggered-At", "0001-01-01T00:00:00+14:00"),
    ("X-Shopify-Triggered-At", "9999-12-31T23:59:59-14:00"),
    ("X-Shopify-Triggered-At", "9999-12-31T23:59:59Z"),
    ("X-Shopify-Triggered-At", "2026-11-20T12:00:00+99:99"),
    ("X-Shopify-Shop-Domain", "[::1"),
    ("X-Shopify-Topic", "\xff\xfe"),
    ("X-Shopify-Hmac-Sha256", "\xe9" * 44),
    ("X-Shopify-Event-Id", "x" * 20_000),
    ("X-Forwarded-For", "\xff, 999.1.1.1"),
    ("Content-Type", "multipart/form-data; boundary=\xff"),
    ("Host", "\xff"),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_no_header_value_brings_the_receiver_down(target: Target, name: str, value: str) -> None:
    changed = f"{name}: {value}".encode("latin-1")

    status = target.tally.note(
        "headers", status_of(target.webhooks, request(target, b"Content-Length: 9", changed, body=BODY))
    )

    assert status is not None
    assert status < 500


PARAMETERS = [
    "state=%00",
    "state=%ff",
    "hmac=%00&shop=%00",
    "hmac=a&timestamp=99999999999&shop=a",
    "code=" + "a" * 9000,
]


@pytest.mark.parametrize("query", PARAMETERS)
@pytest.mark.parametrize("path", ["/connect/start", "/connect/callback"])
def test_no_parameter_brings_the_receiver_down(target: Target, path: str, query: str) -> None:
    line = f"GET {path}?{query} HTTP/1.1".encode()

    status = target.tally.note("parameters", status_of(target.webhooks, line + b"\r\nHost: x\r\n\r\n"))

    assert status is not None
    assert 400 <= status < 500


def test_the_receivers_log_shows_no_trace_of_any_of_it(target: Target) -> None:
    status_of(target.webhooks, request(target, b"X-Shopify-Triggered-At: 0001-01-01T00:00:00+14:00"))

    assert "Traceback" not in target.receiver.log.read_text(errors="replace")
