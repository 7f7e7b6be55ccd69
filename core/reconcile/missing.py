"""Customers and products that Shopify has no more, though no webhook said so: an ended subscription, a lost delivery.

A sync cannot find them, for what is gone does not change. They are looked for when more are here than Shopify counts,
in the order of their ids, a page at a time; and one is taken out only when Shopify, asked for it by its id, says that
there is none. So are buyers whom nobody here knows. Those that Shopify gives after all are read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, func, select, union, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import ingest, logs
from core.database import StoreKey, tenant_session
from core.database.models import Checkout, Customer, Deletion, Order, Product
from core.domain import Deleted, Kind
from core.domain import Order as OrderRecord
from core.errors import Stopping
from core.reconcile import gaps
from core.shopify import pages, record_ids
from core.shopify.client import ShopifyClient
from core.stores import StoreView

_AT_ONCE = 250
_WHOLE_AT_ONCE = 25

log = logs.get(__name__)


def look_further(
    client: ShopifyClient, store: StoreView, cursors: Mapping[str, Any], stop: threading.Event
) -> dict[str, Any] | None:
    """Look through the next page of what is here, and take out what Shopify has no more. Returns how far that is, for
    the next call (at first nothing), or None when all was looked through.

    Raises:
        Stopping: `stop` was set; what was taken out stays so. And as `ShopifyClient.execute`.
    """
    for name, look in _Look(client, store, stop).stages():
        cursor = cursors.get(name, {})
        if not cursor.get("done"):
            after = look(cursor.get("after", 0))
            return {**cursors, name: {"after": after, "done": after is None}}
    return None


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks for what is gone, behind an id; each stage says behind which to go on, or None at its end."""

    client: ShopifyClient
    store: StoreView
    stop: threading.Event

    def stages(self) -> Iterator[tuple[str, Callable[[int], int | None]]]:
        """Those of what may be read, with their names."""
        if self.store.may_read("orders"):
            yield "orders in part", self._orders_in_part
        if self.store.may_read("customers"):
            yield "customers in part", self._customers_in_part
            yield "customers again", partial(self._again, Kind.CUSTOMER, pages.customers_page)
            yield "buyers", self._buyers
            yield "customers", partial(self._listed, Kind.CUSTOMER, Customer.customer_id)
        if self.store.may_read("products"):
            yield "products again", partial(self._again, Kind.PRODUCT, pages.products_page)
            yield "products", partial(self._listed, Kind.PRODUCT, Product.product_id)

    def _orders_in_part(self, after: int) -> int | None:
        with tenant_session(self.store.tenant_id) as session:
            lacking = gaps.orders(session, self.store, after, _AT_ONCE)
        if lacking:
            log.warning("re-fetched fields that were withheld before", kind=Kind.ORDER, count=len(lacking))
        self._read_orders(lacking)
        return lacking[-1] if len(lacking) == _AT_ONCE else None

    def _customers_in_part(self, after: int) -> int | None:
        with tenant_session(self.store.tenant_id) as session:
            lacking = gaps.customers(session, self.store, after, _AT_ONCE)
        self._read(Kind.CUSTOMER, pages.customers_page, lacking)
        return lacking[-1] if len(lacking) == _AT_ONCE else None

    def _again(
        self, kind: Kind, page: Callable[[ShopifyClient, str, str | None, int], pages.Page], after: int
    ) -> int | None:
        """What was only taken for gone comes back if Shopify has it after all."""
        with tenant_session(self.store.tenant_id) as session:
            taken = _taken_for_gone(session, self.store.key, kind, after)
        back = set(taken).difference(record_ids.missing_ids(self.client, kind, taken))
        self._read(kind, page, back)
        return taken[-1] if len(taken) == _AT_ONCE else None

    def _buyers(self, after: int) -> int | None:
        with tenant_session(self.store.tenant_id) as session:
            unknown = _unknown_buyers(session, self.store.key, after)
        there = set(unknown) - self._take_out(Kind.CUSTOMER, unknown)
        self._read(Kind.CUSTOMER, pages.customers_page, there)
        return unknown[-1] if len(unknown) == _AT_ONCE else None

    def _listed(self, kind: Kind, id_column: InstrumentedAttribute[int], after: int) -> int | None:
        if not after and not self._more_here(kind, id_column):
            return None
        listed, last = record_ids.ids_after(self.client, kind, after)
        with tenant_session(self.store.tenant_id) as session:
            here = set(session.scalars(_stored_ids(self.store.key, id_column, after, last)))
        self._take_out(kind, sorted(here - listed))
        return last

    def _more_here(self, kind: Kind, id_column: InstrumentedAttribute[int]) -> bool:
        asked = {f"{each}s": "" if each is kind else None for each in (Kind.CUSTOMER, Kind.PRODUCT)}
        totals = pages.counts(self.client, orders=None, **asked)
        with tenant_session(self.store.tenant_id) as session:
            here = _stored_ids(self.store.key, id_column, 0, None).with_only_columns(func.count())
            return (session.scalar(here) or 0) > totals.customers + totals.products

    def _read(
        self, kind: Kind, page: Callable[[ShopifyClient, str, str | None, int], pages.Page], ids: Collection[int]
    ) -> None:
        """Those that Shopify has, and we have not, or not any more."""
        for each in sorted(ids):
            if self.stop.is_set():
                raise Stopping("The check stops here and goes on at the next start.")
            asked_at = datetime.now(UTC)
            found = page(self.client, f"id:{each}", None, 1).records
            log.warning("read what was not here", kind=kind, shopify_id=each)
            with tenant_session(self.store.tenant_id) as session:
                read = ingest.Reading(asked_at)
                ingest.write(session, self.store.key, found, datetime.now(UTC), reading=read)

    def _take_out(self, kind: Kind, shopify_ids: Sequence[int]) -> set[int]:
        """Those of which Shopify says that there is nothing, and which they are; each once its orders are read, so
        that whoever goes on after a killed process finds it once more."""
        found: set[int] = set()
        for first in range(0, len(shopify_ids), _AT_ONCE):
            gone = record_ids.missing_ids(self.client, kind, shopify_ids[first : first + _AT_ONCE])
            found |= set(gone)
            taken_out = 0
            for each in gone:
                if kind is Kind.CUSTOMER:
                    self._read_orders_of(each)
                now = datetime.now(UTC)
                with tenant_session(self.store.tenant_id) as session:
                    deleted = [Deleted(kind, each, now, is_inferred=True)]
                    taken_out += ingest.write(session, self.store.key, deleted, now).deleted
                    _note_followed(session, self.store.key, kind, each, now)
            if taken_out:
                log.warning("taken out what shopify has no more", kind=kind, count=taken_out)
        return found

    def _read_orders_of(self, customer_id: int) -> None:
        """Whose the orders of this customer are now; a merge changes that, but not when they were changed last."""
        with tenant_session(self.store.tenant_id) as session:
            order_ids = _orders_of(session, self.store.key, customer_id)
        self._read_orders(order_ids)

    def _read_orders(self, order_ids: Sequence[int]) -> None:
        for first in range(0, len(order_ids), _WHOLE_AT_ONCE):
            if self.stop.is_set():
                raise Stopping("The check stops here and goes on at the next start.")
            now = datetime.now(UTC)
            read = pages.orders_by_ids(self.client, order_ids[first : first + _WHOLE_AT_ONCE])
            orders = [one for one in read if isinstance(one, OrderRecord)]
            with tenant_session(self.store.tenant_id) as session:
                repair = ingest.Reading(now, repairs=True)
                ingest.write(session, self.store.key, orders, now, reading=repair)


