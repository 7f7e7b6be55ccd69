"""Requests orders with parts that Shopify computes later, without a new version of the order: visits and fees."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from core.database import StoreKey, tenant_session
from core.database.models import Order as OrderRow
from core.database.models import Transaction
from core.sync import refetch

FEES_WITHIN = timedelta(days=10)
"""How long a payment without a known fee has its order re-read, once a day."""
_FEES_AGAIN = timedelta(hours=20)
_MOST_FEES = 500
"""Orders of one request, about 63 answers of Shopify."""
_SHOPIFY_PAYMENTS = "shopify_payments"
_VISITS_AFTER = timedelta(hours=1)
_ONLINE_STORE = "web"
_MOST_VISITS = 2000
"""Orders of one request, about 250 answers of Shopify; a sale of the year may have more, and they stay without."""


def request_visits(key: StoreKey, now: datetime) -> None:
    """Request orders of the online store that were read before Shopify had computed how their customer came.

    Shopify computes it within the hour, without a new version of the order. Called every hour, it requests each such
    order once.
    """
    read_early = (
        key.owns(OrderRow),
        OrderRow.business_date >= (now - 2 * _VISITS_AFTER).date() - timedelta(days=1),
        OrderRow.created_at >= now - 2 * _VISITS_AFTER,
        OrderRow.created_at < now - _VISITS_AFTER,
        OrderRow.read_at < OrderRow.created_at + _VISITS_AFTER,
        OrderRow.source_name == _ONLINE_STORE,
        OrderRow.journey.is_(None),
        OrderRow.deleted_at.is_(None),
    )
    with tenant_session(key.tenant_id) as session:
        refetch.request(
            session, key, session.scalars(select(OrderRow.order_id).where(*read_early).limit(_MOST_VISITS)), now
        )


def request_fees(key: StoreKey, now: datetime) -> None:
    """Request recent orders with a payment whose provider fee was not known when they were read.

    Shopify dates a fee no change of its order. Called every hour, it requests each such order once a day, up to
    `_MOST_FEES` an hour, until the fee is known or `FEES_WITHIN` is over. A gateway that never reported a fee of the
    store is left out, unless it is Shopify Payments.
    """
    paid = (
        key.owns(Transaction),
        Transaction.business_date >= (now - FEES_WITHIN).date(),
        Transaction.kind.in_(("sale", "capture")),
        Transaction.status == "success",
        Transaction.test.is_(False),
        Transaction.amount > 0,
    )
    reporting = select(Transaction.gateway).where(*paid[:2], Transaction.fee.is_not(None))
    query = (
        select(OrderRow.order_id)
        .join(Transaction, and_(key.owns(Transaction), Transaction.order_id == OrderRow.order_id))
        .where(
            *paid,
            Transaction.fee.is_(None),
            or_(Transaction.gateway == _SHOPIFY_PAYMENTS, Transaction.gateway.in_(reporting)),
        )
        .where(key.owns(OrderRow), OrderRow.read_at < now - _FEES_AGAIN, OrderRow.deleted_at.is_(None))
        .group_by(OrderRow.order_id)
        .order_by(func.min(OrderRow.read_at), OrderRow.order_id)
        .limit(_MOST_FEES)
    )
    with tenant_session(key.tenant_id) as session:
        refetch.request(session, key, session.scalars(query), now)
