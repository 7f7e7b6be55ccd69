"""The figures of a period, on orders small enough to be added up by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Deleted, Kind
from core.metrics import health
from core.metrics.sales.overview import Headline
from tests import factories as made
from tests.core.metrics.conftest import NOW, Shop, headline

NOVEMBER = ("2026-11-01", "2026-11-30")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def figures(shop: Shop, start: str, end: str | None = None, until: datetime | None = None) -> Headline:
    return shop.ask(headline, shop.days(start, end, until))


def said(figures: Headline, names: str) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in names.split()}


def at(when: datetime, order_id: int, **changes: Any) -> Any:
    """Make an order placed at this instant."""
    return made.order(order_id=order_id, created_at=when, processed_at=when, updated_at=when, **changes)


def test_one_order_is_worth_its_goods_shipping_and_tax(acme: Shop) -> None:
    acme.receive(made.order())
    assert figures(acme, *NOVEMBER) == Headline(
        gross_sales=Decimal("40.00"),
        net_sales=Decimal("40.00"),
        shipping=Decimal("5.00"),
        taxes=Decimal("7.60"),
        total_sales=Decimal("52.60"),
        orders=1,
        customers=1,
        new_customers=1,
        placed_value=Decimal("40.00"),
    )


def test_a_period_without_orders_has_zeros_and_no_ratios(acme: Shop) -> None:
    empty = figures(acme, *NOVEMBER)
    assert empty == Headline()
    assert empty.average_order_value is None
    assert empty.returning_customer_rate is None


def test_discounts_lower_net_sales_and_not_gross_sales(acme: Shop) -> None:
    acme.receive(made.order(line_items=(made.line(discount=Decimal("4.00"), tax="6.84"),)))
    found = figures(acme, *NOVEMBER)
    assert said(found, "gross_sales discounts net_sales average_order_value") == {
        "gross_sales": Decimal("40.00"),
        "discounts": Decimal("4.00"),
        "net_sales": Decimal("36.00"),
        "average_order_value": Decimal("36.00"),
    }


def test_a_return_counts_on_the_day_of_the_refund_and_not_of_the_order(acme: Shop) -> None:
    acme.receive(made.order(refunds=(made.refund(),)))
    ordered, refunded = figures(acme, "2026-11-02"), figures(acme, "2026-11-11")
    assert said(ordered, "net_sales returns taxes orders") == {
        "net_sales": Decimal("40.00"),
        "returns": 0,
        "taxes": Decimal("7.60"),
        "orders": 1,
    }
    assert said(refunded, "gross_sales returns net_sales taxes total_sales orders average_order_value") == {
        "gross_sales": 0,
        "returns": Decimal("20.00"),
        "net_sales": Decimal("-20.00"),
        "taxes": Decimal("-3.80"),
        "total_sales": Decimal("-23.80"),
        "orders": 0,
        "average_order_value": None,
    }


def test_the_average_order_value_is_of_orders_as_first_placed(acme: Shop) -> None:
    acme.receive(made.order(refunds=(made.refund(),)))
    assert figures(acme, *NOVEMBER).average_order_value == Decimal("40.00")


def test_money_kept_at_a_refund_lowers_the_returns(acme: Shop) -> None:
    """Goods of 20.00 were returned, but 5.00 of it was kept."""
    kept = made.refund(adjustments=(made.adjustment("refund_discrepancy", "5.00"),))
    acme.receive(made.order(refunds=(kept,)))
    found = figures(acme, *NOVEMBER)
    assert found.returns == Decimal("15.00")
    assert found.net_sales == found.gross_sales - found.discounts - found.returns == Decimal("25.00")


def test_refunded_shipping_is_taken_from_shipping_and_not_from_net_sales(acme: Shop) -> None:
    back = made.refund(lines=(), adjustments=(made.adjustment("shipping", "5.00"),))
    acme.receive(made.order(refunds=(back,)))
    found = figures(acme, "2026-11-11")
    assert said(found, "net_sales shipping total_sales") == {
        "net_sales": 0,
        "shipping": Decimal("-5.00"),
        "total_sales": Decimal("-5.00"),
    }


def test_selling_a_gift_card_is_an_order_but_no_sale(acme: Shop) -> None:
    card = made.line(is_gift_card=True, quantity=1, price="50.00", tax="0")
    acme.receive(made.order(line_items=(card,), shipping_lines=()))
    found = figures(acme, *NOVEMBER)
    assert said(found, "gross_sales net_sales total_sales orders average_order_value") == {
        "gross_sales": 0,
        "net_sales": 0,
        "total_sales": 0,
        "orders": 1,
        "average_order_value": 0,
    }


def test_a_tip_is_no_sale(acme: Shop) -> None:
    acme.receive(made.order(tip=Decimal("3.00")))
    assert said(figures(acme, *NOVEMBER), "total_sales tips") == {
        "total_sales": Decimal("52.60"),
        "tips": Decimal("3.00"),
    }


@pytest.mark.parametrize("kind", ["tip", "gift_card"])
def test_a_tax_on_a_tip_or_a_gift_card_is_no_tax_on_sales(acme: Shop, kind: str) -> None:
    placed = made.agreement(made.sale(total="23.80", tax="3.80"), made.sale(kind, total="11.90", tax="1.90"))
    acme.receive(made.order(agreements=(placed,)))
    assert said(figures(acme, *NOVEMBER), "taxes total_sales") == {
        "taxes": Decimal("3.80"),
        "total_sales": Decimal("23.80"),
    }


@pytest.mark.parametrize("strange", [{"line_type": "carbon_offset"}, {"line_type": "unknown"}, {"action": "unknown"}])
def test_a_sale_of_an_unknown_kind_is_in_no_figure_and_its_tax_neither(acme: Shop, strange: dict[str, str]) -> None:
    placed = made.agreement(made.sale(total="23.80", tax="3.80"), made.sale(total="11.90", tax="1.90", **strange))
    acme.receive(made.order(agreements=(placed,)))
    assert said(figures(acme, *NOVEMBER), "net_sales taxes total_sales") == {
        "net_sales": Decimal("20.00"),
        "taxes": Decimal("3.80"),
        "total_sales": Decimal("23.80"),
    }
    (named,) = acme.ask(health.unknown_sales, 5)
    assert (named.name, named.amount, named.total) == ("#1001", Decimal("11.90"), 1)


def test_duties_and_fees_are_in_total_sales_only(acme: Shop) -> None:
    placed = made.agreement(
        made.sale(total="23.80", tax="3.80"),
        made.sale("duty", quantity=1, total="6.00", tax="0"),
        made.sale("fee", quantity=1, total="1.50", tax="0"),
    )
    acme.receive(made.order(agreements=(placed,)))
    assert said(figures(acme, *NOVEMBER), "net_sales duties fees total_sales") == {
        "net_sales": Decimal("20.00"),
        "duties": Decimal("6.00"),
        "fees": Decimal("1.50"),
        "total_sales": Decimal("31.30"),
    }


def test_goods_added_by_an_edit_are_sold_on_its_day_and_not_in_the_average(acme: Shop) -> None:
    placed = made.agreement(made.sale(total="23.80", tax="3.80"))
    edited = made.agreement(
        made.sale(action="update", total="11.90", tax="1.90"),
        agreement_id=62,
        at=made.PLACED + timedelta(days=1),
        reason="order_edit",
    )
    acme.receive(made.order(agreements=(placed, edited)))
    assert figures(acme, "2026-11-02").gross_sales == Decimal("20.00")
    assert figures(acme, "2026-11-03").gross_sales == Decimal("10.00")
    assert figures(acme, *NOVEMBER).average_order_value == Decimal("20.00")


def test_a_test_order_counts_nowhere(acme: Shop) -> None:
    acme.receive(made.order(test=True))
    assert figures(acme, *NOVEMBER) == Headline()


def test_a_deleted_order_counts_nowhere_and_neither_does_its_refund(acme: Shop) -> None:
    acme.receive(made.order(refunds=(made.refund(),)))
    acme.receive(Deleted(Kind.ORDER, made.ORDER_ID, NOW))
    assert figures(acme, *NOVEMBER) == Headline()


def test_a_cancelled_order_stays_an_order_and_its_refund_takes_the_sale_away(acme: Shop) -> None:
    whole = made.refund_line(quantity=2, subtotal="40.00", tax="7.60")
    acme.receive(made.order(cancelled_at=made.REFUNDED, refunds=(made.refund(lines=(whole,)),)))
    assert said(figures(acme, *NOVEMBER), "orders gross_sales returns net_sales") == {
        "orders": 1,
        "gross_sales": Decimal("40.00"),
        "returns": Decimal("40.00"),
        "net_sales": 0,
    }


def test_where_prices_contain_tax_sales_are_without_it(acme: Shop) -> None:
    acme.receive(made.order(taxes_included=True, line_items=(made.line(price="23.80"),), shipping_lines=()))
    assert said(figures(acme, *NOVEMBER), "gross_sales net_sales taxes total_sales") == {
        "gross_sales": Decimal("40.00"),
        "net_sales": Decimal("40.00"),
        "taxes": Decimal("7.60"),
        "total_sales": Decimal("47.60"),
    }


def test_a_shop_in_yen_has_no_decimals_to_lose(tokyo: Shop) -> None:
    line = made.line(price="1980", tax="396", discount=Decimal(198))
    tokyo.receive(made.order(currency="JPY", line_items=(line,), shipping_lines=(made.shipping(price="500"),)))
    assert said(figures(tokyo, *NOVEMBER), "gross_sales discounts net_sales taxes shipping total_sales") == {
        "gross_sales": Decimal(3960),
        "discounts": Decimal(198),
        "net_sales": Decimal(3762),
        "taxes": Decimal(396),
        "shipping": Decimal(500),
        "total_sales": Decimal(4658),
    }


def test_the_last_instant_of_a_day_and_the_first_of_the_next_are_on_different_days(acme: Shop) -> None:
    midnight = utc(2026, 11, 9, 23)
    acme.receive(at(midnight - timedelta(microseconds=1), 1), at(midnight, 2))
    assert figures(acme, "2026-11-09").orders == 1
    assert figures(acme, "2026-11-10").orders == 1
    assert figures(acme, "2026-11-09", "2026-11-10").orders == 2


@pytest.mark.parametrize(
    ("day", "first", "after"),
    [
        ("2026-03-29", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        ("2026-10-25", utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),
    ],
    ids=["23 hours", "25 hours"],
)
def test_the_day_on_which_clocks_change_has_all_of_its_hours_and_no_other(
    acme: Shop, day: str, first: datetime, after: datetime
) -> None:
    before = first - timedelta(seconds=1)
    last = after - timedelta(seconds=1)
    acme.receive(at(before, 1), at(first, 2), at(last, 3), at(after, 4))
    found = figures(acme, day)
    assert found.orders == 2
    assert found.net_sales == Decimal("80.00")


def test_the_zone_is_the_stores_and_not_utc(tokyo: Shop) -> None:
    tokyo.receive(at(utc(2026, 11, 9, 15), 1, currency="JPY"))
    assert figures(tokyo, "2026-11-09").orders == 0
    assert figures(tokyo, "2026-11-10").orders == 1


def test_a_cut_period_excludes_later_sales(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 10, 9), 1), at(utc(2026, 11, 10, 10), 2), at(utc(2026, 11, 10, 11), 3))
    cut = figures(acme, "2026-11-10", until=utc(2026, 11, 10, 10))
    assert (cut.orders, cut.net_sales, cut.customers) == (1, Decimal("40.00"), 1)


def test_a_customer_of_two_orders_is_one_customer_and_returning(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3), 1, customer_id=81), at(utc(2026, 11, 4), 2, customer_id=81))
    found = figures(acme, *NOVEMBER)
    assert said(found, "orders customers new_customers returning_customers returning_customer_rate") == {
        "orders": 2,
        "customers": 1,
        "new_customers": 1,
        "returning_customers": 1,
        "returning_customer_rate": 1,
    }


def test_who_ordered_before_the_period_is_returning_and_not_new(acme: Shop) -> None:
    acme.receive(at(utc(2025, 3, 1), 1, customer_id=81), at(utc(2026, 11, 4), 2, customer_id=81))
    found = figures(acme, *NOVEMBER)
    assert said(found, "customers new_customers repeat_customers returning_customers") == {
        "customers": 1,
        "new_customers": 0,
        "repeat_customers": 1,
        "returning_customers": 1,
    }


def test_who_orders_again_after_the_period_was_not_returning_in_it(acme: Shop) -> None:
    acme.receive(at(utc(2026, 10, 5), 1, customer_id=81), at(utc(2026, 11, 4), 2, customer_id=81))
    assert figures(acme, "2026-10-01", "2026-10-31").returning_customers == 0


def test_the_returning_rate_is_the_share_of_customers_and_not_of_orders(acme: Shop) -> None:
    acme.receive(*(at(utc(2026, 11, 3, hour), hour, customer_id=81) for hour in (1, 2, 3)))
    acme.receive(*(at(utc(2026, 11, 4, hour), 10 + hour, customer_id=90 + hour) for hour in (1, 2, 3)))
    found = figures(acme, *NOVEMBER)
    assert found.returning_customer_rate == Decimal("0.25")


def test_a_test_order_makes_no_returning_customer(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3), 1, customer_id=81, test=True), at(utc(2026, 11, 4), 2, customer_id=81))
    assert figures(acme, *NOVEMBER).returning_customers == 0


def test_a_guest_is_known_by_the_address_however_it_is_written(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3), 1, email="Ada@Example.com"), at(utc(2026, 11, 4), 2, email=" ada@example.com"))
    found = figures(acme, *NOVEMBER)
    assert (found.customers, found.returning_customers) == (1, 1)


def test_guests_without_an_address_are_different_customers(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3), 1), at(utc(2026, 11, 4), 2))
    found = figures(acme, *NOVEMBER)
    assert (found.customers, found.returning_customers) == (2, 0)


def test_two_stores_of_one_business_are_not_mixed(acme: Shop, tokyo: Shop) -> None:
    acme.receive(made.order())
    assert figures(tokyo, *NOVEMBER) == Headline()
