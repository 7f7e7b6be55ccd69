"""Each change of an order is counted once, by day: as brought first by a webhook, or by the API."""

from __future__ import annotations

from datetime import date, timedelta

from core.database import tenant_session
from core.domain import Source
from core.domain.periods import Period
from core.metrics import Scope, health
from core.metrics.health import Arrivals
from core.stores import find
from tests.cast import NOW, Business, Cast
from tests.factories import order
from tests.stored import write

SINCE = NOW + timedelta(hours=1)
"""After the store was connected."""


def arrivals(business: Business, day: date | None = None) -> Arrivals:
    zone = find(business.key).time_zone
    period = Period(day, day, zone) if day else Period(date(2026, 11, 1), date(2026, 12, 31), zone)
    with tenant_session(business.tenant_id) as session:
        return health.arrivals(session, Scope(business.key), period)


def test_the_first_report_of_an_order_counts_and_a_re_fetch_does_not(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, updated_at=SINCE, source=Source.WEBHOOK))
    write(cast.acme, order(order_id=1, updated_at=SINCE))
    write(cast.acme, order(order_id=2, updated_at=SINCE), order(order_id=3, updated_at=SINCE))
    assert arrivals(cast.acme) == Arrivals(by_webhook=1, by_polling=2)
    write(cast.acme, order(order_id=2, updated_at=SINCE + timedelta(minutes=1), source=Source.WEBHOOK))
    found = arrivals(cast.acme)
    assert found == Arrivals(by_webhook=2, by_polling=2)
    assert found.webhook_share == 0.5


def test_a_duplicate_and_a_late_version_are_no_news(cast: Cast) -> None:
    newest = order(order_id=1, updated_at=SINCE, source=Source.WEBHOOK)
    write(cast.acme, newest, newest)
    write(cast.acme, newest)
    write(cast.acme, order(order_id=1, updated_at=SINCE - timedelta(minutes=1), source=Source.WEBHOOK))
    assert arrivals(cast.acme) == Arrivals(by_webhook=1)


def test_what_changed_before_the_store_was_connected_is_not_counted(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, updated_at=NOW - timedelta(days=3)))
    assert arrivals(cast.acme) == Arrivals()
    assert arrivals(cast.acme).webhook_share is None


def test_a_file_of_orders_is_neither(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, updated_at=SINCE, source=Source.CSV))
    assert arrivals(cast.acme) == Arrivals()
    write(cast.acme, order(order_id=1, updated_at=SINCE, source=Source.WEBHOOK))
    assert arrivals(cast.acme) == Arrivals(by_webhook=1)


def test_a_change_belongs_to_the_stores_day(cast: Cast) -> None:
    """23:30 in London is the next day in Berlin."""
    late = NOW.replace(hour=23, minute=30)
    write(cast.acme, order(order_id=1, updated_at=late, source=Source.WEBHOOK))
    assert arrivals(cast.acme, date(2026, 11, 20)) == Arrivals()
    assert arrivals(cast.acme, date(2026, 11, 21)) == Arrivals(by_webhook=1)


def test_another_business_does_not_see_them(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, updated_at=SINCE, source=Source.WEBHOOK))
    with tenant_session(cast.globex.tenant_id) as session:
        zone = find(cast.acme.key).time_zone
        period = Period(date(2026, 11, 1), date(2026, 12, 31), zone)
        assert health.arrivals(session, Scope(cast.acme.key), period) == Arrivals()
