"""Why net sales changed: causes that add up to the change, computed by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.metrics.bridges.bridge import Bridge, bridge
from core.metrics.sales.overview import Headline
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, figures, utc


def period(orders: int, placed: str, returns: str = "0", edits: str = "0") -> Headline:
    net = Decimal(placed) + Decimal(edits) - Decimal(returns)
    return Headline(orders=orders, placed_value=Decimal(placed), returns=Decimal(returns), net_sales=net)


def test_the_causes_are_orders_their_value_returns_and_edits() -> None:
    """100 orders of 10.00, then 108 of 10.30: 80.00 by the orders, 32.40 by their value; returns fell by 5.00."""
    causes = bridge(period(108, "1112.40", "15", edits="7"), period(100, "1000", "20"), "EUR")
    assert causes == Bridge(Decimal("80.00"), Decimal("32.40"), Decimal(5), Decimal(7))
    assert causes.total == Decimal("124.40")


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_no_cent_is_lost_where_the_average_has_no_end(currency: str) -> None:
    """An average of 100 / 3 a piece cannot be written down; one more order of it is rounded, the rest is not lost."""
    now, before = period(4, "150", "3.5"), period(3, "100", "1.25")
    causes = bridge(now, before, currency)
    assert causes.total == now.net_sales - before.net_sales
    assert causes.orders == {"EUR": Decimal("33.33"), "JPY": Decimal(33), "KWD": Decimal("33.333")}[currency]


def test_after_a_period_without_orders_all_comes_from_orders() -> None:
    assert bridge(period(2, "50"), period(0, "0", "8"), "EUR") == Bridge(
        Decimal(50), Decimal(0), Decimal(8), Decimal(0)
    )


def test_before_a_period_without_orders_all_went_with_the_orders() -> None:
    causes = bridge(period(0, "0"), period(3, "100"), "EUR")
    assert (causes.orders, causes.order_value) == (Decimal(-100), Decimal(0))


def test_the_causes_of_a_real_store_add_up_to_the_change(acme: Shop) -> None:
    """October: one order of 40.00. November: two orders of 40.00, a return of 20.00, and an edit that adds 10.00."""
    placed = made.agreement(made.sale(total="47.60", tax="7.60"), at=utc(2026, 11, 4))
    edited = made.agreement(
        made.sale(action="update", total="11.90", tax="1.90"),
        agreement_id=62,
        at=utc(2026, 11, 4) + timedelta(days=1),
        reason="order_edit",
    )
    acme.receive(
        at(utc(2026, 10, 3), 1),
        at(utc(2026, 11, 3), 2, refunds=(made.refund(),)),
        at(utc(2026, 11, 4), 3, agreements=(placed, edited)),
    )
    november, october = figures(acme, "2026-11-01", "2026-11-30"), figures(acme, "2026-10-01", "2026-10-31")
    causes = bridge(november, october, "EUR")
    assert causes == Bridge(Decimal(40), Decimal(0), Decimal(-20), Decimal(10))
    assert causes.total == november.net_sales - october.net_sales == Decimal(30)
