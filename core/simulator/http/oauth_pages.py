"""The simulator's pages to install the app, its token endpoint, and the settings of its tokens."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import escape
from werkzeug.wrappers import Request, Response

from core.simulator.admin_api.oauth import OAuthError
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
    """Ask the merchant to install the app. The click posts to the page's own address."""
    query = request.args.to_dict()
    with shop.lock:
        refusal = shop.oauth.refusal(query)
        if refusal:
            return Response(f"{refusal}\n", 400, content_type="text/plain; charset=utf-8")
        if request.method == "POST":
            return Response("", 302, {"Location": shop.oauth.approve(query)})
    scopes = query.get("scope", "").split(",") if query.get("scope") else SCOPES
    items = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    page = _PAGE.format(shop=escape(shop.setup.spec.domain), scopes=items)
    return Response(page, content_type="text/html; charset=utf-8")


def open_app(request: Request, shop: LiveShop) -> Response:
    """Open the app from Shopify: redirect to its address (`url`) with a signed query."""
    with shop.lock:
        query = request.args.to_dict()
        url = query.pop("url", "")
        return Response("", 302, {"Location": f"{url}?{_joined(shop.oauth.signed(query))}"})


def access_token(form: Mapping[str, str], shop: LiveShop) -> tuple[dict[str, object], int]:
    """Answer the token endpoint, with a status: client credentials, a code, or a refresh token."""
    with shop.lock:
        try:
            if form.get("grant_type") != "client_credentials":
                if "code" not in form and form.get("grant_type") != "refresh_token":
                    raise OAuthError("unsupported_grant_type")
                pair = shop.oauth.grant(form)
                if form.get("grant_type") != "refresh_token":
                    shop.shop.scopes = tuple(pair["scope"].split(","))
                return pair | {"scope": ",".join(shop.shop.scopes)}, 200
            if form.get("client_id") != shop.oauth.client_id:
                raise OAuthError("application_cannot_be_found")
            if form.get("client_secret") != shop.oauth.secret:
                raise OAuthError("invalid_client", 401)
        except OAuthError as error:
            return {"error": error.code, "error_description": error.code.replace("_", " ")}, error.status
        scope = ",".join(shop.shop.scopes)
        token, seconds = shop.client_tokens.issue()
        return {"access_token": token, "scope": scope, "expires_in": seconds}, 200


def change_app(changes: Mapping[str, object], shop: LiveShop) -> None:
    """Change the app's settings.

    `revoke` ends all tokens, `expire` those that can be refreshed. `token_seconds` is the lifetime of the next ones,
    `secret` the app's new secret, `scopes` its new scopes. The webhook about the scopes comes
    `scopes_webhook_after` seconds later; never if that is null.
    """
    with shop.lock:
        if changes.get("expire"):
            shop.expire()
        if changes.get("revoke"):
            shop.revoke()
        if isinstance(seconds := changes.get("token_seconds"), int):
            shop.oauth.token_seconds = shop.client_tokens.seconds = seconds
        if isinstance(secret := changes.get("secret"), str) and secret:
            shop.oauth.rotate_secret(secret)
        if isinstance(scopes := changes.get("scopes"), list):
            after = changes.get("scopes_webhook_after", 0)
            shop.change_scopes(map(str, scopes), float(after) if isinstance(after, int | float) else None)


def _joined(query: Mapping[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in query.items())
