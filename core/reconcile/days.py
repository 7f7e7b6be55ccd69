"""Repairs one day of a store: where it differs from Shopify's count, its orders are re-fetched.

Shopify's list of a day alone deletes nothing. An order counts as deleted when it is not in the list of its day and
Shopify, asked for its id, does not know it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import ingest, logs
from core.database import StoreKey, tenant_session
from core.database.models import DayState, Deletion, Order, Sale, UnreadableRecord
from core.domain import Deleted, Kind, Unreadable
from core.domain import Order as OrderRecord
from core.domain.finding import Finding
from core.domain.periods import Period
from core.errors import Stopping
from core.metrics import Scope, health
from core.metrics.health import DayFigures, NamedOrder
from core.reconcile import compared_days
from core.reconcile.compared_days import Comparison
from core.shopify import day_totals, pages
from core.shopify.client import ShopifyClient
from core.stores import StoreView

ORDERS_AT_ONCE = 25
"""Orders fetched, and written, together."""
_LISTED_AFTER = timedelta(minutes=2)
"""How long Shopify's lists may lag behind its orders."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Stored:
    """An order that is stored here."""

    order_id: int
    name: str
    updated_at: datetime


def compare_day(client: ShopifyClient, store: StoreView, comparison: Comparison, stop: threading.Event) -> None:
    """Note how the day compares; repair it first where it differs.

    Raises:
        Stopping: `stop` was set; orders already repaired stay so. And as `ShopifyClient.execute`.
    """
    if comparison.same_orders and comparison.same_total:
        compared_days.note_comparison(store, comparison, DayState.EQUAL, ())
        return
    if comparison.same_orders and compared_days.is_known_difference(store, comparison):
        compared_days.note_comparison(store, comparison, DayState.DIFFERS, None)
        return
    day, ours, theirs = comparison.day, comparison.ours.orders, comparison.theirs
    log.warning("a day differs from shopify's", day=str(day), ours=ours, theirs=theirs)
    began = datetime.now(UTC)
    repair = _Repair(client, store, Period(day, day, store.time_zone), stop)
    repaired = repair.run(is_by_total=not comparison.same_total)
    listed = repair.listed
    with tenant_session(store.tenant_id) as session:
        figures = health.day_figures(session, Scope(store.key), repair.period).get(day, DayFigures())
        stored = _stored_orders(session, store.key, day)
        absent = {order_id: listed[order_id] for order_id in listed.keys() - stored.keys()}
        differing = _explain_absent(session, store.key, absent)
    after = Comparison(day, figures, len(listed), comparison.total)
    # Orders of the last minutes may not be in Shopify's lists yet.
    listable = {order_id for order_id, order in stored.items() if order.updated_at < began - _LISTED_AFTER}
    unlisted = sorted(listable - listed.keys())
    differing += [NamedOrder(order_id, stored[order_id].name, Finding.NOT_LISTED) for order_id in unlisted]
    if differing or not after.same_total:
        compared_days.note_comparison(store, after, DayState.DIFFERS, differing)
    else:
        compared_days.note_comparison(store, after, DayState.REPAIRED if repaired else DayState.EQUAL, repaired)


