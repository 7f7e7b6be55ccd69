"""Requests orders with parts that Shopify computes later, without a new version of the order: visits and fees."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select

from core.database import StoreKey, tenant_session
from core.database.models import Order as OrderRow
from core.database.models import Transaction
from core.sync import refetch

FEES_WITHIN = timedelta(days=10)
"""How long a payment without a known fee has its order re-read, once a day."""
FEES_FINAL_AFTER = timedelta(days=14)
"""The age from which a fee counts as final: by then payouts have been made, which fees are settled with."""
_FEES_AGAIN = timedelta(hours=20)
_FEES_FINAL_WITHIN = timedelta(days=21)
"""The age up to which an order is requested for adjusted fees: a week for stores that were out of reach."""
_MOST_FEES = 500
"""Orders of one request, about 63 answers of Shopify; a store with more than 12,000 orders a day keeps early fees."""
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
    """Request recent orders with a payment whose provider fee may have changed since they were read.

    Shopify dates a fee no change of its order. An order whose fee is unknown is requested once a day, until the fee
    is known or `FEES_WITHIN` is over. Each order is requested once more `FEES_FINAL_AFTER` its payment, because
    providers adjust fees. Called every hour, it requests up to `_MOST_FEES`, unknown fees first. A gateway that never
    reported a fee of the store is left out, unless it is Shopify Payments.
    """
    with tenant_session(key.tenant_id) as session:
        order_ids = [*session.scalars(_unknown_fees(key, now).limit(_MOST_FEES))]
        order_ids += session.scalars(_adjustable_fees(key, now).limit(_MOST_FEES - len(order_ids)))
        refetch.request(session, key, order_ids, now)


def _unknown_fees(key: StoreKey, now: datetime) -> Select[int]:
    """The orders whose fee is unknown, those read longest ago first."""
    paid = _paid_orders(key, now - FEES_WITHIN)
    unknown = paid.where(Transaction.fee.is_(None), OrderRow.read_at < now - _FEES_AGAIN)
    return unknown.order_by(func.min(OrderRow.read_at), OrderRow.order_id)


def _adjustable_fees(key: StoreKey, now: datetime) -> Select[int]:
    """The orders that were last read before the fees of their payments counted as final, the first paid first."""
    paid = _paid_orders(key, now - _FEES_FINAL_WITHIN)
    read_early = paid.where(
        Transaction.processed_at < now - FEES_FINAL_AFTER,
        OrderRow.read_at < Transaction.processed_at + FEES_FINAL_AFTER,
    )
    return read_early.order_by(func.min(Transaction.processed_at), OrderRow.order_id)


def _paid_orders(key: StoreKey, since: datetime) -> Select[int]:
    """The orders with a payment since then by a gateway that reports fees."""
    recent = (key.owns(Transaction), Transaction.business_date >= since.date())
    reporting = select(Transaction.gateway).where(*recent, Transaction.fee.is_not(None))
    return (
        select(OrderRow.order_id)
        .join(Transaction, and_(key.owns(Transaction), Transaction.order_id == OrderRow.order_id))
        .where(
            *recent,
            Transaction.kind.in_(("sale", "capture")),
            Transaction.status == "success",
            Transaction.test.is_(False),
            Transaction.amount > 0,
            or_(Transaction.gateway == _SHOPIFY_PAYMENTS, Transaction.gateway.in_(reporting)),
        )
        .where(key.owns(OrderRow), OrderRow.deleted_at.is_(None))
        .group_by(OrderRow.order_id)
    )
