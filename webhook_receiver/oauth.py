"""/connect/start and /connect/callback: the browser on its way to Shopify, and back, to install the operator's app.

Nothing is connected here: the callback sends the browser on to the Stores page, with a claim that its user confirms.
A browser that is not let on gets a page with the reason; nothing in it comes from the address.
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
    """To Shopify: with the state that the Stores page gave, or with the query that Shopify's own link has."""
    now, nonce = datetime.now(UTC), request.cookies.get(_cookie()) or new_token()
    try:
        if "hmac" in request.args:
            target = install.start_from_shopify(_query(), nonce, now)
        else:
            target = install.start(request.args.get("state", ""), nonce, now)
    except XenoError as error:
        return _stopped(error)
    response = _on_to(target)
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
    """Back from Shopify: on to the Stores page, where the user confirms."""
    try:
        claim = install.finish(_query(), request.cookies.get(_cookie(), ""), datetime.now(UTC))
    except XenoError as error:
        return _stopped(error)
    return _on_to(f"{_stores_page()}?{urlencode({'claim': claim})}")


def _query() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _cookie() -> str:
    """Over https with the prefix that makes browsers refuse it from a subdomain."""
    return "__Host-xeno-install" if _is_secure() else "xeno-install"


def _is_secure() -> bool:
    return urlsplit(settings().receiver_address).scheme == "https"


def _stores_page() -> str:
    return f"{settings().public_url.rstrip('/')}/stores"


def _on_to(target: str) -> Response:
    response = Response("", 302, {"Location": target})
    response.headers.update(_QUIET)
    return response


def _stopped(error: XenoError) -> Response:
    """The reason as a page. The query is in no log of ours: it may hold a code that is still good."""
    log.warning("an installation was stopped", path=request.path, kind=type(error).__name__, reason=str(error))
    status = 400
    if isinstance(error, SignatureError):
        status = 401
    elif isinstance(error, (TransientError, ConfigError)):
        status = 503
    page = _PAGE.format(reason=escape(str(error).rstrip(".") + "."), stores=escape(_stores_page()))
    return Response(page, status, _QUIET, mimetype="text/html")


_QUIET = {
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
