"""What happened between a store and one customer, in order of time, and their net sales by month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.metrics.customers.timeline import EventKind, MonthSales, months, timeline
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import at, utc


def test_orders_returns_refunds_and_cancellations_stand_in_order_of_time(acme: Shop) -> None:
    """Two orders of two shirts at 20.00 each; one shirt of the second comes back in December."""
    back, cancelled = utc(2026, 12, 2), utc(2026, 12, 3)
    acme.receive(
        made.customer(81),
        at(utc(2026, 1, 5), 1, customer_id=81, name="#1"),
        at(
            utc(2026, 11, 5),
            2,
            customer_id=81,
            name="#2",
            refunds=(made.refund(31, 2, back),),
            cancelled_at=cancelled,
        ),
        at(utc(2026, 11, 6), 3, name="#3"),
    )
    events = acme.ask(timeline, "c:81", 10)
    assert [(event.kind, event.order_name, event.happened_at) for event in events] == [
        (EventKind.CANCELLATION, "#2", cancelled),
        (EventKind.REFUND, "#2", back),
        (EventKind.RETURN, "#2", back),
        (EventKind.ORDER, "#2", utc(2026, 11, 5)),
        (EventKind.ORDER, "#1", utc(2026, 1, 5)),
    ]
    assert [event.amount for event in events[:3]] == [None, Decimal("-23.80"), Decimal("-20.00")]
    assert len(acme.ask(timeline, "c:81", 2)) == 2


def test_a_month_has_the_sales_and_returns_dated_in_it(acme: Shop) -> None:
    acme.receive(
        made.customer(81),
        at(utc(2026, 11, 5), 1, customer_id=81, refunds=(made.refund(31, 1, utc(2026, 12, 2)),)),
        at(utc(2026, 11, 6), 2, customer_id=81, currency="USD"),
    )
    assert acme.ask(months, "c:81") == (
        MonthSales(date(2026, 11, 1), 1, Decimal("40.00")),
        MonthSales(date(2026, 12, 1), 0, Decimal("-20.00")),
    )


def test_another_business_sees_nothing_of_a_customer(acme: Shop, cast: Cast) -> None:
    acme.receive(made.customer(81), made.order(customer_id=81))
    globex = shop_of(cast.globex)
    assert globex.ask(timeline, "c:81", 10) == ()
    assert globex.ask(months, "c:81") == ()
