"""Cuts a store's first load into slices, the most recent orders first, so that charts show them soon."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.shopify.listing import stamp

_RECENT = (timedelta(days=30), timedelta(days=90), timedelta(days=365))
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Span:
    """The records of one slice: an entity; for orders, those created from `since` on, before `until`; None is
    open."""

    entity: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def search_text(self) -> str:
        """The search text of the span. Two spans may both find an order at their bound: writing it twice is
        harmless."""
        bounds = []
        if self.since is not None:
            bounds.append(f"created_at:>='{stamp(self.since)}'")
        if self.until is not None:
            bounds.append(f"created_at:<'{stamp(self.until)}'")
        return " ".join(bounds)


def spans(now: datetime, shop_created_at: datetime | None, entities: Collection[str]) -> tuple[Span, ...]:
    """The spans of a first load at `now` in the order of loading, for the entities that may be read.

    Orders of the last 30 days come first, then products, customers and stock, then older orders: to 90 days, to a
    year, and year by year back to the opening of the shop. The first and the last span of orders are open, so that no
    order is left out.
    """
    orders = list(_orders(now, shop_created_at))
    ordered = [*orders[:1], Span("products"), Span("customers"), Span("inventory"), *orders[1:], Span("checkouts")]
    return tuple(span for span in ordered if span.entity in entities)


def halves(span: Span, now: datetime, shop_created_at: datetime | None) -> tuple[Span, Span] | None:
    """The later and the earlier half of a span of orders that Shopify timed out on; None where it cannot be
    halved."""
    start = span.since or shop_created_at
    if span.entity != "orders" or start is None:
        return None
    middle = (start + ((span.until or now) - start) / 2).replace(microsecond=0)
    if not start < middle < (span.until or now):
        return None
    return Span("orders", middle, span.until), Span("orders", span.since, middle)


def _orders(now: datetime, shop_created_at: datetime | None) -> Iterator[Span]:
    edge = now.replace(microsecond=0)
    oldest = shop_created_at or edge - timedelta(days=5 * 365)
    until = None
    age = _RECENT[0]
    steps = iter(_RECENT[1:])
    while edge - age > oldest:
        yield Span("orders", edge - age, until)
        until = edge - age
        age = next(steps, age + _YEAR)
    yield Span("orders", None, until)
