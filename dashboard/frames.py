"""Answers of `core.metrics` as DataFrames, for drawing alone. Pure; no figure is computed here.

Amounts become floats, which is near enough for pixels and for a formatted cell; exports and sums never pass here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from core.metrics.customers import Buyer, NewAndReturning
from core.metrics.orders import OrderRow
from core.metrics.overview import Headline, Point
from core.periods import Period
from dashboard import formats


def over_time(
    metric: str,
    points: Sequence[Point],
    beside: Sequence[Point],
    period: Period,
    compared: Period | None,
    now: datetime,
) -> pd.DataFrame:
    """A row a point: `start` in the store's time, `value` and `compared` (None where time has not come, or was cut),
    and how each of the two is called."""
    rows = []
    for n, point in enumerate(points):
        other = beside[n] if n < len(beside) else None
        until = compared.until if compared else None
        rows.append(
            {
                "start": point.start.astimezone(period.zone).replace(tzinfo=None),
                "name": formats.point(point.start, period.grain, period.zone),
                "value": _amount(point.figures, metric) if point.start <= now else None,
                "compared": _amount(other.figures, metric)
                if other and not (until and other.start >= until)
                else None,
                "compared_name": formats.point(other.start, period.grain, period.zone, dated=True) if other else None,
            }
        )
    return pd.DataFrame(rows)


def new_and_returning(points: Iterable[NewAndReturning], period: Period) -> pd.DataFrame:
    """A row a point: `start` in the store's time, its name, and the two counts."""
    return pd.DataFrame(
        {
            "start": point.start.astimezone(period.zone).replace(tzinfo=None),
            "name": formats.point(point.start, period.grain, period.zone),
            "new": point.new,
            "returning": point.returning,
        }
        for point in points
    )


def spark(points: Iterable[Point], metric: str, now: datetime) -> list[float]:
    """The metric point by point, as far as time has come; a ratio over nothing leaves its point out."""
    values = (_amount(point.figures, metric) for point in points if point.start <= now)
    return [value for value in values if value is not None]


def table(rows: Iterable[Any], columns: Sequence[str]) -> pd.DataFrame:
    """The dataclasses `rows` as a table of these fields, in this order; present with no rows too."""
    records = [{name: _plain(value) for name, value in asdict(row).items()} for row in rows]
    # As objects, or a column without any value would turn None into NaN, which reads as text.
    return pd.DataFrame(records, columns=list(columns), dtype=object).infer_objects()


def order_rows(rows: Iterable[OrderRow]) -> pd.DataFrame:
    """Orders as a table: states in words, a cancelled order said so where it would be fulfilled."""
    frame = table(rows, [one.name for one in fields(OrderRow)])
    frame["customer"] = [name or "Guest" for name in frame["customer"]]
    frame["financial_status"] = [formats.words(status) for status in frame["financial_status"]]
    frame["fulfillment_status"] = [
        "Cancelled" if pd.notna(cancelled) else formats.words(status or "unfulfilled")
        for status, cancelled in zip(frame["fulfillment_status"], frame["cancelled_at"], strict=True)
    ]
    return frame


def buyer_rows(rows: Iterable[Buyer]) -> pd.DataFrame:
    """Customers as a table; `customer` is the name, else the address, else that it was a guest."""
    frame = table(rows, [one.name for one in fields(Buyer)])
    frame["customer"] = [name or email or "Guest" for name, email in zip(frame["name"], frame["email"], strict=True)]
    return frame


def _amount(figures: Headline, metric: str) -> float | None:
    value = getattr(figures, metric)
    return None if value is None else float(value)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
