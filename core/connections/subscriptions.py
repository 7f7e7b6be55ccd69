"""A store's webhook subscriptions: made when it is connected, checked every day, and repaired.

A sync that finds an order without a webhook asks for a check at once.

Shopify deletes a subscription whose deliveries failed for hours; and an installation may move to another address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter
from sqlalchemy import ColumnElement, select, update

from core import logs, stores
from core.config import settings
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Store, StoreState
from core.errors import ShopifyError, TransientError
from core.shopify import reading, webhooks
from core.shopify.client import ShopifyClient
from core.shopify.webhooks import Outcome, Subscribed
from core.stores.clients import store_client
from core.webhooks import shop_topics

EVERY = timedelta(days=1)

log = logs.get(__name__)


def renew(client: ShopifyClient, tenant_id: int, store_id: int, now: datetime) -> str | None:
    """Make the store's subscriptions what they should be, and note it on the store; returns a sentence about those
    that failed, or None. Trouble with Shopify is such a sentence, too.

    A topic that is refused because its scope was not granted is not in it: the store's card names missing scopes.

    Raises:
        NotFound: the tenant has no such store.
    """
    address = settings().webhook_address
    note: str | None
    if not address:
        note = "No public address is set (PUBLIC_WEBHOOK_URL), so orders arrive with the scheduled sync only."
        stores.note_webhooks(StoreKey(tenant_id, store_id), note)
        return note
    with tenant_session(tenant_id) as session:
        before = session.scalar(select(Store.webhook_address).where(*_of(tenant_id, store_id)))
    try:
        outcomes = webhooks.subscribe(client, address, before)
    except (ShopifyError, TransientError) as error:
        note = f"Webhooks could not be subscribed, so orders arrive with the scheduled sync only: {error}"
        stores.note_webhooks(StoreKey(tenant_id, store_id), note)
        return note
    _log(outcomes)
    note = _sentence(outcomes, stores.find(StoreKey(tenant_id, store_id)).scopes)
    known: dict[str, Any] = {"webhook_note": note, "webhooks_checked_at": now, "webhook_address": address}
    if any(each.result is Subscribed.CREATED for each in outcomes):
        # The missing subscriptions explain the missed webhooks.
        known["webhooks_missed_at"] = None
    with tenant_session(tenant_id) as session:
        session.execute(update(Store).where(*_of(tenant_id, store_id)).values(known))
    return note


def ask_if_due(tenant_id: int, store_id: int, now: datetime) -> bool:
    """Queue a check of a connected store that had none for a day; whether it was due."""
    query = select(Store.webhooks_checked_at).where(*_of(tenant_id, store_id), Store.state == StoreState.CONNECTED)
    with tenant_session(tenant_id) as session:
        found = session.execute(query).first()
        if found is None or (found[0] is not None and now - found[0] < EVERY):
            return False
        jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, StoreKey(tenant_id, store_id))
        return True


def check(tenant_id: int, store_id: int, now: datetime, transport: BaseAdapter | None = None) -> str | None:
    """Look at the store's subscriptions and repair them, and at the shop itself; the note that the store has from
    then on.

    Raises:
        NotFound: the tenant has no such store.
        CredentialsRefused, ShopUnavailable, ShopifyTransient: Shopify does not let us in, or not right now.
    """
    with store_client(StoreKey(tenant_id, store_id), transport) as client:
        note = renew(client, tenant_id, store_id, now)
        _refresh_shop(client, tenant_id, store_id)
        return note


def _refresh_shop(client: ShopifyClient, tenant_id: int, store_id: int) -> None:
    """Take the shop's name, currency and time zone: a `shop/update` may be lost, or arrive behind a newer one."""
    try:
        shop = reading.shop(client)
    except (ShopifyError, TransientError) as error:
        log.warning("the shop itself could not be read; the next check tries again", reason=str(error))
        return
    with tenant_session(tenant_id) as session:
        store = session.scalar(select(Store).where(*_of(tenant_id, store_id)).with_for_update(key_share=True))
        if store is not None:
            shop_topics.update_shop(session, store, shop.name, shop.currency, shop.time_zone)


def _of(tenant_id: int, store_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Store.tenant_id == tenant_id, Store.store_id == store_id


def _sentence(outcomes: Iterable[Outcome], scopes: Collection[str]) -> str | None:
    failed = [outcome for outcome in outcomes if outcome.reason and _is_granted(outcome.topic, scopes)]
    if not failed:
        return None
    topics = ", ".join(outcome.topic for outcome in failed)
    return f"Not subscribed to {topics}: {failed[0].reason}"


def _log(outcomes: Iterable[Outcome]) -> None:
    repaired = [each for each in outcomes if each.result in (Subscribed.CREATED, Subscribed.DELETED)]
    if repaired:
        results = [f"{each.topic} {each.result}" for each in repaired]
        log.info("webhook subscriptions were repaired", subscriptions=results)


def _is_granted(topic: str, scopes: Collection[str]) -> bool:
    """Whether the store's app may have this topic; what it may write it may read."""
    scope = webhooks.TOPICS.get(topic)
    return scope is None or scope in scopes or scope.replace("read_", "write_", 1) in scopes
