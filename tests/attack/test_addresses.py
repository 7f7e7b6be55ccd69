"""Every address that no page needs is refused, without a trace in the log."""

from __future__ import annotations

import pytest
import requests

from tests.attack.raw_http import connected, status_of
from tests.attack.target import Target

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

UNEXPECTED = [
    *("/metrics", "/nothing", "/index.html", "/wp-login.php", "/.env", "/.git/config", "/admin", "/orders/1"),
    *(
        "/static/js/none.js",
        "/static/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%00",
        "/%ff%fe",
        "//evil.example",
    ),
    *("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/nothing", "/_stcore/allowed-message-origins"),
    *("/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/_stcore/agent/interact", "/_stcore/bidi-components/a/b"),
    *("/component/extra_streamlit_components.CookieManager.cookie_manager/index.html", "/app/static/a.txt"),
    *("/live/", "/live/1/2", "/_stcore/bidi-components/xeno.live/live.js"),
    *("/auth/login", "/auth/logout", "/oauth2callback", "/orders/_stcore/health", "/healthz/more"),
]


@pytest.mark.parametrize("address", UNEXPECTED)
def test_an_unexpected_address_answers_404_with_a_page_of_ours_where_a_browser_asks(
    target: Target, address: str
) -> None:
    url = target.installation.web_url + address
    prepared = requests.Request("GET", url, headers=BROWSER).prepare()
    prepared.url = url
    with requests.Session() as session:
        page = session.send(prepared, timeout=10, allow_redirects=False)
    target.tally.note("unexpected addresses", page.status_code)

    assert page.status_code == 404
    assert "There is no page at this address" in page.text
    assert "streamlit" not in page.text.lower()
    assert page.headers["Content-Security-Policy"]


def test_a_program_is_answered_with_a_line_of_text(target: Target) -> None:
    answer = requests.get(f"{target.installation.web_url}/metrics", timeout=10)
    target.tally.note("unexpected addresses", answer.status_code)

    assert (answer.status_code, answer.text) == (404, "There is nothing at this address.\n")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("who", ["a stranger", "somebody who is signed in"])
def test_nobody_uploads_into_memory(target: Target, who: str) -> None:
    cookies = {"xeno": target.globex.session} if who != "a stranger" else {}
    for method in ("PUT", "DELETE", "OPTIONS", "POST", "GET"):
        answer = requests.request(
            method,
            f"{target.installation.web_url}/_stcore/upload_file/any-session/any-file",
            files={"file": b"x" * 100_000},
            cookies={**cookies, "_streamlit_xsrf": "a"},
            headers={"X-Xsrftoken": "a"},
            timeout=10,
        )
        target.tally.note("uploads into memory", answer.status_code)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "address"),
    [("POST", "/"), ("PUT", "/orders"), ("DELETE", "/readyz"), ("GET", "/imports"), ("POST", "/exports/orders.csv")],
)
def test_a_method_that_an_address_does_not_have_is_405(target: Target, method: str, address: str) -> None:
    answer = requests.request(method, target.installation.web_url + address, headers=BROWSER, timeout=10)
    target.tally.note("unexpected methods", answer.status_code)
    assert answer.status_code == 405


def test_what_pages_load_is_still_there(target: Target) -> None:
    url = target.installation.web_url
    page = requests.get(f"{url}/orders", headers=BROWSER, timeout=10)
    script = page.text.partition('src="./static/')[2].partition('"')[0]
    loaded = ["/", "/orders", "/orders/", "/favicon.png", "/_stcore/health", "/_stcore/host-config"]

    for address in (*loaded, f"/static/{script}"):
        assert requests.get(url + address, headers=BROWSER, timeout=10).status_code == 200, address


BROKEN = [
    b"GARBAGE\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"\xff\xfe=;;;=\x01" + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: xeno=" + b"a" * 20_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + b"9" * 5000 + b", \xff\r\nX-Xeno-Address: 1.2.3.4\r\n\r\n",
    b"GET /?a=%00%ff HTTP/1.1\r\nHost: \xff\r\nRange: bytes=9-1\r\nIf-Modified-Since: never\r\n\r\n",
    b"POST /imports HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /auth/finish?ticket=%00&next=%00 HTTP/1.1\r\nHost: x\r\nCookie: xeno-nonce=%00; xeno=%00\r\n\r\n",
    b"GET /auth/sign-out HTTP/1.1\r\nHost: x\r\nCookie: xeno=\xc3\x28\r\n\r\n",
    b"GET /connect/go?state=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /exports/orders.csv?store=1 HTTP/1.1\r\nHost: x\r\nCookie: xeno=%00\xff\r\n\r\n",
    b"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /media/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("address", ["/imports", "/auth/reset"])
def test_a_sender_that_hangs_up_in_the_middle_leaves_no_trace(target: Target, address: str) -> None:
    before = target.traces()
    head = f"POST {address} HTTP/1.1\r\nHost: x\r\nCookie: xeno={target.globex.session}\r\nContent-Length: 999\r\n"
    for session in (head, head.replace("xeno=", "no=")):
        with connected(target.installation.web_url) as wire:
            wire.sendall(f"{session}Content-Type: multipart/form-data; boundary=e\r\n\r\n--e".encode())
            target.tally.note("senders that hang up", 200)
    requests.get(f"{target.installation.web_url}/readyz", timeout=10)
    assert target.traces() == before, target.web.log_tail()


@pytest.mark.parametrize("request_bytes", BROKEN, ids=range(len(BROKEN)))
def test_broken_requests_get_4xx_or_less_and_leave_no_trace(target: Target, request_bytes: bytes) -> None:
    before = target.traces()
    status = status_of(target.installation.web_url, request_bytes)
    target.tally.note("broken requests to the dashboard", status)

    assert status is not None
    assert status < 500
    assert target.traces() == before, target.web.log_tail()
