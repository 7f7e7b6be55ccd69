"""Which customers are alike? Segments by when they last ordered, how often, and for how much (RFM).

Each customer has three scores from 1 to 5: the fifth of the store's customers that the last order's day (R), the
number of orders (F) and net sales to date (M) are in, 5 the latest or largest. Equal customers share the lower score.
`core.rollups.segments` computes them each night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, order_by


class Segment(StrEnum):
    """A segment, named as Shopify names its own; the limits are ours, because Shopify does not publish its own."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    ACTIVE = "active"
    NEW = "new"
    PROMISING = "promising"
    NEEDS_ATTENTION = "needs_attention"
    AT_RISK = "at_risk"
    PREVIOUSLY_LOYAL = "previously_loyal"
    ALMOST_LOST = "almost_lost"
    DORMANT = "dormant"


GRID = (
    (Segment.DORMANT, Segment.DORMANT, Segment.DORMANT, Segment.PREVIOUSLY_LOYAL, Segment.PREVIOUSLY_LOYAL),
    (Segment.ALMOST_LOST, Segment.ALMOST_LOST, Segment.AT_RISK, Segment.AT_RISK, Segment.AT_RISK),
    (*[Segment.NEEDS_ATTENTION] * 3, Segment.LOYAL, Segment.LOYAL),
    (Segment.PROMISING, Segment.PROMISING, Segment.ACTIVE, Segment.LOYAL, Segment.LOYAL),
    (Segment.NEW, Segment.PROMISING, Segment.ACTIVE, Segment.CHAMPIONS, Segment.CHAMPIONS),
)
"""The published grid: a row for each R from 1, a column for each FM from 1: the mean of F and M, halves upwards."""


class MemberKey(StrEnum):
    """What the list of members can be sorted by."""

    NET_SALES = "net_sales"
    ORDERS = "orders"
    LAST_ORDER = "last_order"


BEST_FIRST = Sort(MemberKey.NET_SALES, is_descending=True)


@dataclass(frozen=True, slots=True)
class SegmentBuild:
    """As of when customers are scored, by orders of which currency, and how many there are."""

    built_at: datetime
    currency: str
    customers: int


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment's customers, with their orders and net sales to date. Shares are of all scored customers."""

    segment: Segment
    customers: int
    orders: int
    net_sales: Decimal
    share: Decimal | None

    @property
    def average_value(self) -> Decimal | None:
        """Net sales a customer."""
        return ratio(self.net_sales, self.customers)

    @property
    def average_orders(self) -> Decimal | None:
        """Orders a customer."""
        return ratio(self.orders, self.customers)


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of a segment, as of the last build. Name and email are None if unknown, withheld or erased.

    `shopify_group` and `shopify_tier` are Shopify's own segment, and the spending that it expects (high, medium,
    low); None where Shopify has none.
    """

    customer_key: str
    name: str | None
    email: str | None
    country: str | None
    recency: int
    frequency: int
    monetary: int
    orders: int
    net_sales: Decimal
    last_order_at: datetime
    shopify_group: str | None
    shopify_tier: str | None


@dataclass(frozen=True, slots=True)
class ShopifyReadings:
    """When Shopify's API was last asked for its own segments: of the customer read longest ago, and of the latest."""

    first_at: datetime
    last_at: datetime


def segment_build(session: Session, scope: Scope) -> SegmentBuild | None:
    """Find the last build; None before the first."""
    query = f"SELECT built_at, currency, customers FROM segment_builds b WHERE {f.of_store('b')}"
    row = session.execute(text(query), scope.store.parameters).mappings().one_or_none()
    return SegmentBuild(**row) if row else None


def shopify_readings(session: Session, scope: Scope) -> ShopifyReadings | None:
    """Find when Shopify's own segments of the store's customers were read; None where no customer has one."""
    row = session.execute(text(_READINGS), scope.store.parameters).mappings().one()
    return ShopifyReadings(**row) if row["first_at"] else None


def segments(session: Session, scope: Scope) -> tuple[SegmentRow, ...]:
    """List the segments, the best first; also those without a customer."""
    rows = {row["segment"]: row for row in session.execute(text(SEGMENTS), scope.store.parameters).mappings()}
    total = sum(row["customers"] for row in rows.values())
    return tuple(
        SegmentRow(
            segment,
            row["customers"] if row else 0,
            row["orders"] if row else 0,
            row["net_sales"] if row else Decimal(0),
            ratio(row["customers"] if row else 0, total),
        )
        for segment in Segment
        for row in [rows.get(segment.value)]
    )


def members(
    session: Session,
    scope: Scope,
    segment: Segment,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[MemberKey] = BEST_FIRST,
) -> tuple[Member, ...]:
    """List a segment's customers."""
    parameters = {**scope.store.parameters, "segment": segment.value, "limit": limit, "offset": offset}
    return tuple(Member(**row) for row in session.execute(text(members_statement(sort)), parameters).mappings())


def segment_of(session: Session, scope: Scope, customer_key: str) -> Segment | None:
    """Find the segment of one customer; None before the first build, and without an order."""
    query = f"SELECT segment FROM customer_scores s WHERE {f.of_store('s')} AND s.customer_key = :customer_key"
    found = session.scalar(text(query), {**scope.store.parameters, "customer_key": customer_key})
    return Segment(found) if found else None


# Each bound is one look into the index, which the whole group of customers with a segment would not be.
_READINGS = f"""
SELECT min(c.statistics_read_at) AS first_at, max(c.statistics_read_at) AS last_at FROM customers c
WHERE {f.of_store("c")} AND c.deleted_at IS NULL
  AND EXISTS (SELECT FROM customers g WHERE {f.of_store("g")} AND g.deleted_at IS NULL AND g.rfm_group IS NOT NULL)
"""

SEGMENTS = f"SELECT segment, customers, orders, net_sales FROM segment_sums s WHERE {f.of_store('s')}"

_SORTED = {
    MemberKey.NET_SALES: "s.net_sales {}",
    MemberKey.ORDERS: "s.orders {}",
    MemberKey.LAST_ORDER: "s.last_order_at {}",
}


def members_statement(sort: Sort[MemberKey] = BEST_FIRST) -> str:
    """The SQL of `members`. Contacts are looked up for the rows of the page only."""
    # The tie has the direction of the sort, so that one index serves both directions.
    order = order_by(_SORTED, sort, f"s.customer_key {'DESC' if sort.is_descending else 'ASC'}")
    return f"""
    SELECT s.customer_key, {f.CUSTOMER_NAME} AS name,
           coalesce(c.email, CASE WHEN s.customer_key LIKE 'e:%' THEN substr(s.customer_key, 3) END) AS email,
           c.country, s.recency, s.frequency, s.monetary, s.orders, s.net_sales, s.last_order_at,
           c.rfm_group AS shopify_group, c.predicted_spend_tier AS shopify_tier
    FROM (
        SELECT * FROM customer_scores s WHERE {f.of_store("s")} AND s.segment = :segment
        {order} LIMIT :limit OFFSET :offset
    ) s
    LEFT JOIN customers c
      ON {f.of_store("c")} AND c.deleted_at IS NULL
     AND c.customer_id = CASE WHEN s.customer_key LIKE 'c:%' THEN CAST(substr(s.customer_key, 3) AS bigint) END
    {order}
    """
