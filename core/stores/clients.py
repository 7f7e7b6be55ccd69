"""Shopify clients: of a connected store, with its sealed credentials, and of a shop that is being connected."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from requests.adapters import BaseAdapter

from core import stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.errors import CredentialsRefused, Stopping
from core.shopify import auth
from core.shopify.client import HiddenData, ShopifyClient
from core.stores import tokens


@contextmanager
def store_client(
    key: StoreKey,
    transport: BaseAdapter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ShopifyClient]:
    """Open a client of one store; it waits for Shopify with `sleep`.

    If Shopify refuses the store's credentials for good, the store is marked "reconnect"; its data stays. Where
    Shopify refuses a field, the app's scopes are re-read and kept. Withheld fields and refused entities are noted on
    the store when the block ends without an error.

    Raises:
        StoreNotFound: the tenant has no such store.
        CredentialsRefused, ShopUnavailable, ShopifyTransient: as Shopify answers to the credentials.
    """
    store, store_tokens = _open_tokens(key, transport)
    hidden = HiddenData()
    with _mark_reconnect_when_refused(store):
        client = ShopifyClient(
            store.shop_domain,
            store_tokens.current,
            admin_url=settings().shopify_admin_url,
            transport=transport,
            sleep=sleep,
            on_unauthorized=store_tokens.discard,
            hidden=hidden,
            missing_scopes=auth.missing_scopes(store.scopes, auth.ALL_SCOPES),
            on_scopes=partial(stores.keep_scopes, store),
        )
        try:
            yield client
        finally:
            client.close()
        fields = (path.rpartition(".")[2] for path in hidden.withheld_fields)
        stores.note_withheld(store, fields, hidden.refused_entities)


@contextmanager
def open_client(
    shop: str,
    token: str,
    transport: BaseAdapter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ShopifyClient]:
    """Open a client of a shop that is not connected yet, with a token just received."""
    client = ShopifyClient(shop, token, admin_url=settings().shopify_admin_url, transport=transport, sleep=sleep)
    try:
        yield client
    finally:
        client.close()


def stoppable_sleep(stop: threading.Event, job: str) -> Callable[[float], None]:
    """Return a `sleep` for a job's client, which raises Stopping as soon as the process is to stop.

    `job` names the job in the error, such as "The sync".
    """

    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopping(f"{job} pauses here and continues at the next start.")

    return sleep


def keep_alive(key: StoreKey, now: datetime, transport: BaseAdapter | None = None) -> bool:
    """Renew the tokens of a store that was idle for long, before Shopify ends them; return whether it was needed.

    Raises:
        StoreNotFound: the tenant has no such store.
        CredentialsRefused: they have ended, and the store is marked "reconnect".
        ShopUnavailable, ShopifyTransient: as Shopify answers.
    """
    with tenant_session(key.tenant_id) as session:
        if not tokens.is_idle(session, key, now):
            return False
    store, store_tokens = _open_tokens(key, transport)
    with _mark_reconnect_when_refused(store):
        store_tokens.renew()
    return True


def _open_tokens(key: StoreKey, transport: BaseAdapter | None) -> tuple[stores.StoreView, tokens.StoreTokens]:
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
