"""One day of a store: where it differs from Shopify's count, what is missing is fetched, what is gone is taken out.

Nothing is taken out on Shopify's list alone: an order counts as deleted when it is not in the list of its day and
Shopify, asked for it by its id, says that there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import ingest, logs
from core.database import StoreKey, tenant_session
from core.database.models import DayState, Deletion, Order, Sale, UnreadableRecord
from core.domain import Deleted, Kind, Unreadable
from core.domain import Order as OrderRecord
from core.domain.periods import Period
from core.errors import Stopping
from core.metrics import Scope, health
from core.metrics.health import DayFigures, NamedOrder
from core.reconcile import notes
from core.reconcile.notes import Comparison
from core.shopify import day_totals, pages
from core.shopify.client import ShopifyClient
from core.stores import StoreView

WHOLE_AT_ONCE = 25
"""Orders read whole, and written, in one step."""
_LISTED_AFTER = timedelta(minutes=2)
"""How long Shopify's lists may lag behind its orders."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """An order that is here."""

    order_id: int
    name: str
    updated_at: datetime


def compare(client: ShopifyClient, store: StoreView, found: Comparison, stop: threading.Event) -> None:
    """Note the day as it compares; where it differs, repair it first.

    Raises:
        Stopping: `stop` was set; what was repaired stays. And as `ShopifyClient.execute`.
    """
    if found.same_orders and found.same_total:
        notes.compared(store, found, DayState.EQUAL, ())
        return
    if found.same_orders and notes.known_difference(store, found):
        notes.compared(store, found, DayState.DIFFERS, None)
        return
    log.warning("a day differs from shopify's", day=str(found.day), ours=found.ours.orders, theirs=found.theirs)
    began = datetime.now(UTC)
    repair = _Repair(client, store, Period(found.day, found.day, store.time_zone), stop)
    named = repair.orders(by_total=not found.same_total)
    listed = repair.listed
    with tenant_session(store.tenant_id) as session:
        scope = Scope(store.key)
        counted = health.day_figures(session, scope, repair.period).get(found.day, DayFigures())
        held = _held(session, store.key, found.day)
        absent = {one: listed[one] for one in listed.keys() - held.keys()}
        odd = _absent(session, store.key, absent)
    after = Comparison(found.day, counted, len(listed), found.total)
    # What just came is not in Shopify's lists yet.
    settled = {one for one, order in held.items() if order.updated_at < began - _LISTED_AFTER}
    odd += [NamedOrder(one, held[one].name, "not listed") for one in sorted(settled - listed.keys())]
    if odd or not after.same_total:
        notes.compared(store, after, DayState.DIFFERS, odd)
    else:
        notes.compared(store, after, DayState.REPAIRED if named else DayState.EQUAL, named)


