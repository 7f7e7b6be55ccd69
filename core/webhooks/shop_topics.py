"""Webhooks about the shop itself: the app was uninstalled, its scopes changed, the shop's name or clock did,
or what a first load has it collect is ready.

A store's days are cut by its time zone: when that changes, every stored day is computed again.
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
COLLECTED = "bulk_operations/finish"
TOPICS = frozenset({UNINSTALLED, SCOPES, SHOP, COLLECTED})


def take(session: Session, row: Delivery) -> None:
    """Apply a delivery of TOPICS, unless it is older than the store's connection. An uninstallation always applies:
    it was confirmed before (see `core.webhooks.confirm`).

    Raises:
        UnmappableError: the body is not what Shopify sends.
    """
    store = session.get(Store, (row.tenant_id, row.store_id), populate_existing=True)
    if store is None:
        return
    if row.topic == UNINSTALLED:
        _uninstalled(store)
    elif (row.triggered_at or row.received_at) <= store.connected_at:
        return
    elif row.topic == SCOPES:
        _scopes(session, store, row)
    elif row.topic == COLLECTED:
        _look_now(session, row, _body(row))
    else:
        _shop(session, store, _body(row))


def _uninstalled(store: Store) -> None:
    """Mark the store for a reconnect; the request that met the dead token may have done so already."""
    if store.state != StoreState.DISCONNECTED:
        store.state = StoreState.RECONNECT
        store.state_reason = "The app was uninstalled in Shopify; install it again there, then reconnect the store."


def _scopes(session: Session, store: Store, row: Delivery) -> None:
    current = _body(row).get("current")
    if not isinstance(current, list) or not all(isinstance(scope, str) for scope in current):
        raise UnmappableError("app/scopes_update: current is not a list of scopes")
    credentials.note_scopes(session, store, current, row.received_at)
    # Other topics than before may be subscribed to.
    jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, store.key)


def note_shop(session: Session, store: Store, name: str | None, currency: str | None, zone: str | None) -> bool:
    """Store the shop's current name, currency and IANA time zone, where they are not None; returns whether currency
    or time zone changed.

    Raises:
        UnmappableError: there is no such time zone.
    """
    before = store.currency, store.time_zone
    store.name = name or store.name
    # Orders keep the currency that they were placed in, so the past keeps its figures.
    store.currency = currency or store.currency
    store.time_zone = _known(zone) if zone else store.time_zone
    if store.time_zone != before[1]:
        jobs.enqueue_once(session, jobs.Task.DATE_ANEW, store.key)
    return (store.currency, store.time_zone) != before


def _shop(session: Session, store: Store, body: dict[str, object]) -> None:
    """Store the shop's fields that are not null. Two deliveries may arrive in the wrong order and have no version, so
    a change queues the check of the subscriptions, which reads the shop itself."""
    texts = (body.get(each) for each in ("name", "currency", "iana_timezone"))
    name, currency, zone = (each.strip() if isinstance(each, str) else None for each in texts)
    if note_shop(session, store, name, currency if currency and len(currency) == 3 else None, zone):
        jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, store.key)


def _look_now(session: Session, row: Delivery, body: dict[str, object]) -> None:
    """The run that waits for the operation looks at it now and not at its next poll. How the operation ended, only
    that look says: nothing in the body is believed, and nothing happens where no run waits for it."""
    operation_id = body.get("admin_graphql_api_id")
    if not isinstance(operation_id, str):
        raise UnmappableError(f"{COLLECTED}: admin_graphql_api_id is not an id of Shopify's")
    waits = (
        select(SyncRun.run_id)
        .join(
            BackfillSlice,
            (BackfillSlice.tenant_id == SyncRun.tenant_id) & (BackfillSlice.store_id == SyncRun.store_id),
        )
        .where(SyncRun.tenant_id == row.tenant_id, SyncRun.store_id == row.store_id)
        .where(SyncRun.state == RunState.RUNNING)
        .where(BackfillSlice.state == SliceState.STARTED, BackfillSlice.operation_id == operation_id)
    )
    run_id = session.scalar(waits)
    if run_id is not None:
        jobs.bring_forward(session, jobs.Task.SYNC_STORE, StoreKey(row.tenant_id, row.store_id), run_id=run_id)


def _known(zone: str) -> str:
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError):
        raise UnmappableError("shop/update: iana_timezone is not a time zone") from None


def _body(row: Delivery) -> dict[str, object]:
    try:
        body = json.loads(row.body)
    except ValueError:
        raise UnmappableError(f"{row.topic}: the body is not JSON") from None
    if not isinstance(body, dict):
        raise UnmappableError(f"{row.topic}: the body is not an object")
    return body
