"""What did each day come to? Net sales and orders by day, from kept sums; the running day is as of now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Day:
    """The sums of a day. A day without any has no row."""

    day: date
    net_sales: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Daily:
    """The days of a question, and the first day of all with orders in this currency; None without orders."""

    days: tuple[Day, ...]
    first_day: date | None


def daily(session: Session, scope: Scope, first: date, last: date) -> Daily:
    """Ask for the days from `first` to `last`, both included."""
    rows = session.execute(_DAYS, {**scope.parameters, "first": first, "last": last}).mappings()
    return Daily(tuple(Day(**row) for row in rows), session.execute(_FIRST, scope.parameters).scalar())


_DAYS = text(f"""
SELECT d.business_date AS day, d.net_sales, d.orders
FROM sales_by_day d
WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :first AND :last
ORDER BY d.business_date
""")

_FIRST = text(f"""
SELECT min(d.business_date) FROM sales_by_day d
WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.orders > 0
""")
