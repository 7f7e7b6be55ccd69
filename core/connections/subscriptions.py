"""Subscribes a store to its webhooks when it is connected, checks the subscriptions every day, and repairs them.

A check is needed because Shopify deletes a subscription whose deliveries failed for hours, and because an
installation may move to another address. A sync that finds an order without a webhook queues a check at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter
from sqlalchemy import select, update

from core import logs, stores
from core.config import settings
from core.database import StoreKey, jobs, tenant_session
from core.database.models import Store, StoreState
from core.errors import ShopifyError, TransientError
from core.shopify import pages, webhooks
from core.shopify.client import ShopifyClient
from core.shopify.webhooks import Outcome, Subscribed
from core.stores.clients import store_client
from core.webhooks import shop_topics

CHECK_EVERY = timedelta(days=1)

log = logs.get(__name__)


def repair(client: ShopifyClient, store: StoreKey, now: datetime) -> str | None:
    """Create the store's missing subscriptions and delete outdated ones; store and return a note, or None.

    The note is a sentence about the topics that failed, or about trouble with Shopify. It leaves out topics whose
    scope was not granted: the store's card names missing scopes.

    Raises:
        StoreNotFound: the tenant has no such store.
    """
    address = settings().webhook_address
    note: str | None
    if not address:
        note = "No public address is set (PUBLIC_WEBHOOK_URL), so orders arrive only with scheduled syncs."
        stores.note_webhooks(store, note)
        return note
    with tenant_session(store.tenant_id) as session:
        address_before = session.scalar(select(Store.webhook_address).where(store.owns(Store)))
    try:
        outcomes = webhooks.subscribe(client, address, address_before)
    except (ShopifyError, TransientError) as error:
        note = f"Webhooks could not be subscribed, so orders arrive only with scheduled syncs: {error}"
        stores.note_webhooks(store, note)
        return note
    _log_repairs(outcomes)
    note = _failure_note(outcomes, stores.find(store).scopes)
    columns: dict[str, Any] = {"webhook_note": note, "webhooks_checked_at": now, "webhook_address": address}
    if any(outcome.result is Subscribed.CREATED for outcome in outcomes):
        # The missing subscriptions explain the missed webhooks.
        columns["webhooks_missed_at"] = None
    with tenant_session(store.tenant_id) as session:
        session.execute(update(Store).where(store.owns(Store)).values(columns))
    return note


def queue_check_if_due(store: StoreKey, now: datetime) -> bool:
    """Queue a check of a connected store if its last one was a day ago; returns whether it was due."""
    query = select(Store.webhooks_checked_at).where(store.owns(Store), Store.state == StoreState.CONNECTED)
    with tenant_session(store.tenant_id) as session:
        row = session.execute(query).first()
        if row is None or (row.webhooks_checked_at is not None and now - row.webhooks_checked_at < CHECK_EVERY):
            return False
        jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, store)
        return True


def check_store(store: StoreKey, now: datetime, transport: BaseAdapter | None = None) -> str | None:
    """Check the store's subscriptions and repair them, and re-fetch the shop's own fields; return the new note.

    Raises:
        StoreNotFound: the tenant has no such store.
        CredentialsRefused, ShopUnavailable, ShopifyTransient: Shopify refuses the credentials, or is unavailable.
    """
    with store_client(store, transport) as client:
        note = repair(client, store, now)
        _refetch_shop(client, store)
        return note


def _refetch_shop(client: ShopifyClient, store: StoreKey) -> None:
    """Store the shop's name, currency and time zone: a `shop/update` may be lost, or arrive behind a newer one."""
    try:
        shop = pages.shop(client)
    except (ShopifyError, TransientError) as error:
        log.warning("the shop itself could not be read; the next check tries again", reason=str(error))
        return
    query = select(Store).where(store.owns(Store)).with_for_update(key_share=True)
    with tenant_session(store.tenant_id) as session:
        row = session.scalar(query)
        if row is not None:
            shop_topics.update_shop(session, row, shop.name, shop.currency, shop.time_zone)


def _log_repairs(outcomes: Iterable[Outcome]) -> None:
    repaired = [outcome for outcome in outcomes if outcome.result in (Subscribed.CREATED, Subscribed.DELETED)]
    if repaired:
        results = [f"{outcome.topic} {outcome.result}" for outcome in repaired]
        log.info("webhook subscriptions were repaired", subscriptions=results)


def _failure_note(outcomes: Iterable[Outcome], scopes: Collection[str]) -> str | None:
    failed = [outcome for outcome in outcomes if outcome.reason and _is_granted(outcome.topic, scopes)]
    if not failed:
        return None
    topics = ", ".join(outcome.topic for outcome in failed)
    return f"Not subscribed to {topics}: {failed[0].reason}"


def _is_granted(topic: str, scopes: Collection[str]) -> bool:
    """Whether a scope of the store allows this topic; a scope to write includes reading."""
    scope = webhooks.TOPICS.get(topic)
    return scope is None or scope in scopes or scope.replace("read_", "write_", 1) in scopes
