"""A Shopify client for a connected store, opened from its sealed credentials."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from requests.adapters import BaseAdapter

from core import stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.errors import CredentialsRefused, Stopping
from core.shopify.client import ShopifyClient
from core.stores import tokens


@contextmanager
def store_client(
    key: StoreKey,
    transport: BaseAdapter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ShopifyClient]:
    """A client that speaks for one store of one tenant; `sleep` is how it waits for Shopify.

    When Shopify refuses the store's credentials for good, the store says "reconnect" from then on; its data stays.
    Fields that Shopify left out of its answers are noted on the store when the block ends well.

    Raises:
        NotFound: the tenant has no such store.
        CredentialsRefused, ShopUnavailable, ShopifyTransient: as Shopify answers to the credentials.
    """
    store, held = _tokens(key, transport)
    with _mark_reconnect_when_refused(store):
        client = ShopifyClient(
            store.shop_domain,
            held.current,
            admin_url=settings().shopify_admin_url,
            transport=transport,
            sleep=sleep,
            on_unauthorized=held.forget,
        )
        try:
            yield client
        finally:
            client.close()
        fields = (path.rpartition(".")[2] for path in client.withheld_fields)
        stores.note_withheld(store, fields, client.refused_entities)


@contextmanager
def open_client(
    shop: str,
    token: str,
    transport: BaseAdapter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ShopifyClient]:
    """A client for a shop that is not connected yet, with a token that was just got."""
    client = ShopifyClient(shop, token, admin_url=settings().shopify_admin_url, transport=transport, sleep=sleep)
    try:
        yield client
    finally:
        client.close()


def waiting(stop: threading.Event, what: str) -> Callable[[float], None]:
    """How a client of a job is to wait for Shopify: not when the process is to stop.

    Raises, when it is called:
        Stopping: `stop` was set; `what` (such as "The sync") is what goes on at the next start.
    """

    def wait(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopping(f"{what} stops here and goes on at the next start.")

    return wait


def keep_alive(key: StoreKey, now: datetime, transport: BaseAdapter | None = None) -> bool:
    """Renew the tokens of a store that nothing was asked of for long, before they die of it; whether it was needed.

    Raises:
        NotFound: the tenant has no such store.
        CredentialsRefused: they are dead, and the store says so.
        ShopUnavailable, ShopifyTransient: as Shopify answers.
    """
    with tenant_session(key.tenant_id) as session:
        if not tokens.is_idle(session, key, now):
            return False
    store, held = _tokens(key, transport)
    with _mark_reconnect_when_refused(store):
        held.renew()
    return True


def _tokens(key: StoreKey, transport: BaseAdapter | None) -> tuple[stores.StoreView, tokens.StoreTokens]:
    with tenant_session(key.tenant_id) as session:
        credentials = stores.open_credentials(session, key)
    store = stores.find(key)
    return store, tokens.StoreTokens(key, store.shop_domain, credentials, transport)


@contextmanager
def _mark_reconnect_when_refused(store: stores.StoreView) -> Iterator[None]:
    try:
        yield
    except CredentialsRefused as error:
        stores.mark_reconnect(store.key, str(error), connected_at=store.connected_at)
        raise
