"""Infers deletions of customers and products that no webhook reported: a subscription had ended, a delivery was lost.

A sync cannot find them, because a deleted record no longer changes. If the store has more rows than Shopify counts,
its ids are compared with Shopify's, a page at a time. A row counts as deleted only when Shopify, asked for its id,
does not know it. Buyers of orders without a customer row are checked in the same way. Records that Shopify does know
are re-fetched, also those that were inferred to be deleted before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, union, update
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

_PAGE = 250
"""Ids in one step, and in one request that only asks which of them exist."""
_ORDERS_AT_ONCE = 25
"""Orders fetched, and written, together."""

log = logs.get(__name__)
_Fetch = Callable[[ShopifyClient, str, str | None, int], pages.Page]


def check_next_page(
    client: ShopifyClient, store: StoreView, cursors: Mapping[str, Any], stop: threading.Event
) -> dict[str, Any] | None:
    """Compare the next page of ids with Shopify, and mark deleted records. Returns the cursors for the next call (the
    first call has none), or None after the last page.

    Raises:
        Stopping: `stop` was set; records already marked stay so. And as `ShopifyClient.execute`.
    """
    for name, check_page in _Stages(client, store, stop).readable():
        cursor = cursors.get(name, {})
        if not cursor.get("done"):
            after = check_page(cursor.get("after", 0))
            return {**cursors, name: {"after": after, "done": after is None}}
    return None


@dataclass(frozen=True, slots=True)
class _Stages:
    """The stages of the search. Each checks a page of ids above `after`; it returns the last id, None at its end."""

    client: ShopifyClient
    store: StoreView
    stop: threading.Event

    def readable(self) -> Iterator[tuple[str, Callable[[int], int | None]]]:
        """The stages of records that the app may read, with the names of their cursors (stored: renaming
        restarts)."""
        if self.store.may_read("orders"):
            yield "orders in part", self._refetch_partial_orders
        if self.store.may_read("customers"):
            yield "customers in part", self._refetch_partial_customers
            yield "customers again", partial(self._restore, Kind.CUSTOMER, pages.customers_page)
            yield "buyers", self._fetch_buyers
            yield "customers", partial(self._delete_unlisted, Kind.CUSTOMER, Customer.customer_id)
        if self.store.may_read("products"):
            yield "products again", partial(self._restore, Kind.PRODUCT, pages.products_page)
            yield "products", partial(self._delete_unlisted, Kind.PRODUCT, Product.product_id)

    def _refetch_partial_orders(self, after: int) -> int | None:
        with tenant_session(self.store.tenant_id) as session:
            order_ids = gaps.orders(session, self.store, after, _PAGE)
        if order_ids:
            log.warning("re-fetched fields that were withheld before", kind=Kind.ORDER, count=len(order_ids))
        self._refetch_orders(order_ids)
        return _last(order_ids)

    def _refetch_partial_customers(self, after: int) -> int | None:
        with tenant_session(self.store.tenant_id) as session:
            customer_ids = gaps.customers(session, self.store, after, _PAGE)
        self._fetch(Kind.CUSTOMER, pages.customers_page, customer_ids)
        return _last(customer_ids)

    def _restore(self, kind: Kind, fetch: _Fetch, after: int) -> int | None:
        """Fetch records that were inferred to be deleted, if Shopify knows them after all."""
        with tenant_session(self.store.tenant_id) as session:
            inferred = _inferred_deletions(session, self.store.key, kind, after)
        known = set(inferred).difference(record_ids.missing_ids(self.client, kind, inferred))
        self._fetch(kind, fetch, known)
        return _last(inferred)

    def _fetch_buyers(self, after: int) -> int | None:
        """Fetch the buyers of orders and checkouts that have no customer row; note as deleted those that Shopify does
        not know."""
        with tenant_session(self.store.tenant_id) as session:
            unknown = _unknown_buyers(session, self.store.key, after)
        known = set(unknown) - self._delete_missing(Kind.CUSTOMER, unknown)
        self._fetch(Kind.CUSTOMER, pages.customers_page, known)
        return _last(unknown)

    def _delete_unlisted(self, kind: Kind, id_column: InstrumentedAttribute[int], after: int) -> int | None:
        if not after and not self._has_more_rows(kind, id_column):
            return None
        listed, last = record_ids.ids_after(self.client, kind, after)
        with tenant_session(self.store.tenant_id) as session:
            stored = set(session.scalars(_stored_ids(self.store.key, id_column, after, last)))
        self._delete_missing(kind, sorted(stored - listed))
        return last

    def _has_more_rows(self, kind: Kind, id_column: InstrumentedAttribute[int]) -> bool:
        """Whether the store has more rows of this kind than Shopify counts."""
        queries = {f"{counted}s": "" if counted is kind else None for counted in (Kind.CUSTOMER, Kind.PRODUCT)}
        totals = pages.counts(self.client, orders=None, **queries)
        with tenant_session(self.store.tenant_id) as session:
            rows = _stored_ids(self.store.key, id_column, 0, None).with_only_columns(func.count())
            return (session.scalar(rows) or 0) > totals.customers + totals.products

    def _fetch(self, kind: Kind, fetch: _Fetch, shopify_ids: Collection[int]) -> None:
        """Fetch and write these records."""
        for shopify_id in sorted(shopify_ids):
            if self.stop.is_set():
                raise Stopping("The check pauses here and continues at the next start.")
            asked_at = datetime.now(UTC)
            records = fetch(self.client, f"id:{shopify_id}", None, 1).records
            log.warning("fetched a missing record", kind=kind, shopify_id=shopify_id)
            with tenant_session(self.store.tenant_id) as session:
                reading = ingest.Reading(asked_at)
                ingest.write(session, self.store.key, records, datetime.now(UTC), reading=reading)

    def _delete_missing(self, kind: Kind, shopify_ids: Sequence[int]) -> set[int]:
        """Delete the ids that Shopify does not know; return them.

        A customer is deleted only after its orders were re-fetched: a worker that goes on after a kill then finds the
        customer again.
        """
        missing: set[int] = set()
        for first in range(0, len(shopify_ids), _PAGE):
            batch = record_ids.missing_ids(self.client, kind, shopify_ids[first : first + _PAGE])
            missing |= set(batch)
            deleted = 0
            for shopify_id in batch:
                if kind is Kind.CUSTOMER:
                    self._refetch_orders_of(shopify_id)
                now = datetime.now(UTC)
                with tenant_session(self.store.tenant_id) as session:
                    deletion = Deleted(kind, shopify_id, now, is_inferred=True)
                    deleted += ingest.write(session, self.store.key, [deletion], now).deleted
                    _note_followed(session, self.store.key, kind, shopify_id, now)
            if deleted:
                log.warning("deleted records that shopify does not know", kind=kind, count=deleted)
        return missing

    def _refetch_orders_of(self, customer_id: int) -> None:
        """Re-fetch the customer's orders. A merge gives them another customer, but does not change `updated_at`."""
        with tenant_session(self.store.tenant_id) as session:
            order_ids = _orders_of(session, self.store.key, customer_id)
        self._refetch_orders(order_ids)

    def _refetch_orders(self, order_ids: Sequence[int]) -> None:
        for first in range(0, len(order_ids), _ORDERS_AT_ONCE):
            if self.stop.is_set():
                raise Stopping("The check pauses here and continues at the next start.")
            now = datetime.now(UTC)
            records = pages.orders_by_ids(self.client, order_ids[first : first + _ORDERS_AT_ONCE])
            orders = [record for record in records if isinstance(record, OrderRecord)]
            with tenant_session(self.store.tenant_id) as session:
                repair = ingest.Reading(now, repairs=True)
                ingest.write(session, self.store.key, orders, now, reading=repair)


