"""Deletes stored input that is too old: deliveries, runs and carts, a batch at a time.

Orders, and every other row that figures are made of, stay; so does what is pending. Failed deliveries stay longer
than applied ones. A disconnected store is pruned like any other. So are the jobs that failed for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Update, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.database import StoreKey, jobs, system_session, tenant_session
from core.database.models import Cart, CheckRun, Delivery, DeliveryState, RunState, Store, SyncRun, Tenant

BATCH = 1000
"""Rows of one transaction: it ends before it delays anybody."""
KNOWN = timedelta(days=7)
"""The least time that a delivery's webhook id is kept: a duplicate is recognised by it."""
FAILED = timedelta(days=90)
"""The least time that failed and unconfirmed deliveries are kept: for a retry, once the cause is repaired."""
JOBS = timedelta(days=30)
"""How long a job that failed for good can be looked at."""
RUNS = timedelta(days=365)
RUNS_KEPT = 50
"""The latest runs of a store stay at any age, because pages show them."""
CARTS = timedelta(days=90)
"""Since the cart's last change."""

_States = tuple[DeliveryState, ...]
_DONE: _States = (DeliveryState.APPLIED, DeliveryState.IGNORED)
_FAILED: _States = (DeliveryState.FAILED, DeliveryState.UNCONFIRMED)
_ENDED = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED)
_NO_BODY = b""
_Filter = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was deleted: bodies of deliveries whose webhook id stays, deliveries, failed deliveries, runs (syncs
    and checks), and carts."""

    bodies: int = 0
    deliveries: int = 0
    failed: int = 0
    runs: int = 0
    carts: int = 0


def list_all_stores() -> Iterator[StoreKey]:
    """Every store of the installation, disconnected ones too."""
    with system_session() as session:
        tenant_ids = session.scalars(select(Tenant.tenant_id).order_by(Tenant.tenant_id)).all()
    for tenant_id in tenant_ids:
        query = select(Store.store_id).where(Store.tenant_id == tenant_id).order_by(Store.store_id)
        with tenant_session(tenant_id) as session:
            store_ids = session.scalars(query).all()
        yield from (StoreKey(tenant_id, store_id) for store_id in store_ids)


def prune(store: StoreKey, now: datetime, delivery_days: int, batch: int = BATCH) -> Pruned:
    """Delete the rows of one store that are too old; repeated, it finds nothing.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the committed batches stay deleted.
    """
    age = timedelta(days=delivery_days)
    return Pruned(
        bodies=_empty_bodies(store, now - age, batch),
        deliveries=_delete_deliveries(store, now - max(age, KNOWN), batch, _DONE),
        failed=_delete_deliveries(store, now - max(age, FAILED), batch, _FAILED),
        runs=sum(_delete_runs(model, store, now - RUNS, batch) for model in (SyncRun, CheckRun)),
        carts=_delete_carts(store, now - CARTS, batch),
    )


def prune_jobs(now: datetime, batch: int = BATCH) -> int:
    """Delete the jobs of all stores that failed for good long ago, with their events; returns how many.

    Raises:
        DatabaseUnavailable: as `prune`.
    """
    total = 0
    while True:
        with system_session() as session:
            count = jobs.delete_ended(session, now - JOBS, batch)
        total += count
        if count < batch:
            return total


def _empty_bodies(store: StoreKey, before: datetime, batch: int) -> int:
    old = (*_ended_deliveries(store, before, _DONE), Delivery.body != _NO_BODY)
    return _change_in_batches(store, update(Delivery).values(body=_NO_BODY), Delivery.delivery_id, old, batch)


def _delete_deliveries(store: StoreKey, before: datetime, batch: int, states: _States) -> int:
    old = _ended_deliveries(store, before, states)
    return _change_in_batches(store, delete(Delivery), Delivery.delivery_id, old, batch)


def _ended_deliveries(store: StoreKey, before: datetime, states: _States) -> _Filter:
    return store.owns(Delivery), Delivery.received_at < before, Delivery.state.in_(states)


def _delete_runs(model: type[SyncRun | CheckRun], store: StoreKey, before: datetime, batch: int) -> int:
    latest = select(model.run_id).where(store.owns(model)).order_by(model.run_id.desc()).limit(RUNS_KEPT)
    is_old = (model.requested_at < before, model.state.in_(_ENDED), model.run_id.not_in(latest))
    return _change_in_batches(store, delete(model), model.run_id, (store.owns(model), *is_old), batch)


def _delete_carts(store: StoreKey, before: datetime, batch: int) -> int:
    old = (store.owns(Cart), Cart.updated_at < before)
    return _change_in_batches(store, delete(Cart), Cart.cart_token, old, batch)


def _change_in_batches(
    store: StoreKey, change: Update | Delete, key: InstrumentedAttribute[Any], old: _Filter, batch: int
) -> int:
    """Change the old rows, a transaction for each batch; returns how many. A locked row is left for the next time."""
    total = 0
    while True:
        with tenant_session(store.tenant_id) as session:
            keys = session.scalars(select(key).where(*old).limit(batch).with_for_update(skip_locked=True)).all()
            session.execute(change.where(*old, key.in_(keys)))
        total += len(keys)
        if len(keys) < batch:
            return total
