"""A Shopify client for a connected store, opened from its sealed credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from requests.adapters import BaseAdapter

from core import stores
from core.config import settings
from core.db import tenant_session
from core.shopify import auth
from core.shopify.client import ShopifyClient

_MARGIN = timedelta(minutes=5)


@contextmanager
def store_client(
    tenant_id: int,
    store_id: int,
    transport: BaseAdapter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ShopifyClient]:
    """A client that speaks for one store of one tenant; `sleep` is how it waits for Shopify.

    Raises:
        NotFound: the tenant has no such store.
        CredentialsRefused, ShopUnavailable, ShopifyTransient: as Shopify answers to the credentials.
    """
    with tenant_session(tenant_id) as session:
        credentials = stores.credentials(session, tenant_id, store_id)
    shop = stores.find(tenant_id, store_id).shop_domain
    with open_client(shop, credentials, transport, sleep) as client:
        yield client


@contextmanager
def open_client(
    shop: str,
    credentials: auth.Credentials,
    transport: BaseAdapter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ShopifyClient]:
    """A client for a shop with credentials that are not stored yet; raises as `store_client`."""
    admin_url = settings().shopify_admin_url
    tokens = _Tokens(shop, credentials, admin_url, transport)
    client = ShopifyClient(
        shop,
        tokens.current,
        admin_url=admin_url,
        transport=transport,
        sleep=sleep,
        on_unauthorized=tokens.forget,
    )
    try:
        yield client
    finally:
        client.close()


class _Tokens:
    """The shop's access token, asked for on first use and again when it was refused or is about to end."""

    def __init__(
        self, shop: str, credentials: auth.Credentials, admin_url: str, transport: BaseAdapter | None
    ) -> None:
        self._shop, self._credentials, self._admin_url, self._transport = shop, credentials, admin_url, transport
        self._token: auth.AccessToken | None = None

    def current(self) -> str:
        now = datetime.now(UTC)
        if self._token is None or (self._token.expires_at and self._token.expires_at - now < _MARGIN):
            self._token = auth.access_token(
                self._shop, self._credentials, admin_url=self._admin_url, now=now, transport=self._transport
            )
        return self._token.value

    def forget(self) -> None:
        self._token = None