@dataclass(slots=True)
class _Repair:
    """Makes one day equal to Shopify's."""

    client: ShopifyClient
    store: StoreView
    period: Period
    stop: threading.Event
    listed: dict[int, day_totals.Listed] = field(default_factory=dict)
    """The day's orders in Shopify's list, once `run` has fetched it."""

    def run(self, is_by_total: bool) -> list[NamedOrder]:
        """Re-fetch the orders that differ; return those that changed here. `is_by_total`: the totals differ, so that
        any order may be wrong."""
        self.listed = day_totals.orders(self.client, self.period)
        with tenant_session(self.store.tenant_id) as session:
            stored = _stored_orders(session, self.store.key, self.period.start)
            sold = _sold_on(session, self.store.key, self.period.start) if is_by_total else set()
        missing = self.listed.keys() - stored.keys()
        unlisted = stored.keys() - self.listed.keys()
        stale = {
            order_id
            for order_id in self.listed.keys() & stored.keys()
            if stored[order_id].updated_at < self.listed[order_id].updated_at
        }
        repaired = self._refetch(missing, Finding.MISSING) + self._refetch(stale, Finding.CHANGED)
        repaired += self._refetch(unlisted, Finding.MOVED, stored)
        others = (self.listed.keys() | sold) - missing - stale - unlisted if is_by_total else set()
        return repaired + self._refetch(others, Finding.REWRITTEN)

    def _refetch(
        self, order_ids: Collection[int], finding: Finding, deletable: Mapping[int, _Stored] | None = None
    ) -> list[NamedOrder]:
        """Re-fetch and write these orders; return those that changed here. The `deletable` ones are deleted if
        Shopify does not know them."""
        changed: list[NamedOrder] = []
        ids = sorted(order_ids)
        for first in range(0, len(ids), ORDERS_AT_ONCE):
            if self.stop.is_set():
                raise Stopping("The check pauses here and continues at the next start.")
            changed += self._write(ids[first : first + ORDERS_AT_ONCE], finding, deletable or {})
        return changed

    def _write(
        self, order_ids: Sequence[int], finding: Finding, deletable: Mapping[int, _Stored]
    ) -> list[NamedOrder]:
        now, key = datetime.now(UTC), self.store.key
        repair = ingest.Reading(now, repairs=True)
        records = pages.orders_by_ids(self.client, order_ids)
        orders = [record for record in records if isinstance(record, OrderRecord)]
        unreadable = [record for record in records if isinstance(record, Unreadable)]
        names = {order.order_id: order.name for order in orders}
        known = names.keys() | {record.shopify_id for record in unreadable}
        # Only orders that the list of the day left out as well: Shopify may hide an old order that exists.
        deleted = [
            Deleted(Kind.ORDER, order_id, now, is_inferred=True)
            for order_id in order_ids
            if order_id not in known and order_id in deletable
        ]
        with tenant_session(self.store.tenant_id) as session:
            before = _ledger_sums(session, key, order_ids)
            ingest.write(session, key, orders, now, reading=repair)
            ingest.write(session, key, [*unreadable, *deleted], now)
            after = _ledger_sums(session, key, order_ids)
        changed = [
            NamedOrder(order_id, name, finding)
            for order_id, name in names.items()
            if finding != Finding.REWRITTEN or before.get(order_id) != after.get(order_id)
        ]
        deleted_ids = [record.shopify_id for record in deleted]
        return changed + [
            NamedOrder(order_id, deletable[order_id].name, Finding.NOT_AT_SHOPIFY) for order_id in deleted_ids
        ]


def _stored_orders(session: Session, key: StoreKey, day: date) -> dict[int, _Stored]:
    """The orders of a day that are stored here, by id."""
    query = select(Order.order_id, Order.name, Order.updated_at).where(
        key.owns(Order), Order.business_date == day, Order.deleted_at.is_(None)
    )
    return {row.order_id: _Stored(*row) for row in session.execute(query)}


def _explain_absent(session: Session, key: StoreKey, listed: Mapping[int, day_totals.Listed]) -> list[NamedOrder]:
    """Name orders that Shopify lists and that are not stored after the repair, with the reason."""

    def values(model: type[Deletion | UnreadableRecord], column: InstrumentedAttribute[Any]) -> dict[int, Any]:
        of_orders = (key.owns(model), model.kind == Kind.ORDER, model.shopify_id.in_(listed))
        return {row[0]: row[1] for row in session.execute(select(model.shopify_id, column).where(*of_orders))}

    is_inferred = values(Deletion, Deletion.is_inferred)
    reasons = values(UnreadableRecord, UnreadableRecord.reason)
    findings = dict.fromkeys(reasons, Finding.UNREADABLE) | {
        order_id: Finding.TAKEN_FOR_DELETED if inferred else Finding.DELETED
        for order_id, inferred in is_inferred.items()
    }
    return [
        NamedOrder(
            order_id, listed[order_id].name, findings.get(order_id, Finding.NOT_FETCHED), reasons.get(order_id)
        )
        for order_id in sorted(listed)
    ]


def _sold_on(session: Session, key: StoreKey, day: date) -> set[int]:
    """The orders with sales or returns on a day, whenever they were placed."""
    query = select(Sale.order_id).where(key.owns(Sale), Sale.business_date == day)
    return set(session.scalars(query))


def _ledger_sums(session: Session, key: StoreKey, ids: Collection[int]) -> dict[int, tuple[object, ...]]:
    """Sums of the ledger by order, which show whether it changed."""
    query = (
        select(Sale.order_id, func.count(), func.sum(Sale.net), func.sum(Sale.tax), func.max(Sale.business_date))
        .where(key.owns(Sale), Sale.order_id.in_(ids))
        .group_by(Sale.order_id)
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}
