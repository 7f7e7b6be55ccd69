"""The security headers of every response, and the nonce cookie before a sign-in."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.config import settings
from core.sealing.crypto import new_token
from dashboard.web import cookies


class Guard:
    """ASGI middleware: security headers on every response, and a nonce cookie on pages that come without one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; websockets pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        # Decided by the request: the response to an unchanged page is 304, without a content type.
        connection = HTTPConnection(scope)
        is_page = "text/html" in connection.headers.get("accept", "")
        wants_nonce = is_page and not cookies.has_nonce(connection)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if wants_nonce:
                    _set_nonce(headers)
            await send(message)

        await self._app(scope, receive, guarded)


def security_headers() -> dict[str, str]:
    """The headers by name."""
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in content_policy().items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings().secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def content_policy() -> dict[str, str]:
    """The Content-Security-Policy, as strict as Streamlit 1.67 allows; tried page by page."""
    return {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def _inline_scripts() -> list[str]:
    """The hashes of the scripts inside Streamlit's own page. Injected scripts have other hashes and do not run."""
    page = Path(streamlit.__file__).with_name("static").joinpath("index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]


def _set_nonce(headers: MutableHeaders) -> None:
    response = Response()
    cookies.keep_nonce(response, new_token())
    headers.append("set-cookie", response.headers["set-cookie"])
