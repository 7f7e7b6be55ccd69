"""What became of the checkouts that were begun? Counts, values and rates, by the day on which each began.

Shopify lists abandoned checkouts only. An order that names a checkout which is not stored therefore counts as a
checkout, too: it began and was completed on the order's day. Sums come from `checkouts_by_day` and
`checkout_orders_by_day`; rows are read for the day that `until` cuts and for checkouts younger than the delay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.checkouts import step_of
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Aging:
    """When a checkout counts as abandoned: `delay` after its start, as of `now`."""

    delay: timedelta
    now: datetime

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of a question. A checkout that began after `settled_until` is young."""
        return {"step": step_of(self.delay), "settled_until": self.now - self.delay}


@dataclass(frozen=True, slots=True)
class CheckoutCounts:
    """Checkouts by state: the four add up to those started. `checkouts_young` of them are younger than the delay."""

    checkouts_completed: int
    checkouts_recovered: int
    checkouts_abandoned: int
    checkouts_pending: int
    checkouts_young: int

    @property
    def checkouts_started(self) -> int:
        """All of them."""
        return self.checkouts_completed + self.checkouts_recovered + self.checkouts_abandoned + self.checkouts_pending

    @property
    def abandonment_rate(self) -> Decimal | None:
        """Checkouts that were abandoned, recovered later or not, by those older than the delay; None without any."""
        left = self.checkouts_abandoned + self.checkouts_recovered
        return ratio(left, self.checkouts_started - self.checkouts_young)

    @property
    def recovery_rate(self) -> Decimal | None:
        """Recovered checkouts by all that were abandoned; None without any."""
        return ratio(self.checkouts_recovered, self.checkouts_abandoned + self.checkouts_recovered)


@dataclass(frozen=True, slots=True)
class Checkouts(CheckoutCounts):
    """The counts with their values.

    `abandoned_value` is the total of abandoned checkouts, `recovered_value` the net sales to date of the orders that
    came of recovered ones; `recovered_without_order` of these have no known order.
    """

    abandoned_value: Decimal
    recovered_value: Decimal
    recovered_without_order: int


@dataclass(frozen=True, slots=True)
class CheckoutPoint(CheckoutCounts):
    """The counts of the checkouts that began on the days from `start` on."""

    start: datetime


def checkouts(session: Session, scope: Scope, period: Period, aging: Aging) -> Checkouts:
    """Sum up the checkouts that began in the period."""
    row = session.execute(_SUMMARY, {**scope.within(period), **aging.parameters}).mappings().one()
    return Checkouts(**row)


def checkouts_over_time(
    session: Session, scope: Scope, period: Period, aging: Aging, points: Sequence[datetime]
) -> tuple[CheckoutPoint, ...]:
    """Count the checkouts that began by points of whole days, with zeros where none began."""
    parameters = {**scope.within(period), **aging.parameters, "points": list(points)}
    rows = session.execute(text(OVER_TIME), parameters)
    return tuple(CheckoutPoint(**row) for row in rows.mappings())


LIVE = f"{f.of_store('c')} AND c.deleted_at IS NULL"
BY_CHECKOUT = """o.checkout_token IS NOT NULL
      AND coalesce(o.source_name, 'web') NOT IN ('pos', 'iphone', 'android', 'shopify_draft_order',
                                                 'subscription_contract')"""
"""Orders that came from a checkout: tills and drafts give their orders a token, too."""
_CUT = f"""CAST(:until AS timestamptz) IS NOT NULL AND {{day}} > {f.last_whole_day()} AND {{day}} <= :end
      AND {{instant}} < :until"""
_YOUNG = """{instant} > :settled_until AND {day} BETWEEN :start AND :end
      AND {day} >= CAST(CAST(:settled_until AS timestamptz) AT TIME ZONE 'UTC' AS date) - 1
      AND (CAST(:until AS timestamptz) IS NULL OR {instant} < :until)"""
