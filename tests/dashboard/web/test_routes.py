"""The addresses beside the pages, over a real HTTP server: cookies, redirects, health, headers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from core import accounts
from core.accounts import Client, LinkKind, Theme, attempts
from core.config import settings
from core.errors import NotSignedIn
from dashboard.web import cookies
from dashboard.web.routes import routes
from dashboard.web.security import Guard
from tests.cast import NOW, PASSWORD, Cast, sign_in

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[str]:
    """Our routes and headers, without Streamlit around them."""
    app = Starlette(routes=routes, middleware=[Middleware(Guard)])
    uvicorn_server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=uvicorn_server.run, daemon=True)
    thread.start()
    while not uvicorn_server.started:
        assert thread.is_alive()
    port = uvicorn_server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    uvicorn_server.should_exit = True
    thread.join(10)


def get(url: str, **options: object) -> requests.Response:
    return requests.get(url, allow_redirects=False, timeout=10, **options)  # type: ignore[arg-type]


def finish(server: str, ticket: str, nonce: str, then: str = "/") -> requests.Response:
    return get(f"{server}/auth/finish", params={"ticket": ticket, "next": then}, cookies={"xeno-nonce": nonce})


def ticket_of(cast: Cast, nonce: str = "a-nonce") -> str:
    return accounts.issue_ticket(cast.alice.user_id, nonce, datetime.now(UTC))


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(server: str, cast: Cast) -> None:
    answer = finish(server, ticket_of(cast), "a-nonce", "/orders?range=7d")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?range=7d")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert f"Max-Age={settings().session_days * 86_400}" in cookie
    session = accounts.session_of(answer.cookies["xeno"], datetime.now(UTC))
    assert session is not None
    assert session.name == "Alice Archer"


def test_signing_in_makes_the_browser_a_known_device_and_stores_its_user_agent(server: str, cast: Cast) -> None:
    cookies_sent = {"xeno-nonce": "a-nonce"}
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"}
    answer = get(f"{server}/auth/finish", params={"ticket": ticket_of(cast)}, cookies=cookies_sent, headers=headers)
    (listed,) = accounts.browsers_of(cast.alice.user_id, answer.cookies["xeno"], datetime.now(UTC))
    assert listed.user_agent == headers["User-Agent"]
    (name,) = [name for name in dict(answer.cookies) if name.startswith("xeno-device-")]
    assert "alice" not in name
    assert re.search(f"{name}=[^;]+; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax", answer.headers["set-cookie"])
    device = cookies.device_token(dict(answer.cookies), " Alice@ACME.example")
    for _ in range(attempts.FREE_FAILURES):
        attempts.count_try(attempts.of_source(cast.alice.email, "192.0.2.7"), datetime.now(UTC))
    stranger, known = Client("192.0.2.7"), Client("192.0.2.7", device)
    with pytest.raises(NotSignedIn):
        accounts.authenticate(cast.alice.email, PASSWORD, datetime.now(UTC), stranger)
    assert accounts.authenticate(cast.alice.email, PASSWORD, datetime.now(UTC), known) == cast.alice.user_id


def test_a_ticket_without_the_browsers_nonce_makes_no_session(server: str, cast: Cast) -> None:
    answer = finish(server, ticket_of(cast), "another-nonce")
    assert answer.status_code == 303
    assert "xeno" not in answer.cookies


def test_a_link_opens_a_page_that_holds_no_secret_and_sends_none_on(server: str) -> None:
    for kind in LinkKind:
        answer = get(f"{server}/auth/{kind}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert '<meta name="referrer" content="no-referrer">' in answer.text
        assert '<script src="/auth/link.js" defer></script>' in answer.text
        assert "xeno-link" not in answer.headers.get("set-cookie", "")
    script = get(f"{server}/auth/link.js").text
    assert "history.replaceState" in script
    assert "location.hash" in script


def test_the_secret_of_a_link_becomes_a_cookie_that_scripts_cannot_read(server: str) -> None:
    answer = requests.post(f"{server}/auth/invitation", data="12.abc-DEF_3", timeout=10)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("xeno-link-invitation=12.abc-DEF_3;")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=3600" in cookie


@pytest.mark.parametrize("body", ["", "a b", "é", "x" * 101, "x" * 5_000_000, "a;b", "a\r\nSet-Cookie: xeno=1"])
def test_a_body_that_is_no_link_token_is_not_kept(server: str, body: str) -> None:
    answer = requests.post(f"{server}/auth/reset", data=body.encode(), timeout=10)
    assert answer.status_code in (400, 413)
    assert "set-cookie" not in answer.headers


def test_a_missing_or_made_up_ticket_leads_back_to_the_sign_in_page(server: str, cast: Cast) -> None:
    for query in ("", "?ticket=", "?ticket=made-up", "?ticket=%00"):
        answer = get(f"{server}/auth/finish{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "xeno" not in answer.cookies


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/../admin",
        "/%2f/evil.example",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(server: str, cast: Cast, then: str) -> None:
    assert finish(server, ticket_of(cast), "a-nonce", then).headers["location"] == "/"


def test_a_new_sign_in_ends_the_session_the_browser_had(server: str, cast: Cast) -> None:
    old = sign_in(cast.bob)
    cookies = {"xeno-nonce": "a-nonce", "xeno": old}
    get(f"{server}/auth/finish", params={"ticket": ticket_of(cast)}, cookies=cookies)
    assert accounts.user_of(old, datetime.now(UTC)) is None


def test_signing_in_and_a_change_bring_the_users_appearance_to_the_browser(server: str, cast: Cast) -> None:
    accounts.save_theme(cast.alice.user_id, Theme.DARK)
    assert finish(server, ticket_of(cast), "a-nonce").cookies["xeno-theme"] == "dark"
    accounts.save_theme(cast.alice.user_id, Theme.LIGHT)
    changed = get(f"{server}/auth/theme?next=/settings", cookies={"xeno": sign_in(cast.alice)})
    assert (changed.cookies["xeno-theme"], changed.headers["location"]) == ("light", "/settings")
    assert "xeno-theme" not in get(f"{server}/auth/theme?next=//evil.example").cookies
    assert "stActiveTheme-" in get(f"{server}/auth/start.js").text


def test_a_link_on_another_site_signs_nobody_out(server: str, cast: Cast) -> None:
    token = sign_in(cast.alice)
    answer = get(f"{server}/auth/sign-out", cookies={"xeno": token})
    assert "set-cookie" not in answer.headers
    assert accounts.user_of(token, datetime.now(UTC)) == cast.alice.user_id


def test_a_cookie_whose_session_has_ended_is_dropped(server: str, cast: Cast) -> None:
    token = sign_in(cast.alice)
    accounts.revoke(token, datetime.now(UTC))
    answer = get(f"{server}/auth/sign-out?next=/orders", cookies={"xeno": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders")
    assert 'xeno=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_posting_signs_out_at_once(server: str, cast: Cast) -> None:
    token = sign_in(cast.alice)
    answer = requests.post(f"{server}/auth/sign-out", cookies={"xeno": token}, allow_redirects=False, timeout=10)
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert accounts.user_of(token, datetime.now(UTC)) is None


def test_an_expired_session_is_no_session(server: str, cast: Cast) -> None:
    token = sign_in(cast.alice, NOW - timedelta(days=400))
    assert "Max-Age=0" in get(f"{server}/auth/sign-out", cookies={"xeno": token}).headers["set-cookie"]


def test_a_page_gets_a_nonce_once_and_keeps_it(server: str) -> None:
    first = get(f"{server}/healthz", headers={"Accept": "text/html,*/*"})
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "SameSite=strict" in first.headers["set-cookie"]
    again = get(f"{server}/healthz", headers={"Accept": "text/html"}, cookies=first.cookies.get_dict())
    assert "set-cookie" not in again.headers
    assert "set-cookie" not in get(f"{server}/healthz", headers={"Accept": "*/*"}).headers


def test_every_answer_carries_the_headers_that_bind_the_browser(server: str) -> None:
    for path in ("/healthz", "/auth/go.js", "/no/such/page"):
        headers = get(f"{server}{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "object-src 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


def test_over_https_cookies_are_secure_and_https_is_insisted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.responses import Response

    from dashboard.web import cookies, security

    monkeypatch.setenv("PUBLIC_URL", "https://xeno.example.com")
    settings.cache_clear()
    try:
        response = Response()
        cookies.keep_session(response, "a-token")
        assert "__Host-xeno=a-token" in response.headers["set-cookie"]
        assert "Secure" in response.headers["set-cookie"]
        assert cookies.session_token({"__Host-xeno": "a-token"}) == "a-token"
        assert cookies.session_token({"xeno": "tossed from a subdomain"}) is None
        assert security.security_headers()["Strict-Transport-Security"].startswith("max-age=")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_health_and_readiness(server: str) -> None:
    assert get(f"{server}/healthz").text == "ok"
    assert get(f"{server}/readyz").text == "ready"


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import dashboard.server"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_process_refuses_to_start_without_a_secret_key_in_one_sentence() -> None:
    refused = start(SECRET_KEY="too short")
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines()[-1].startswith("SECRET_KEY must have at least 32 characters")
    assert "Traceback" not in refused.stderr
    assert "too short" not in refused.stderr


def test_the_process_refuses_to_start_without_its_database_and_never_prints_the_password() -> None:
    refused = start(DATABASE_URL="postgresql://somebody:pa55word@127.0.0.1:9/xeno")
    assert refused.returncode == 1
    assert "The database does not answer" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "pa55word" not in refused.stderr
