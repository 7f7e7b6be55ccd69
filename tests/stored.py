"""What is in a store's tables, for tests to compare: written through `core.ingest`, read back as plain values."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core import ingest
from core.database import tenant_session
from core.database.models import Base, LineItem, Order, Refund, RefundLine, Sale, ShippingLine
from core.domain import Record
from tests.cast import NOW, Business

LEDGER = (Order, LineItem, ShippingLine, Refund, RefundLine, Sale)
"""What an order and its refunds are kept in."""


def write(business: Business, *records: Record, now: datetime = NOW, **options: Any) -> ingest.Written:
    """One transaction with these records."""
    with tenant_session(business.tenant_id) as session:
        return ingest.write(session, business.key, records, now, **options)


def rows(business: Business, model: type[Base]) -> list[dict[str, Any]]:
    """Every row that the store has of a table, in the order of its key; without when Shopify was asked for it, in
    which two readings of the same thing differ."""
    table = model.__table__
    mine = (table.c.tenant_id == business.tenant_id, table.c.store_id == business.store_id)
    with tenant_session(business.tenant_id) as session:
        found = session.execute(select(table).where(*mine).order_by(*table.primary_key))
        return [{name: value for name, value in row._mapping.items() if name != "read_at"} for row in found]


def row(business: Business, model: type[Base]) -> dict[str, Any]:
    """The only row of a table."""
    (only,) = rows(business, model)
    return only


def ledger(business: Business) -> dict[str, list[dict[str, Any]]]:
    """All that is kept of orders and refunds, to be compared as a whole."""
    return {model.__tablename__: rows(business, model) for model in LEDGER}


def total_sales(business: Business) -> Decimal:
    """Net and taxes of everything but gift cards and tips."""
    counted = Sale.line_type.not_in(["gift_card", "tip"])
    mine = (Sale.tenant_id == business.tenant_id, Sale.store_id == business.store_id)
    with tenant_session(business.tenant_id) as session:
        return session.scalar(select(func.sum(Sale.net + Sale.tax)).where(*mine, counted)) or Decimal(0)
