"""How long what came in is kept: deliveries, runs and carts that nobody needs any more go, a few at a time.

Orders and all else that figures are made of stay, and so does what waits; what failed goes later than what was
applied. A store that was disconnected has its old rows pruned like any other. So are the jobs that failed for good,
which are no store's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Update, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.database import jobs, system_session, tenant_session
from core.database.models import Cart, CheckRun, Delivery, DeliveryState, RunState, Store, SyncRun, Tenant

BATCH = 1000
"""Rows of one transaction: short enough to be in nobody's way."""
KNOWN = timedelta(days=7)
"""How long the number of a delivery is kept at least: one that Shopify sends again is known by it."""
FAILED = timedelta(days=90)
"""The least time that failed and unconfirmed deliveries are kept: for a retry, once the cause is repaired."""
JOBS = timedelta(days=30)
"""How long a job that failed for good can be looked at."""
RUNS = timedelta(days=365)
RUNS_KEPT = 50
"""The latest runs of a store stay, however old: they are what pages show."""
CARTS = timedelta(days=90)
"""Since a cart was last changed."""

_DONE = (DeliveryState.APPLIED, DeliveryState.IGNORED)
_FAILED = (DeliveryState.FAILED, DeliveryState.UNCONFIRMED)
_ENDED = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED)
_EMPTY = b""
_States = tuple[DeliveryState, ...]
_Rows = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went: bodies of deliveries that are known on, deliveries, those that had failed, runs (syncs and checks)
    and carts."""

    bodies: int = 0
    deliveries: int = 0
    failed: int = 0
    runs: int = 0
    carts: int = 0


def every_store() -> Iterator[tuple[int, int]]:
    """(tenant_id, store_id) of every store of the installation, disconnected ones too."""
    with system_session() as session:
        tenants = session.scalars(select(Tenant.tenant_id).order_by(Tenant.tenant_id)).all()
    for tenant_id in tenants:
        with tenant_session(tenant_id) as session:
            mine = select(Store.store_id).where(Store.tenant_id == tenant_id).order_by(Store.store_id)
            store_ids = session.scalars(mine).all()
        yield from ((tenant_id, store_id) for store_id in store_ids)


def prune(tenant_id: int, store_id: int, now: datetime, delivery_days: int, batch: int = BATCH) -> Pruned:
    """Delete what is too old of one store; done again, it finds nothing.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; what went so far is gone.
    """
    kept = timedelta(days=delivery_days)
    return Pruned(
        bodies=_empty_bodies(tenant_id, store_id, now - kept, batch),
        deliveries=_deliveries(tenant_id, store_id, now - max(kept, KNOWN), batch, _DONE),
        failed=_deliveries(tenant_id, store_id, now - max(kept, FAILED), batch, _FAILED),
        runs=sum(_runs(model, tenant_id, store_id, now - RUNS, batch) for model in (SyncRun, CheckRun)),
        carts=_carts(tenant_id, store_id, now - CARTS, batch),
    )


def prune_jobs(now: datetime, batch: int = BATCH) -> int:
    """Delete the jobs of all stores that failed for good long ago, with what is noted of them; returns how many.

    Raises:
        DatabaseUnavailable: as `prune`.
    """
    done = 0
    while True:
        with system_session() as session:
            gone = jobs.forget_ended(session, now - JOBS, batch)
        done += gone
        if gone < batch:
            return done


def _empty_bodies(tenant_id: int, store_id: int, before: datetime, batch: int) -> int:
    old = (*_ended_deliveries(tenant_id, store_id, before, _DONE), Delivery.body != _EMPTY)
    return _in_batches(tenant_id, update(Delivery).values(body=_EMPTY), Delivery.delivery_id, old, batch)


def _deliveries(tenant_id: int, store_id: int, before: datetime, batch: int, states: _States) -> int:
    old = _ended_deliveries(tenant_id, store_id, before, states)
    return _in_batches(tenant_id, delete(Delivery), Delivery.delivery_id, old, batch)


def _ended_deliveries(tenant_id: int, store_id: int, before: datetime, states: _States) -> _Rows:
    mine = (Delivery.tenant_id == tenant_id, Delivery.store_id == store_id)
    return (*mine, Delivery.received_at < before, Delivery.state.in_(states))


def _runs(model: type[SyncRun | CheckRun], tenant_id: int, store_id: int, before: datetime, batch: int) -> int:
    mine = (model.tenant_id == tenant_id, model.store_id == store_id)
    latest = select(model.run_id).where(*mine).order_by(model.run_id.desc()).limit(RUNS_KEPT)
    old = (*mine, model.requested_at < before, model.state.in_(_ENDED), model.run_id.not_in(latest))
    return _in_batches(tenant_id, delete(model), model.run_id, old, batch)


def _carts(tenant_id: int, store_id: int, before: datetime, batch: int) -> int:
    old = (Cart.tenant_id == tenant_id, Cart.store_id == store_id, Cart.updated_at < before)
    return _in_batches(tenant_id, delete(Cart), Cart.cart_token, old, batch)


def _in_batches(
    tenant_id: int, change: Update | Delete, key: InstrumentedAttribute[Any], old: _Rows, batch: int
) -> int:
    """Change the old rows, a transaction for each batch; returns how many. A row that somebody else holds is left for
    the next time."""
    done = 0
    while True:
        with tenant_session(tenant_id) as session:
            keys = session.scalars(select(key).where(*old).limit(batch).with_for_update(skip_locked=True)).all()
            session.execute(change.where(*old, key.in_(keys)))
        done += len(keys)
        if len(keys) < batch:
            return done
