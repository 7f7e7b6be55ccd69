"""Install the operator's app: the address where a merchant agrees, the check of Shopify's signed query, and the
tokens.

This is the authorization code grant with expiring tokens: an access token of an hour and a refresh token of 90 days.
Each use of the refresh token gives a new pair. Pure but for the two grants.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from requests.adapters import BaseAdapter

from core.errors import ConfigError, CredentialsRefused, InvalidInput, PermanentError, SignatureError
from core.shopify import shops
from core.shopify.auth import AccessToken, request_tokens

FRESH = timedelta(minutes=5)
"""The largest difference between a query's time and ours: a click makes the query, and clocks differ."""

_BEGIN_AGAIN = "start again on the Stores page."
_NOT_SHOPIFYS = f"Shopify did not sign this address, or it was changed; {_BEGIN_AGAIN}"
_INSTALL_AGAIN = "Shopify no longer accepts this store's tokens; install the app on it again."


@dataclass(frozen=True, slots=True)
class App:
    """The operator's own app. `previous_secret` is the one before the last rotation; Shopify may still sign with
    it."""

    client_id: str
    secret: str = field(repr=False)
    previous_secret: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that Shopify may sign with, the current one first."""
        return (self.secret, self.previous_secret) if self.previous_secret else (self.secret,)


def authorize_url(shop: str, app: App, *, state: str, redirect_uri: str, scopes: str, admin_url: str) -> str:
    """Build the address where the merchant agrees; Shopify then sends the browser to `redirect_uri`.

    Raises:
        InvalidShop: `shop` is not a myshopify.com domain.
    """
    parameters = {"client_id": app.client_id, "scope": scopes, "redirect_uri": redirect_uri, "state": state}
    return f"{shops.admin_base(shop, admin_url)}/admin/oauth/authorize?{urlencode(parameters)}"


def checked_shop(query: Iterable[tuple[str, str]], secrets: Iterable[str], now: datetime) -> str:
    """Check a query of Shopify's, already decoded, and return the shop that it names.

    Raises:
        SignatureError: it was not signed with one of `secrets`, or not within FRESH.
        InvalidShop: it names no myshopify.com domain.
    """
    pairs = list(query)
    values = dict(pairs)
    # If a name came twice, one value could be signed and the other read.
    if len(values) < len(pairs) or not _is_signed(pairs, values.get("hmac", ""), secrets):
        raise SignatureError(_NOT_SHOPIFYS)
    if abs(now - _instant(values.get("timestamp", ""))) > FRESH:
        raise SignatureError(f"This link from Shopify has expired; {_BEGIN_AGAIN}")
    shop = values.get("shop", "")
    shops.admin_base(shop, "https://{shop}")
    return shop


def exchange(
    shop: str, app: App, code: str, *, admin_url: str, now: datetime, transport: BaseAdapter | None = None
) -> AccessToken:
    """Exchange the code that Shopify gave the browser for the first pair of tokens. A code works once.

    Raises:
        InvalidInput: Shopify does not accept the code.
        ConfigError: Shopify does not accept the operator's client id and secret.
        InvalidShop, ShopUnavailable, Throttled, ShopifyDown: as `auth.request_tokens`.
    """
    body = {"client_id": app.client_id, "client_secret": app.secret, "code": code, "expiring": "1"}
    return request_tokens(shop, body, _code_refused, admin_url=admin_url, now=now, transport=transport)


def refresh(
    shop: str, app: App, refresh_token: str, *, admin_url: str, now: datetime, transport: BaseAdapter | None = None
) -> AccessToken:
    """Fetch the next pair of tokens. The refresh token works until the new pair is used, so that a lost answer can be
    retried.

    Raises:
        CredentialsRefused: the refresh token expired; the app must be installed again.
        ConfigError: Shopify does not accept the operator's client id and secret.
        InvalidShop, ShopUnavailable, Throttled, ShopifyDown: as `auth.request_tokens`.
    """
    body = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": app.client_id,
        "client_secret": app.secret,
    }
    return request_tokens(shop, body, _refresh_refused, admin_url=admin_url, now=now, transport=transport)


def tokens_refused() -> CredentialsRefused:
    """Make the error for a store whose tokens all stopped working."""
    return CredentialsRefused(_INSTALL_AGAIN)


def _is_signed(pairs: Sequence[tuple[str, str]], signature: str, secrets: Iterable[str]) -> bool:
    """Whether a secret signed the query in either form: Shopify's own libraries disagree on how to escape values
    before signing."""
    is_signed = False
    for secret in secrets:
        for text in (_joined(pairs), _form_encoded(pairs)):
            # No early exit, and a constant-time comparison: the duration must not reveal the secret or the form.
            matches = hmac.compare_digest(_hex(text, secret).encode(), signature.encode("utf-8", "replace"))
            is_signed |= matches and secret != ""
    return is_signed


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{_escaped(key).replace('=', '%3D')}={_escaped(value)}" for key, value in _signed_part(pairs))


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("&", "%26")


def _form_encoded(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(_signed_part(pairs), quote_via=quote, safe="*")


def _signed_part(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((key, value) for key, value in pairs if key not in ("hmac", "signature"))


def _hex(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _instant(timestamp: str) -> datetime:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise SignatureError(_NOT_SHOPIFYS)
    return datetime.fromtimestamp(int(timestamp), UTC)


def _code_refused(code: str) -> PermanentError:
    if code in _OF_THE_OPERATOR:
        return _wrong_app()
    return InvalidInput(f"Shopify refused this installation, which may have expired; {_BEGIN_AGAIN}")


def _refresh_refused(code: str) -> PermanentError:
    return _wrong_app() if code in _OF_THE_OPERATOR else tokens_refused()


_OF_THE_OPERATOR = ("invalid_client", "application_cannot_be_found")


def _wrong_app() -> ConfigError:
    return ConfigError("SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET do not match; set them again.")