_NEW = f"{LIVE} AND c.currency = {f.CURRENCY}"
_BOUGHT = f"""{f.ORDERS_OF_STORE} AND o.currency = {f.CURRENCY} AND {BY_CHECKOUT}
      AND NOT EXISTS (SELECT FROM checkouts c WHERE {LIVE} AND c.order_id = o.order_id)"""


def _state(ended_after: str) -> str:
    return f"""CASE WHEN {ended_after} < 0 THEN 'abandoned' WHEN {ended_after} <= :step THEN 'completed'
                ELSE 'recovered' END"""


def _of(condition: str, alias: str) -> str:
    instant = {"c": "c.created_at", "o": "o.processed_at"}[alias]
    return condition.format(day=f"{alias}.business_date", instant=instant)


_STORED = f"""
    SELECT k.business_date AS day, {_state("k.ended_after")} AS state, k.checkouts, k.total, k.order_net, k.with_order
    FROM checkouts_by_day k
    WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.business_date BETWEEN :start AND {f.last_whole_day()}
    UNION ALL
    SELECT c.business_date, {_state("coalesce(c.ended_after, -1)")}, 1, c.total, coalesce(c.order_net, 0),
           CASE WHEN c.order_id IS NULL THEN 0 ELSE 1 END
    FROM checkouts c WHERE {_NEW} AND {_of(_CUT, "c")}
    UNION ALL
    SELECT c.business_date, moved.state, moved.checkouts, moved.checkouts * c.total, 0, 0
    FROM checkouts c, (VALUES ('abandoned', -1), ('pending', 1)) moved (state, checkouts)
    WHERE {_NEW} AND c.ended_after IS NULL AND {_of(_YOUNG, "c")}
    UNION ALL
    SELECT c.business_date, 'young', 1, 0, 0, 0 FROM checkouts c WHERE {_NEW} AND {_of(_YOUNG, "c")}"""
"""The stored checkouts of the period in parts that add up; open ones that are young are moved from abandoned to
pending."""
_PARTS = f"""{_STORED}
    UNION ALL
    SELECT k.business_date, 'completed', k.orders - k.with_checkout, 0, 0, 0
    FROM checkout_orders_by_day k
    WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.business_date BETWEEN :start AND {f.last_whole_day()}
    UNION ALL
    SELECT o.business_date, 'completed', 1, 0, 0, 0 FROM orders o WHERE {_BOUGHT} AND {_of(_CUT, "o")}
    UNION ALL
    SELECT o.business_date, 'young', 1, 0, 0, 0 FROM orders o WHERE {_BOUGHT} AND {_of(_YOUNG, "o")}"""
"""With the checkouts that only orders name."""


def _sum(column: str, state: str) -> str:
    return f"coalesce(sum({column}) FILTER (WHERE state = '{state}'), 0)"


_COUNTED = ("completed", "recovered", "abandoned", "pending", "young")
_COUNTS = ", ".join(f"{_sum('checkouts', state)}::bigint AS checkouts_{state}" for state in _COUNTED)

STORED_COUNT = f"""
    SELECT coalesce(sum(checkouts), 0)::bigint FROM ({_STORED}) parts
    WHERE state <> 'young' AND :state IN ('', state)"""
"""How many stored checkouts the period has in the state."""

_SUMMARY = text(f"""
SELECT {_COUNTS}, {_sum("total", "abandoned")} AS abandoned_value,
       {_sum("order_net", "recovered")} AS recovered_value,
       {_sum("checkouts - with_order", "recovered")}::bigint AS recovered_without_order
FROM ({_PARTS}) parts
""")

OVER_TIME = f"""
SELECT points.start, {", ".join(f"coalesce(checkouts_{state}, 0) AS checkouts_{state}" for state in _COUNTED)}
FROM (
    SELECT n - 1 AS point, start
    FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
) points
LEFT JOIN (
    SELECT {f.point(f"CAST(day AS timestamp) AT TIME ZONE {f.ZONE}")} AS point, {_COUNTS}
    FROM ({_PARTS}) parts GROUP BY 1
) counted USING (point)
ORDER BY points.point
"""
