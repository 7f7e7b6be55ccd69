"""Applies webhooks about the shop itself: the app was uninstalled, its scopes changed, the shop's own fields changed,
or a bulk operation of a first load has finished.

A store's days are cut by its time zone: when that changes, a job computes every stored day again.
"""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs
from core.database.models import BackfillSlice, Delivery, RunState, SliceState, Store, StoreState, SyncRun
from core.errors import UnmappableError
from core.stores import credentials

UNINSTALLED, SCOPES, SHOP = "app/uninstalled", "app/scopes_update", "shop/update"
BULK_FINISHED = "bulk_operations/finish"
TOPICS = frozenset({UNINSTALLED, SCOPES, SHOP, BULK_FINISHED})


def apply_shop_topic(session: Session, delivery: Delivery) -> None:
    """Apply a delivery of TOPICS, unless it is older than the store's connection. An uninstallation always applies,
    because Shopify confirmed it before (see `core.webhooks.confirm`).

    Raises:
        UnmappableError: the body is not what Shopify sends.
    """
    # Read again: an earlier step of this transaction may have changed the row by a statement.
    store = session.get(Store, (delivery.tenant_id, delivery.store_id), populate_existing=True)
    if store is None:
        return
    if delivery.topic == UNINSTALLED:
        _mark_uninstalled(store)
    elif (delivery.triggered_at or delivery.received_at) <= store.connected_at:
        return
    elif delivery.topic == SCOPES:
        _store_scopes(session, store, delivery)
    elif delivery.topic == BULK_FINISHED:
        _poll_bulk_operation_now(session, delivery)
    else:
        _store_shop_fields(session, store, _body(delivery))


def _mark_uninstalled(store: Store) -> None:
    """Ask for a reconnect. A request that met the dead token may have done so already."""
    if store.state is not StoreState.DISCONNECTED:
        store.state = StoreState.RECONNECT
        store.state_reason = "The app was uninstalled in Shopify; install it again there, then reconnect the store."


def _store_scopes(session: Session, store: Store, delivery: Delivery) -> None:
    scopes = _body(delivery).get("current")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise UnmappableError("app/scopes_update: current is not a list of scopes")
    credentials.note_scopes(session, store, scopes, delivery.received_at)
    # The scopes decide which topics can be subscribed to.
    jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, store.key)


def update_shop(session: Session, store: Store, name: str | None, currency: str | None, zone: str | None) -> bool:
    """Store the shop's current name, currency and IANA time zone, if they are not None; returns whether currency or
    time zone changed.

    Raises:
        UnmappableError: there is no such time zone.
    """
    before = store.currency, store.time_zone
    store.name = name or store.name
    # Orders keep the currency that they were placed in, so the past keeps its figures.
    store.currency = currency or store.currency
    store.time_zone = _time_zone(zone) if zone else store.time_zone
    if store.time_zone != before[1]:
        jobs.enqueue_once(session, jobs.Task.REDATE_SALES, store.key)
    return (store.currency, store.time_zone) != before


def _store_shop_fields(session: Session, store: Store, body: dict[str, object]) -> None:
    """Store the shop's fields that are not null. Two deliveries may arrive in the wrong order, and have no version.
    So a change queues the check of the subscriptions, which re-fetches the shop."""
    fields = (body.get(field) for field in ("name", "currency", "iana_timezone"))
    name, currency, zone = (field.strip() if isinstance(field, str) else None for field in fields)
    if update_shop(session, store, name, currency if currency and len(currency) == 3 else None, zone):
        jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, store.key)


def _poll_bulk_operation_now(session: Session, delivery: Delivery) -> None:
    """Bring forward the next poll of the run that waits for this operation. Only that poll decides how the operation
    ended: a body may be replayed, so nothing in it is believed."""
    operation_id = _body(delivery).get("admin_graphql_api_id")
    if not isinstance(operation_id, str):
        raise UnmappableError(f"{BULK_FINISHED}: admin_graphql_api_id is not an id of Shopify's")
    store = StoreKey.of(delivery)
    same_store = (BackfillSlice.tenant_id == SyncRun.tenant_id) & (BackfillSlice.store_id == SyncRun.store_id)
    query = (
        select(SyncRun.run_id)
        .join(BackfillSlice, same_store)
        .where(store.owns(SyncRun), SyncRun.state == RunState.RUNNING)
        .where(BackfillSlice.state == SliceState.STARTED, BackfillSlice.operation_id == operation_id)
    )
    run_id = session.scalar(query)
    if run_id is not None:
        jobs.bring_forward(session, jobs.Task.SYNC_STORE, store, run_id=run_id)


def _time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise UnmappableError("shop/update: iana_timezone is not a time zone") from None


def _body(delivery: Delivery) -> dict[str, object]:
    try:
        body = json.loads(delivery.body)
    except ValueError:
        raise UnmappableError(f"{delivery.topic}: the body is not JSON") from None
    if not isinstance(body, dict):
        raise UnmappableError(f"{delivery.topic}: the body is not an object")
    return body
