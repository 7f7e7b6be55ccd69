"""Routes that a Streamlit script cannot serve: cookies at sign-in and sign-out, the install redirect, health checks.

Signing in ends here, because only a response can set an HttpOnly cookie. Signing out begins in the page, which ends
the session; the route deletes the cookie. GET deletes only the cookie of an ended session, so a link on another site
signs nobody out. POST ends the session itself; forms of other sites do not send the cookie (SameSite=Lax).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core import accounts
from core.config import settings
from core.database import system_session
from core.errors import DatabaseUnavailable, NotSignedIn
from dashboard.navigation import local_address
from dashboard.web import cookies, link_routes, page_history, shell, uploads

GO_SCRIPT = """(() => {
  const { to, how } = document.currentScript.dataset;
  if (to.startsWith("/")) how === "assign" ? location.assign(to) : location.replace(to);
})();
"""
"""Sends the browser to one of our addresses, with or without a step in its history."""
SCRIPTS = {
    "/auth/go.js": (GO_SCRIPT, 86_400),
    shell.SCRIPT_ADDRESS: (shell.script(), 3_600),
    page_history.SCRIPT_ADDRESS: (page_history.SCRIPT, 3_600),
}
"""By address: the script, and the seconds that a browser keeps it."""


def finish_sign_in(request: Request) -> Response:
    """Turn the ticket of the sign-in form into a session, and redirect to the wanted page."""
    now = datetime.now(UTC)
    nonce = request.cookies.get(cookies.nonce_cookie(), "")
    target = local_address(request.query_params.get("next", ""))
    try:
        user_agent = request.headers.get("user-agent", "")
        token = accounts.redeem_ticket(request.query_params.get("ticket", ""), nonce, now, user_agent)
    except NotSignedIn:
        return _see_other(target)
    response = _see_other(target)
    # The new cookie replaces the old one, whose session would stay valid out of the user's sight.
    old = cookies.session_token(request.cookies)
    if old:
        accounts.revoke(old, now)
    cookies.keep_session(response, token)
    user_id = accounts.user_of(token, now)
    if user_id is not None:
        cookies.keep_device(response, *accounts.new_device(user_id, now))
        cookies.keep_theme(response, accounts.theme_of(user_id))
    return response


def apply_theme(request: Request) -> Response:
    """Copy the user's saved appearance into the browser's cookie, and redirect to the wanted page."""
    response = _see_other(local_address(request.query_params.get("next", "")))
    token = cookies.session_token(request.cookies)
    user_id = accounts.user_of(token, datetime.now(UTC)) if token else None
    if user_id is not None:
        cookies.keep_theme(response, accounts.theme_of(user_id))
    return response


def sign_out(request: Request) -> Response:
    """Delete the cookie of an ended session; by POST, end the session too."""
    now = datetime.now(UTC)
    token = cookies.session_token(request.cookies)
    response = _see_other(local_address(request.query_params.get("next", "")))
    if token and request.method == "POST":
        accounts.revoke(token, now)
    if token is None or accounts.user_of(token, now) is None:
        cookies.drop_session(response)
    return response


def go_to_install(request: Request) -> Response:
    """Redirect to the receiver, where an installation starts: a page cannot go to another address."""
    state = request.query_params.get("state", "")
    if not settings().offers_install or not re.fullmatch(r"[0-9a-f]{64}", state):
        return _see_other("/stores")
    return _see_other(f"{settings().receiver_address}/connect/start?state={state}")


def send_script(request: Request) -> Response:
    """Send one of `SCRIPTS` as a file, because the content policy refuses inline scripts."""
    script, seconds = SCRIPTS[request.url.path]
    return Response(script, media_type="text/javascript", headers={"Cache-Control": f"public, max-age={seconds}"})


def healthz(_request: Request) -> Response:
    """Answer that the process runs."""
    return PlainTextResponse("ok")


def readyz(_request: Request) -> Response:
    """Answer whether the process can serve pages: the database must answer too."""
    try:
        with system_session() as session:
            session.execute(text("SELECT 1"))
    except DatabaseUnavailable as error:
        return PlainTextResponse(str(error), status_code=503)
    return PlainTextResponse("ready")


def _see_other(target: str) -> RedirectResponse:
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


routes = [
    Route("/auth/finish", finish_sign_in, methods=["GET"]),
    Route("/auth/sign-out", sign_out, methods=["GET", "POST"]),
    *(Route(address, send_script, methods=["GET"]) for address in SCRIPTS),
    Route("/auth/theme", apply_theme, methods=["GET"]),
    Route("/connect/go", go_to_install, methods=["GET"]),
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    *link_routes.routes,
    *uploads.routes,
]
