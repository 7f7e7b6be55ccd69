"""Customers and products that Shopify has no more, though no webhook said so: an ended subscription, a lost delivery.

A sync cannot find them, for what is gone does not change. They are looked for when more are here than Shopify counts,
and one is taken out only when Shopify, asked for it by its id, says that there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import ingest, logs
from core.db import tenant_session
from core.errors import Stopping
from core.ingest import again
from core.models import Checkout, Customer, Order, Product
from core.records import Deleted, Kind
from core.records import Order as OrderRecord
from core.shopify import comparing, reading
from core.shopify.client import ShopifyClient
from core.stores import StoreView

_AT_ONCE = 250
_WHOLE_AT_ONCE = 25
_KINDS = (
    (Kind.CUSTOMER, Customer.customer_id, "read_customers"),
    (Kind.PRODUCT, Product.product_id, "read_products"),
)

log = logs.get(__name__)


def take_out(client: ShopifyClient, tenant_id: int, store: StoreView, stop: threading.Event) -> int:
    """Take out what Shopify has no more; returns how many those were. The orders of customers who are gone are read
    back: they may be another's now.

    Raises:
        Stopping: `stop` was set; what was taken out stays so. And as `ShopifyClient.execute`.
    """
    readable = [(kind, key) for kind, key, scope in _KINDS if scope not in store.missing_scopes]
    wanted = {f"{kind}s" for kind, _ in readable}
    asked = {name: "" if name in wanted else None for name in ("customers", "products")}
    totals = reading.counts(client, orders=None, **asked)
    theirs = {Kind.CUSTOMER: totals.customers, Kind.PRODUCT: totals.products}
    return sum(_take_out(client, tenant_id, store.store_id, kind, key, theirs[kind], stop) for kind, key in readable)


def _take_out(
    client: ShopifyClient,
    tenant_id: int,
    store_id: int,
    kind: Kind,
    key: InstrumentedAttribute[int],
    theirs: int,
    stop: threading.Event,
) -> int:
    with tenant_session(tenant_id) as session:
        here = _here(session, tenant_id, store_id, key)
        odd = _unknown_buyers(session, tenant_id, store_id) if kind is Kind.CUSTOMER else set()
    if len(here) > theirs:
        for listed in comparing.ids(client, kind):
            here.discard(listed)
            if stop.is_set():
                raise Stopping("The check stops here and goes on at the next start.")
        odd |= here
    unlisted = sorted(odd)
    gone: list[int] = []
    for first in range(0, len(unlisted), _AT_ONCE):
        gone += comparing.gone(client, kind, unlisted[first : first + _AT_ONCE])
    if gone:
        log.warning("taken out what shopify has no more", kind=kind, count=len(gone))
        if kind is Kind.CUSTOMER:
            # Before the customers are marked, so that a killed process finds them once more.
            _read_orders_of(client, tenant_id, store_id, gone, stop)
        now = datetime.now(UTC)
        with tenant_session(tenant_id) as session:
            ingest.write(session, tenant_id, store_id, [Deleted(kind, each, now) for each in gone], now)
    return len(gone)


def _read_orders_of(
    client: ShopifyClient, tenant_id: int, store_id: int, customer_ids: Sequence[int], stop: threading.Event
) -> None:
    """Whose the orders of these customers are now; a merge changes that, but not when they were changed last."""
    with tenant_session(tenant_id) as session:
        order_ids = _orders_of(session, tenant_id, store_id, customer_ids)
    for first in range(0, len(order_ids), _WHOLE_AT_ONCE):
        read = reading.orders_by_ids(client, order_ids[first : first + _WHOLE_AT_ONCE])
        orders = [one for one in read if isinstance(one, OrderRecord)]
        with tenant_session(tenant_id) as session:
            again.write(session, tenant_id, store_id, orders, datetime.now(UTC))
        if stop.is_set():
            raise Stopping("The check stops here and goes on at the next start.")


def _here(session: Session, tenant_id: int, store_id: int, key: InstrumentedAttribute[int]) -> set[int]:
    columns = key.class_.__table__.c
    mine = (columns.tenant_id == tenant_id, columns.store_id == store_id, columns.deleted_at.is_(None))
    return set(session.scalars(select(key).where(*mine)))


def _unknown_buyers(session: Session, tenant_id: int, store_id: int) -> set[int]:
    """Customers who are on orders or checkouts, and not here, or not any more: they came and went unheard of."""
    found: set[int] = set()
    for model in (Order, Checkout):
        known = select(Customer.customer_id).where(
            Customer.tenant_id == tenant_id,
            Customer.store_id == store_id,
            Customer.customer_id == model.customer_id,
            Customer.deleted_at.is_(None),
        )
        mine = (model.tenant_id == tenant_id, model.store_id == store_id, model.deleted_at.is_(None))
        query = select(model.customer_id).where(*mine, model.customer_id.is_not(None), ~known.exists())
        found.update(each for each in session.scalars(query.distinct()) if each is not None)
    return found


def _orders_of(session: Session, tenant_id: int, store_id: int, customer_ids: Sequence[int]) -> Sequence[int]:
    mine = (Order.tenant_id == tenant_id, Order.store_id == store_id, Order.customer_id.in_(customer_ids))
    return session.scalars(select(Order.order_id).where(*mine)).all()
