"""The rows of a store's tables: written through `core.ingest`, read back as plain values."""

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
"""The tables of orders and refunds."""
_READ = ("read_at", "statistics_read_at", "known_at")


def write(business: Business, *records: Record, now: datetime = NOW, **options: Any) -> ingest.Written:
    """Write these records in one transaction."""
    with tenant_session(business.tenant_id) as session:
        return ingest.write(session, business.key, records, now, **options)


def rows(business: Business, model: type[Base]) -> list[dict[str, Any]]:
    """Return all rows of the store in a table, in the order of its key, without the times of its reading: they differ
    between two readings of the same record."""
    table = model.__table__
    with tenant_session(business.tenant_id) as session:
        result = session.execute(select(table).where(business.key.owns(model)).order_by(*table.primary_key))
        return [{name: value for name, value in row._mapping.items() if name not in _READ} for row in result]


def row(business: Business, model: type[Base]) -> dict[str, Any]:
    """Return the only row of a table."""
    (only,) = rows(business, model)
    return only


def ledger(business: Business) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of orders and refunds, to compare them as a whole."""
    return {model.__tablename__: rows(business, model) for model in LEDGER}


def total_sales(business: Business) -> Decimal:
    """Return net and taxes of everything but gift cards and tips."""
    counted = Sale.line_type.not_in(["gift_card", "tip"])
    with tenant_session(business.tenant_id) as session:
        return session.scalar(
            select(func.sum(Sale.net + Sale.tax)).where(business.key.owns(Sale), counted)
        ) or Decimal(0)