def _stored_ids(key: StoreKey, id_column: InstrumentedAttribute[int], after: int, last: int | None) -> Select[int]:
    """Select the ids above `after` up to `last` of the store's rows; with None as `last`, to the end."""
    columns = id_column.class_.__table__.c
    query = select(id_column).where(key.owns(columns), columns.deleted_at.is_(None), id_column > after)
    return query if last is None else query.where(id_column <= last)


def _unknown_buyers(session: Session, key: StoreKey, after: int) -> Sequence[int]:
    """Customers above `after`, a page of them, who are on orders or checkouts, and not here, or not any more: they
    came and went unheard of. Not those of whom Shopify was asked since; what it hides it would hide again."""
    each = []
    for model in (Order, Checkout):
        known = select(Customer.customer_id).where(
            key.owns(Customer),
            Customer.customer_id == model.customer_id,
            Customer.deleted_at.is_(None),
        )
        followed = select(Deletion.shopify_id).where(
            *_deletions(key, Kind.CUSTOMER),
            Deletion.shopify_id == model.customer_id,
            Deletion.followed_at >= model.updated_at,
        )
        mine = (key.owns(model), model.deleted_at.is_(None))
        query = select(model.customer_id).where(*mine, model.customer_id > after)
        each.append(query.where(~known.exists(), ~followed.exists()))
    found = union(*each).subquery().c.customer_id
    return session.scalars(select(found).order_by(found).limit(_AT_ONCE)).all()


def _taken_for_gone(session: Session, key: StoreKey, kind: Kind, after: int) -> Sequence[int]:
    mine = (*_deletions(key, kind), Deletion.is_inferred, Deletion.shopify_id > after)
    query = select(Deletion.shopify_id).where(*mine).order_by(Deletion.shopify_id)
    return session.scalars(query.limit(_AT_ONCE)).all()


def _note_followed(session: Session, key: StoreKey, kind: Kind, shopify_id: int, now: datetime) -> None:
    if kind is Kind.CUSTOMER:
        mine = (*_deletions(key, kind), Deletion.shopify_id == shopify_id)
        session.execute(update(Deletion).where(*mine).values(followed_at=now))


def _deletions(key: StoreKey, kind: Kind) -> tuple[Any, ...]:
    return key.owns(Deletion), Deletion.kind == kind


def _orders_of(session: Session, key: StoreKey, customer_id: int) -> Sequence[int]:
    mine = (key.owns(Order), Order.customer_id == customer_id)
    return session.scalars(select(Order.order_id).where(*mine)).all()
