"""The sentence that explains a change: its amounts add up, and causes that added nothing are left out."""

from __future__ import annotations

from decimal import Decimal

from core.metrics.overview import Headline
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
        "Net sales are up 12.8% (+€125.00): orders +€80.00, order value +€40.00, returns +€5.00."
    )


def test_a_fall_leaves_out_what_changed_nothing() -> None:
    assert said(period(5, 50), period(10, 100)) == ("Net sales are down 50.0% (−€50.00): orders −€50.00.")


def test_growth_from_nothing_has_no_percentage_and_no_change_has_no_cause() -> None:
    assert said(period(1, 50), period(0, 0)) == "Net sales are up (+€50.00): orders +€50.00."
    assert said(period(1, 50), period(1, 50)) == "Net sales are unchanged."
