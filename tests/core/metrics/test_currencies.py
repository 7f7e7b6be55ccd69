"""Amounts in two currencies are never added: figures are in one, and the orders left out are counted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.domain import Order, Source
from core.metrics import health
from core.metrics.currencies import LeftOut, left_out
from core.metrics.customers.listing import buyers, count_buyers
from core.metrics.imported import Undated, undated_refunds
from core.metrics.orders.listing import OrderQuestion, count_orders, orders, summary
from core.metrics.products.listing import sales_by_product, sales_by_variant
from tests import factories as made
from tests.core.metrics.conftest import Shop, headline

NOVEMBER = ("2026-11-01", "2026-11-30")


def placed(order_id: int, currency: str = "USD", **changes: object) -> Order:
    """Make an order of two shirts for 40.00, 7.60 tax and 5.00 shipping, in this currency."""
    return made.order(**{"order_id": order_id, "name": f"#{order_id}", "currency": currency} | changes)


@pytest.fixture
def mixed(acme: Shop) -> Shop:
    """Make one order in euros, the store's currency, and two in dollars; one shirt of each was returned."""
    acme.receive(made.product())
    for order_id, currency in ((1, "EUR"), (2, "USD"), (3, "USD")):
        acme.receive(placed(order_id, currency, email="ada@example.com", refunds=(made.refund(order_id, order_id),)))
    return acme


def test_sums_are_of_the_orders_in_the_stores_currency_alone(mixed: Shop) -> None:
    alone = mixed.ask(headline, mixed.days(*NOVEMBER))
    assert (alone.gross_sales, alone.returns, alone.net_sales) == (Decimal(40), Decimal(20), Decimal(20))
    assert (alone.total_sales, alone.orders, alone.placed_value) == (Decimal("28.80"), 1, Decimal(40))
    assert (alone.shipping, alone.taxes, alone.average_order_value) == (Decimal(5), Decimal("3.80"), Decimal(40))


def test_the_figures_of_another_currency_are_there_to_be_asked_for(mixed: Shop) -> None:
    with_dollars = mixed.ask_in("USD", headline, mixed.days(*NOVEMBER))
    assert (with_dollars.total_sales, with_dollars.orders) == (Decimal("57.60"), 2)


def test_orders_in_other_currencies_are_counted_by_currency(mixed: Shop) -> None:
    mixed.receive(placed(4, "CAD"))
    assert mixed.ask(left_out, mixed.days(*NOVEMBER)) == (LeftOut("USD", 2), LeftOut("CAD", 1))
    assert mixed.ask_in("USD", left_out, mixed.days(*NOVEMBER)) == (LeftOut("CAD", 1), LeftOut("EUR", 1))


def test_an_order_is_left_out_of_each_period_that_holds_a_row_of_it(mixed: Shop) -> None:
    """The orders were placed on the 2nd and refunded on the 11th."""
    assert mixed.ask(left_out, mixed.days("2026-11-02")) == (LeftOut("USD", 2),)
    assert mixed.ask(left_out, mixed.days("2026-11-11")) == (LeftOut("USD", 2),)
    assert mixed.ask(left_out, mixed.days("2026-11-12", "2026-11-30")) == ()


def test_a_test_order_and_a_store_of_one_currency_leave_nothing_out(acme: Shop) -> None:
    acme.receive(placed(1, "EUR"), placed(2, "USD", test=True))
    assert acme.ask(left_out, acme.days(*NOVEMBER)) == ()


def test_the_list_shows_every_order_in_its_own_currency_and_the_summary_counts_the_stores(mixed: Shop) -> None:
    listed = mixed.ask(orders, OrderQuestion(mixed.days(*NOVEMBER)))
    assert {(row.name, row.currency, row.total, row.net_sales) for row in listed} == {
        ("#1", "EUR", Decimal("52.60"), Decimal(20)),
        ("#2", "USD", Decimal("52.60"), Decimal(20)),
        ("#3", "USD", Decimal("52.60"), Decimal(20)),
    }
    assert mixed.ask(count_orders, OrderQuestion(mixed.days(*NOVEMBER))) == 3
    whole = mixed.ask(summary, mixed.days(*NOVEMBER))
    assert (whole.orders, whole.placed_value, whole.units_ordered) == (1, Decimal(40), 2)


def test_a_customers_sums_to_date_are_of_one_currency(mixed: Shop) -> None:
    (ada,) = mixed.ask(buyers, mixed.days(*NOVEMBER))
    assert (ada.orders, ada.net_sales) == (1, Decimal(20))
    assert (ada.orders_to_date, ada.net_sales_to_date) == (1, Decimal(20))
    (ada,) = mixed.ask_in("USD", buyers, mixed.days(*NOVEMBER))
    assert (ada.orders_to_date, ada.net_sales_to_date) == (2, Decimal(40))


def test_who_bought_in_the_former_currency_is_no_new_customer(acme: Shop) -> None:
    before = {"processed_at": made.PLACED - timedelta(days=60), "email": "ada@example.com"}
    acme.receive(placed(1, "USD", **before), placed(2, "EUR", email="ada@example.com"))
    figures = acme.ask(headline, acme.days(*NOVEMBER))
    assert (figures.customers, figures.new_customers, figures.returning_customers) == (1, 0, 1)
    (ada,) = acme.ask(buyers, acme.days(*NOVEMBER))
    assert not ada.is_new
    assert (ada.orders_to_date, ada.first_order_at) == (1, before["processed_at"])


def test_who_bought_in_another_currency_alone_is_among_its_customers(acme: Shop) -> None:
    acme.receive(placed(1, "USD"))
    assert acme.ask(count_buyers, acme.days(*NOVEMBER)) == 0
    assert acme.ask_in("USD", count_buyers, acme.days(*NOVEMBER)) == 1


def test_products_are_summed_in_one_currency_and_priced_in_the_stores(mixed: Shop) -> None:
    (shirt,) = mixed.ask(sales_by_product, mixed.days(*NOVEMBER))
    assert (shirt.units_sold, shirt.gross_sales, shirt.lowest_price) == (2, Decimal(40), Decimal(20))
    (shirt,) = mixed.ask_in("USD", sales_by_product, mixed.days(*NOVEMBER))
    assert (shirt.units_sold, shirt.gross_sales, shirt.lowest_price) == (4, Decimal(80), None)
    (medium,) = mixed.ask_in("USD", sales_by_variant, mixed.days(*NOVEMBER))
    assert (medium.units_sold, medium.price) == (4, None)


def test_undated_refunds_are_summed_by_currency(acme: Shop) -> None:
    for order_id, currency in ((1, "EUR"), (2, "USD"), (3, "USD")):
        acme.receive(placed(order_id, currency, source=Source.CSV, refunds_undated=Decimal("5.00")))
    assert acme.ask(undated_refunds) == (Undated(2, Decimal(10), "USD"), Undated(1, Decimal(5), "EUR"))


def test_a_day_counts_all_orders_and_says_that_its_total_is_not_of_all(mixed: Shop) -> None:
    counted = mixed.ask(health.day_figures, mixed.days(*NOVEMBER))
    assert [(day.day, one.orders, one.total_sales, one.foreign) for day, one in sorted(counted.items())] == [
        (2, 3, Decimal("52.60"), 2),
        (11, 0, Decimal("-23.80"), 2),
    ]
