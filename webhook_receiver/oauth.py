"""Serves /connect/start and /connect/callback: a browser goes to Shopify to install the operator's app, and returns.

Nothing is connected here: the callback sends the browser to the Stores page, with a claim that its user confirms. If
an installation stops, the browser gets a page with the reason, which repeats nothing from the request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from flask import Response, request
from markupsafe import escape

from core import logs
from core.config import settings
from core.connections import install
from core.connections.install import CALLBACK_PATH
from core.errors import ConfigError, SignatureError, TransientError, XenoError
from core.sealing.crypto import new_token

__all__ = ["CALLBACK_PATH", "START_PATH", "callback", "start"]

START_PATH = "/connect/start"

log = logs.get(__name__)


def start() -> Response:
    """Send the browser to Shopify: with the state from the Stores page, or with the query of Shopify's own link."""
    now, nonce = datetime.now(UTC), request.cookies.get(_cookie()) or new_token()
    try:
        if "hmac" in request.args:
            target = install.start_from_shopify(_query(), nonce, now)
        else:
            target = install.start(request.args.get("state", ""), nonce, now)
    except XenoError as error:
        return _error_page(error)
    response = _redirect(target)
    response.set_cookie(
        _cookie(),
        nonce,
        max_age=int(install.STATE_LIFE.total_seconds()),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",  # Shopify's redirect back is a visit from another site
    )
    return response


def callback() -> Response:
    """Finish the installation, and send the browser to the Stores page, where the user confirms."""
    try:
        claim = install.finish(_query(), request.cookies.get(_cookie(), ""), datetime.now(UTC))
    except XenoError as error:
        return _error_page(error)
    return _redirect(f"{_stores_page()}?{urlencode({'claim': claim})}")


def _query() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _cookie() -> str:
    """The cookie's name. Over https it has the prefix that makes browsers refuse the cookie from a subdomain."""
    return "__Host-xeno-install" if _is_secure() else "xeno-install"


def _is_secure() -> bool:
    return urlsplit(settings().receiver_address).scheme == "https"


def _stores_page() -> str:
    return f"{settings().public_url.rstrip('/')}/stores"


def _redirect(target: str) -> Response:
    response = Response("", 302, {"Location": target})
    response.headers.update(_HEADERS)
    return response


def _error_page(error: XenoError) -> Response:
    """Log the error and show its reason. The query is not logged, because it may hold a code that still works."""
    log.warning("an installation was stopped", path=request.path, kind=type(error).__name__, reason=str(error))
    status = 400
    if isinstance(error, SignatureError):
        status = 401
    elif isinstance(error, (TransientError, ConfigError)):
        status = 503
    page = _PAGE.format(reason=escape(str(error).rstrip(".") + "."), stores=escape(_stores_page()))
    return Response(page, status, _HEADERS, mimetype="text/html")


_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Not connected</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem }}
</style></head><body>
<h1>The store was not connected</h1><p>{reason}</p><p><a href="{stores}">To the Stores page</a></p>
</body></html>
"""
