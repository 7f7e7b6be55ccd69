"""The true totals of a shop small enough to add up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.simulator.life import order_changes, refunds
from core.simulator.shop.model import Discount
from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import Truth, customer_key, truth
from tests.core.simulator.small_shop import cart_item, customer, order, tiny_shop

TEN_PERCENT = Discount("WELCOME10", "order", Decimal(10), is_percent=True, code="WELCOME10")
POST = ("Standard", Decimal("5.00"))


@pytest.fixture
def shop() -> Shop:
    """Three days in March.

    2nd: Ann buys 2 mugs (20.00 less 2.00, shipping 5.00). A guest buys a lamp (99.99) and leaves a tip of 3.00.
    3rd: Ann buys a mug and a gift card of 50.00. A test order of 5 lamps.
    4th: one of Ann's first two mugs comes back, without shipping; the lamp too, less a fee of 10.00.
    """
    tiny = tiny_shop()
    ann = customer(tiny, "Ann")
    first = order(tiny, "2026-03-02T10:00+01:00", ("Mug", 2), customer=ann, discounts=(TEN_PERCENT,), shipping=POST)
    lamp = order(tiny, "2026-03-02T11:00+01:00", "Lamp", email=" Guest@Example.com ", tip=Decimal("3.00"))
    order(tiny, "2026-03-03T10:00+01:00", "Mug", "Gift Card", customer=ann)
    order(tiny, "2026-03-03T11:00+01:00", ("Lamp", 5), test=True)
    fourth = datetime(2026, 3, 4, 9, tzinfo=UTC)
    refunds.refund(tiny, first, fourth, {first.lines[0].line_id: 1})
    refunds.refund(tiny, lamp, fourth, {lamp.lines[0].line_id: 1}, discrepancy=Decimal("10.00"))
    return tiny


def march(shop: Shop, first: int, last: int) -> Truth:
    return truth(shop, date(2026, 3, first), date(2026, 3, last))


def test_the_day_of_the_orders(shop: Shop) -> None:
    day = march(shop, 2, 2).totals
    assert day.gross_sales == Decimal("119.99")
    assert day.discounts == Decimal("2.00")
    assert day.returns == 0
    assert day.net_sales == Decimal("117.99")
    assert day.shipping == Decimal("5.00")
    # 18.00, 5.00 and 99.99 at 19 %: 3.42 + 0.95 + 19.00; the tip has none and is no sale
    assert day.taxes == Decimal("23.37")
    assert day.total_sales == Decimal("146.36")
    assert day.orders == 2
    assert day.average_order_value == Decimal("58.995")


def test_gift_cards_and_test_orders_are_no_sales(shop: Shop) -> None:
    day = march(shop, 3, 3).totals
    assert (day.gross_sales, day.taxes, day.total_sales) == (Decimal("10.00"), Decimal("1.90"), Decimal("11.90"))
    assert day.orders == 1


def test_returns_count_on_the_day_they_come_back(shop: Shop) -> None:
    day = march(shop, 4, 4).totals
    # 9.00 for the mug and 99.99 for the lamp, less the fee of 10.00 that was kept
    assert day.returns == Decimal("98.99")
    assert day.net_sales == Decimal("-98.99")
    assert day.taxes == Decimal("-20.71")
    assert (day.orders, day.average_order_value) == (0, None)


def test_the_average_order_value_ignores_returns(shop: Shop) -> None:
    all_days = march(shop, 2, 4).totals
    assert all_days.net_sales == Decimal("29.00")
    assert all_days.average_order_value == Decimal("127.99") / 3


def test_an_edit_is_a_sale_but_not_part_of_the_average(shop: Shop) -> None:
    before = march(shop, 2, 5).totals
    edited = next(iter(shop.orders.values()))
    order_changes.add_line(shop, edited, cart_item(shop, "Mug"), datetime(2026, 3, 5, 9, tzinfo=UTC))
    after = march(shop, 2, 5).totals
    assert after.gross_sales == before.gross_sales + Decimal("10.00")
    assert after.average_order_value == before.average_order_value


def test_customers_are_people_and_guests_by_their_address(shop: Shop) -> None:
    assert march(shop, 2, 2).customers == 2
    assert march(shop, 2, 2).returning_customers == 0
    third = march(shop, 3, 3)
    assert (third.customers, third.returning_customers) == (1, 1)
    assert march(shop, 2, 3).returning_customer_rate == Decimal("0.5")
    assert march(shop, 4, 4).returning_customer_rate is None


def test_a_guest_who_spells_the_address_otherwise_is_the_same(shop: Shop) -> None:
    order(shop, "2026-03-05T10:00+01:00", "Mug", email="GUEST@example.com")
    fifth = march(shop, 5, 5)
    assert (fifth.customers, fifth.returning_customers) == (1, 1)


def test_each_unknown_guest_is_a_customer(shop: Shop) -> None:
    keys = {customer_key(order(shop, "2026-03-06T10:00+01:00", "Mug", address=None)) for _ in range(2)}
    assert len(keys) == 2
    assert march(shop, 6, 6).customers == 2


def test_products_are_ranked_by_net_sales(shop: Shop) -> None:
    rows = march(shop, 2, 4).products()
    assert [(row.title, row.net_sales, row.units, row.net_units) for row in rows] == [
        ("Mug", Decimal("19.00"), 3, 2),
        ("Lamp", Decimal(0), 1, 0),
    ]


def test_top_customers_are_ranked_by_net_sales(shop: Shop) -> None:
    rows = march(shop, 2, 3).top_customers()
    assert [(row.key, row.orders, row.net_sales) for row in rows] == [
        ("guest@example.com", 1, Decimal("99.99")),
        (str(next(iter(shop.customers))), 2, Decimal("28.00")),
    ]


def test_the_days_sum_to_the_whole(shop: Shop) -> None:
    total = march(shop, 1, 6)
    assert list(total.by_day) == [date(2026, 3, day) for day in range(1, 7)]
    assert sum(day.total_sales for day in total.by_day.values()) == total.totals.total_sales
    assert sum(day.orders for day in total.by_day.values()) == total.totals.orders


def test_a_day_ends_at_midnight_of_the_shop_also_when_clocks_change() -> None:
    shop = tiny_shop()
    order(shop, "2026-03-28T23:59:59+01:00", "Mug")
    order(shop, "2026-03-29T00:00:00+01:00", "Mug")
    order(shop, "2026-03-29T23:59:59+02:00", "Mug")
    order(shop, "2026-03-30T00:00:00+02:00", "Mug")
    assert [march(shop, day, day).totals.orders for day in (28, 29, 30)] == [1, 2, 1]


def test_an_order_counts_when_it_was_processed_not_when_shopify_learned_of_it() -> None:
    shop = tiny_shop()
    order(shop, "2026-03-02T23:00+01:00", "Mug", created_at=datetime(2026, 3, 3, 9, tzinfo=UTC))
    assert [march(shop, day, day).totals.orders for day in (2, 3)] == [1, 0]


def test_net_sales_leave_out_the_tax_that_prices_contain() -> None:
    shop = tiny_shop(taxes_included=True)
    order(shop, "2026-03-02T10:00+01:00", ("Mug", 2), discounts=(TEN_PERCENT,))
    day = march(shop, 2, 2).totals
    # 18.00 with 2.87 tax in it; the discount of 2.00 is 1.68 without its tax
    assert (day.gross_sales, day.discounts, day.net_sales) == (Decimal("16.81"), Decimal("1.68"), Decimal("15.13"))
    assert day.total_sales == Decimal("18.00")


def test_without_days_it_is_the_shops_whole_life(shop: Shop) -> None:
    total = truth(shop)
    assert (total.start, total.end) == (date(2026, 3, 2), date(2026, 3, 4))
    assert total.to_json()["total_sales"] == str(march(shop, 1, 6).totals.total_sales)


def test_an_empty_shop_has_a_truth_too() -> None:
    empty = truth(tiny_shop()).to_json()
    assert (empty["total_sales"], empty["orders"], empty["average_order_value"]) == ("0", 0, None)


def test_duties_and_fees_are_in_total_sales_and_not_in_net_sales() -> None:
    tiny = tiny_shop()
    order(tiny, "2026-03-02T10:00+01:00", "Mug", duties=Decimal("6.00"), fees=Decimal("1.50"))
    totals = truth(tiny).totals
    assert (totals.net_sales, totals.taxes) == (Decimal("10.00"), Decimal("1.90"))
    assert (totals.duties, totals.fees, totals.total_sales) == (Decimal("6.00"), Decimal("1.50"), Decimal("19.40"))
