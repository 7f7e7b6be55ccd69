"""The sentence that explains a change: its amounts add up, and causes that added nothing are left out."""

from __future__ import annotations

from decimal import Decimal

from core.metrics.sales.overview import Headline
from dashboard.drawing.sentences import net_sales_change


def period(orders: int, placed: int, returns: int = 0) -> Headline:
    net = Decimal(placed - returns)
    return Headline(orders=orders, placed_value=Decimal(placed), returns=Decimal(returns), net_sales=net)


def said(current: Headline, earlier: Headline) -> str:
    """The sentence without its word joiners."""
    return net_sales_change(current, earlier, "EUR").replace("\u2060", "")


def test_a_rise_names_its_causes_and_their_amounts() -> None:
    """From 980 to 1,105: 8 more orders of 10, 40 by their value, and 5 less returned."""
    assert said(period(108, 1120, 15), period(100, 1000, 20)) == (
        "You sold €1,105.00, €125.00 more than before: +€80.00 from more orders, +€40.00 from bigger baskets, "
        "+€5.00 from fewer returns."
    )


def test_a_fall_leaves_out_what_changed_nothing() -> None:
    assert said(period(5, 50), period(10, 100)) == (
        "You sold €50.00, €50.00 less than before: −€50.00 from fewer orders."
    )


def test_causes_that_pull_in_both_directions_have_their_signs() -> None:
    assert said(period(12, 108, 10), period(10, 100)) == (
        "You sold €98.00, €2.00 less than before: +€20.00 from more orders, −€12.00 from smaller baskets, "
        "−€10.00 from more returns."
    )


def test_growth_from_nothing_is_all_orders_and_no_change_has_no_cause() -> None:
    assert said(period(1, 50), period(0, 0)) == "You sold €50.00, €50.00 more than before: +€50.00 from more orders."
    assert said(period(1, 50), period(1, 50)) == "You sold €50.00, as much as before."


def test_large_amounts_have_no_cents_and_still_add_up() -> None:
    """20,000.90 and -0.60 round to 20,001 and -1, and 20,000.30 to 20,000."""
    current = Headline(
        orders=1, placed_value=Decimal("20000.90"), net_sales=Decimal("20000.30"), returns=Decimal("0.60")
    )
    assert said(current, Headline()) == (
        "You sold €20,000, €20,000 more than before: +€20,001 from more orders, −€1 from more returns."
    )


def test_a_sum_without_cents_has_causes_without_cents() -> None:
    current = Headline(orders=2, placed_value=Decimal("10020.40"), net_sales=Decimal("10020.40"))
    earlier = Headline(orders=2, placed_value=Decimal("10000.00"), net_sales=Decimal("10000.00"))
    assert said(current, earlier) == "You sold €10,020, €20 more than before: +€20 from bigger baskets."
