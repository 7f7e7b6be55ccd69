"""Shops with a few orders, whose figures can be added up by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from core import ingest, stores
from core.database import tenant_session
from core.domain import Record
from core.domain.periods import Grain, Period
from core.metrics import Scope
from core.metrics.sales.overview import Headline, Point, report
from tests.cast import Business, Cast, add_store

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shop:
    """A store to write records to and ask questions about."""

    business: Business
    zone: ZoneInfo

    @property
    def scope(self) -> Scope:
        return Scope(self.business.key)

    def receive(self, *records: Record) -> None:
        """Write records as if Shopify had sent them."""
        with tenant_session(self.business.tenant_id) as session:
            ingest.write(session, self.business.key, records, NOW)

    def ask(self, question: Callable[..., T], *arguments: Any, **narrowed: Any) -> T:
        """Ask a question of `core.metrics`."""
        with tenant_session(self.business.tenant_id) as session:
            return question(session, self.scope, *arguments, **narrowed)

    def ask_in(self, currency: str, question: Callable[..., T], *arguments: Any) -> T:
        """Ask as `ask`, for figures in another currency than the store's."""
        scope = replace(self.scope, currency=currency)
        with tenant_session(self.business.tenant_id) as session:
            return question(session, scope, *arguments)

    def days(self, start: str, end: str | None = None, until: datetime | None = None) -> Period:
        return Period(date.fromisoformat(start), date.fromisoformat(end or start), self.zone, until)


def headline(session: Session, scope: Scope, period: Period) -> Headline:
    """Return the figures of the whole period."""
    return report(session, scope, period, period.grain).whole


def series(session: Session, scope: Scope, period: Period, grain: Grain) -> tuple[Point, ...]:
    """Return the figures point by point."""
    return report(session, scope, period, grain).points


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make Alice's shop in Berlin, in euros."""
    return shop_of(cast.acme)


@pytest.fixture
def tokyo(cast: Cast) -> Shop:
    """Make a shop of Alice's in yen."""
    return shop_of(add_store(cast.alice.tenant_id, "Acme Tokyo", "acme-tokyo.myshopify.com", "JPY", "Asia/Tokyo"))


def shop_of(business: Business) -> Shop:
    return Shop(business, stores.find(business.key).time_zone)
