"""The simulator's pages for installing the app, its token endpoint, and the switches of its tokens."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import escape
from werkzeug.wrappers import Request, Response

from core.simulator.admin_api.oauth import Refused
from core.simulator.defaults import SCOPES
from core.simulator.http.live_shop import LiveShop

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Install the app</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem }}
  button {{ font: inherit; padding: .5rem 1.25rem }}
</style></head><body>
<p>The simulated Shopify · {shop}</p><h1>Install the app?</h1><p>It asks for:</p><ul>{scopes}</ul>
<form method="post"><button type="submit">Install app</button></form>
</body></html>
"""


def authorize(request: Request, shop: LiveShop) -> Response:
    """Ask the merchant, who agrees with a click: the page posts to its own address."""
    asked = request.args.to_dict()
    with shop.lock:
        refusal = shop.oauth.refusal(asked)
        if refusal:
            return Response(f"{refusal}\n", 400, content_type="text/plain; charset=utf-8")
        if request.method == "POST":
            return Response("", 302, {"Location": shop.oauth.agree(asked)})
    scopes = asked.get("scope", "").split(",") if asked.get("scope") else SCOPES
    items = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    page = _PAGE.format(shop=escape(shop.setup.spec.domain), scopes=items)
    return Response(page, content_type="text/html; charset=utf-8")


def open_app(request: Request, shop: LiveShop) -> Response:
    """The merchant opens the app from Shopify: on to the app's address (`url`) with a signed query."""
    with shop.lock:
        query = request.args.to_dict()
        url = query.pop("url", "")
        return Response("", 302, {"Location": f"{url}?{_joined(shop.oauth.signed(query))}"})


def access_token(asked: Mapping[str, str], shop: LiveShop) -> tuple[dict[str, object], int]:
    """The answer of the token endpoint, with its status: client credentials, a code, or a refresh token."""
    with shop.lock:
        try:
            if asked.get("grant_type") != "client_credentials":
                if "code" not in asked and asked.get("grant_type") != "refresh_token":
                    raise Refused("unsupported_grant_type")
                pair = shop.oauth.grant(asked)
                if asked.get("grant_type") != "refresh_token":
                    shop.shop.scopes = tuple(pair["scope"].split(","))
                return pair | {"scope": ",".join(shop.shop.scopes)}, 200
            if asked.get("client_id") != shop.oauth.client_id:
                raise Refused("application_cannot_be_found")
            if asked.get("client_secret") != shop.oauth.secret:
                raise Refused("invalid_client", 401)
        except Refused as refused:
            return {"error": refused.code, "error_description": refused.code.replace("_", " ")}, refused.status
        scope = ",".join(shop.shop.scopes)
        token, seconds = shop.client_tokens.buy()
        return {"access_token": token, "scope": scope, "expires_in": seconds}, 200


def switch(told: Mapping[str, object], shop: LiveShop) -> None:
    """`revoke` ends all tokens, `expire` those that can be renewed, as time does; `token_seconds` is how long the
    next ones live, `secret` is the app's from now on, `scopes` what the shop grants it."""
    with shop.lock:
        if told.get("expire"):
            shop.expire()
        if told.get("revoke"):
            shop.revoke()
        if isinstance(seconds := told.get("token_seconds"), int):
            shop.oauth.token_seconds = shop.client_tokens.seconds = seconds
        if isinstance(secret := told.get("secret"), str) and secret:
            shop.oauth.rotate_secret(secret)
        if isinstance(scopes := told.get("scopes"), list):
            shop.regrant([str(scope) for scope in scopes])


def _joined(query: Mapping[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in query.items())
