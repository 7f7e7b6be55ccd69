"""What were a period's figures, as they were known at an instant? Exact, from the day on which changes are kept."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.bridges.changed_rows import CHANGED_ORDERS, CHANGED_SALES
from core.metrics.ratios import average_order_value
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class KnownFigures:
    """The figures of a period; `definitions` and `overview.Headline` use the same names."""

    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    shipping: Decimal
    taxes: Decimal
    duties: Decimal
    fees: Decimal
    total_sales: Decimal
    tips: Decimal
    placed_value: Decimal
    orders: int

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)

    def less(self, other: KnownFigures) -> KnownFigures:
        """Return each figure less the other's."""
        return KnownFigures(*(getattr(self, name) - getattr(other, name) for name in _NAMES))


@dataclass(frozen=True, slots=True)
class FiguresSince:
    """The figures as they were known at an instant (`then`), as they are now, and the difference of each."""

    then: KnownFigures
    now: KnownFigures

    @property
    def change(self) -> KnownFigures:
        return self.now.less(self.then)


def kept_since(session: Session, scope: Scope) -> datetime | None:
    """Return since when the store's changes are kept; None before its first load has ended."""
    since: datetime | None = session.execute(_KEPT_SINCE, scope.parameters).scalar()
    return since


def figures_since(session: Session, scope: Scope, period: Period, at: datetime) -> FiguresSince | None:
    """Compare the figures of a period now with those that were known at an instant; None if its changes are not
    kept."""
    since = kept_since(session, scope)
    if since is None or at < since:
        return None
    rows = session.execute(_FIGURES, {**scope.within(period), "at": at}).mappings().all()
    now, change = (KnownFigures(**{name: row[name] for name in _NAMES}) for row in rows)
    return FiguresSince(now.less(change), now)


_NAMES = tuple(field.name for field in fields(KnownFigures))
_OF_DAY = tuple(name for name in _NAMES if name not in ("total_sales", "orders"))
_KEPT = ", ".join(f"d.{name}" for name in _OF_DAY)
_SUMMED = ", ".join(f"{getattr(f, name.upper())} AS {name}" for name in _OF_DAY)
_PARTS = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in _OF_DAY)
_TOTAL = "net_sales + shipping + taxes + duties + fees AS total_sales"
_SIGNED = "line_type, action, reason, sign * net AS net, sign * discount AS discount, sign * tax AS tax"

_KEPT_SINCE = text(f"SELECT st.changes_kept_since FROM stores st WHERE {f.of_store('st')}")
_FIGURES = text(f"""
SELECT part, {", ".join(_OF_DAY)}, {_TOTAL}, orders
FROM (
    SELECT 0 AS part, {_PARTS}, coalesce(sum(orders), 0)::bigint AS orders
    FROM (
        SELECT {_KEPT}, d.orders FROM sales_by_day d
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY}
          AND d.business_date BETWEEN :start AND {f.last_whole_day()}
        UNION ALL
        SELECT {_SUMMED}, 0 FROM sales s WHERE {f.SALES_IN_PERIOD} AND s.business_date > {f.last_whole_day()}
        UNION ALL
        SELECT {", ".join("0" for _ in _OF_DAY)}, count(*)
        FROM orders o WHERE {f.ORDERS_IN_PERIOD} AND o.business_date > {f.last_whole_day()}
    ) parts
    UNION ALL
    SELECT 1, {_SUMMED}, (SELECT coalesce(sum(sign), 0)::bigint FROM ({CHANGED_ORDERS}) changed)
    FROM (SELECT {_SIGNED} FROM ({CHANGED_SALES}) changed) s
) figures
ORDER BY part
""")