def _last(page: Sequence[int]) -> int | None:
    """The last id of a full page; None where no page follows."""
    return page[-1] if len(page) == _PAGE else None


def _stored_ids(key: StoreKey, id_column: InstrumentedAttribute[int], after: int, last: int | None) -> Select[int]:
    """Select the ids above `after` up to `last` of the store's rows; with None as `last`, to the end."""
    columns = id_column.class_.__table__.c
    query = select(id_column).where(key.owns(columns), columns.deleted_at.is_(None), id_column > after)
    return query if last is None else query.where(id_column <= last)


def _unknown_buyers(session: Session, key: StoreKey, after: int) -> Sequence[int]:
    """A page of customers above `after` that are on orders or checkouts and have no row, or a deleted one.

    Customers that Shopify was asked about since are left out: it would hide again what it hides.
    """
    buyers = []
    for model in (Order, Checkout):
        known = select(Customer.customer_id).where(
            key.owns(Customer), Customer.customer_id == model.customer_id, Customer.deleted_at.is_(None)
        )
        followed = select(Deletion.shopify_id).where(
            _owns_deletion(key, Kind.CUSTOMER),
            Deletion.shopify_id == model.customer_id,
            Deletion.followed_at >= model.updated_at,
        )
        query = select(model.customer_id).where(
            key.owns(model), model.deleted_at.is_(None), model.customer_id > after
        )
        buyers.append(query.where(~known.exists(), ~followed.exists()))
    customer_id = union(*buyers).subquery().c.customer_id
    return session.scalars(select(customer_id).order_by(customer_id).limit(_PAGE)).all()


def _inferred_deletions(session: Session, key: StoreKey, kind: Kind, after: int) -> Sequence[int]:
    query = select(Deletion.shopify_id).where(
        _owns_deletion(key, kind), Deletion.is_inferred, Deletion.shopify_id > after
    )
    return session.scalars(query.order_by(Deletion.shopify_id).limit(_PAGE)).all()


def _note_followed(session: Session, key: StoreKey, kind: Kind, shopify_id: int, now: datetime) -> None:
    if kind is Kind.CUSTOMER:
        deletion = (_owns_deletion(key, kind), Deletion.shopify_id == shopify_id)
        session.execute(update(Deletion).where(*deletion).values(followed_at=now))


def _owns_deletion(key: StoreKey, kind: Kind) -> ColumnElement[bool]:
    return and_(key.owns(Deletion), Deletion.kind == kind)


def _orders_of(session: Session, key: StoreKey, customer_id: int) -> Sequence[int]:
    query = select(Order.order_id).where(key.owns(Order), Order.customer_id == customer_id)
    return session.scalars(query).all()