@dataclass(slots=True)
class _Repair:
    """Brings one day to what Shopify has of it."""

    client: ShopifyClient
    store: StoreView
    period: Period
    stop: threading.Event
    listed: dict[int, day_totals.Listed] = None  # type: ignore[assignment]  # asked for by `orders`

    def orders(self, by_total: bool) -> list[NamedOrder]:
        """Repair, and name the orders that were not as Shopify has them."""
        self.listed = day_totals.orders(self.client, self.period)
        with tenant_session(self.store.tenant_id) as session:
            held = _held(session, self.store.key, self.period.start)
            sold = _sold_on(session, self.store.key, self.period.start) if by_total else set()
        missing = self.listed.keys() - held.keys()
        unlisted = held.keys() - self.listed.keys()
        older = {
            one for one in self.listed.keys() & held.keys() if held[one].updated_at < self.listed[one].updated_at
        }
        found = self._fetch(missing, "missing") + self._fetch(older, "changed")
        found += self._fetch(unlisted, "moved", held)
        rest = (self.listed.keys() | sold) - missing - older - unlisted if by_total else set()
        return found + self._fetch(rest, "rewritten")

    def _fetch(
        self, order_ids: Collection[int], what: str, known: dict[int, _Held] | None = None
    ) -> list[NamedOrder]:
        """Read these orders whole and write them; those that changed here by it, by name. Those of `known` that
        Shopify does not have are taken out."""
        changed: list[NamedOrder] = []
        ids = sorted(order_ids)
        for first in range(0, len(ids), WHOLE_AT_ONCE):
            if self.stop.is_set():
                raise Stopping("The check stops here and goes on at the next start.")
            changed += self._write(ids[first : first + WHOLE_AT_ONCE], what, known or {})
        return changed

    def _write(self, ids: Sequence[int], what: str, known: dict[int, _Held]) -> list[NamedOrder]:
        now = datetime.now(UTC)
        repair = ingest.Reading(now, repairs=True)
        read = pages.orders_by_ids(self.client, ids)
        orders = [one for one in read if isinstance(one, OrderRecord)]
        unreadable = [one for one in read if isinstance(one, Unreadable)]
        names = {order.order_id: order.name for order in orders}
        there = names.keys() | {one.shopify_id for one in unreadable}
        # Only where the list of the day left it out as well: an old order may be hidden from the app, and is there.
        gone = [Deleted(Kind.ORDER, one, now, is_inferred=True) for one in ids if one not in there and one in known]
        tenant_id, store_id = self.store.tenant_id, self.store.store_id
        with tenant_session(tenant_id) as session:
            before = _worth(session, StoreKey(tenant_id, store_id), ids)
            ingest.write(session, StoreKey(tenant_id, store_id), orders, now, reading=repair)
            ingest.write(session, StoreKey(tenant_id, store_id), [*unreadable, *gone], now)
            after = _worth(session, StoreKey(tenant_id, store_id), ids)
        named = [
            NamedOrder(one, names[one], what)
            for one in names
            if what != "rewritten" or before.get(one) != after.get(one)
        ]
        return named + [NamedOrder(one.shopify_id, known[one.shopify_id].name, "gone") for one in gone]


def _held(session: Session, key: StoreKey, day: date) -> dict[int, _Held]:
    """The orders of a day that are here, by id."""
    query = select(Order.order_id, Order.name, Order.updated_at).where(
        key.owns(Order),
        Order.business_date == day,
        Order.deleted_at.is_(None),
    )
    return {row.order_id: _Held(*row) for row in session.execute(query)}


def _absent(session: Session, key: StoreKey, listed: dict[int, day_totals.Listed]) -> list[NamedOrder]:
    """Orders that Shopify lists and that are not here, though all of them were asked for; and why."""

    def known(model: type[Deletion | UnreadableRecord], column: InstrumentedAttribute[Any]) -> dict[int, Any]:
        mine = (key.owns(model), model.kind == Kind.ORDER)
        query = select(model.shopify_id, column).where(*mine, model.shopify_id.in_(listed))
        return {row[0]: row[1] for row in session.execute(query)}

    inferred, reasons = known(Deletion, Deletion.is_inferred), known(UnreadableRecord, UnreadableRecord.reason)
    because: dict[int, str] = dict.fromkeys(reasons, "unreadable")
    because |= {one: "taken for deleted" if so else "deleted" for one, so in inferred.items()}
    return [
        NamedOrder(one, listed[one].name, because.get(one, "not fetched"), reasons.get(one)) for one in sorted(listed)
    ]


def _sold_on(session: Session, key: StoreKey, day: date) -> set[int]:
    """The orders that sold or gave back something on a day, whenever they were placed."""
    query = select(Sale.order_id).where(key.owns(Sale), Sale.business_date == day)
    return set(session.scalars(query))


def _worth(session: Session, key: StoreKey, ids: Collection[int]) -> dict[int, tuple[object, ...]]:
    """What the ledger says of these orders: enough to see whether it changed."""
    query = (
        select(Sale.order_id, func.count(), func.sum(Sale.net), func.sum(Sale.tax), func.max(Sale.business_date))
        .where(key.owns(Sale), Sale.order_id.in_(ids))
        .group_by(Sale.order_id)
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}
