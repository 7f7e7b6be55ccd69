"""Lists in the order that a reader chose: every key, both directions, and pages that leave no row out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from core.metrics.customers.listing import BuyerKey, buyers
from core.metrics.orders.listing import NEWEST_FIRST, OrderKey, OrderQuestion, orders
from core.metrics.products.listing import (
    Goods,
    ProductKey,
    count_products,
    count_variants,
    sales_by_product,
    sales_by_variant,
)
from core.metrics.sorting import Sort
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc


def column(acme: Shop, question: Callable[..., Any], name: str, **narrowed: Any) -> list[Any]:
    period = acme.days(*NOVEMBER)
    rows = (
        acme.ask(orders, OrderQuestion(period, **narrowed))
        if question is orders
        else acme.ask(question, period, **narrowed)
    )
    return [getattr(row, name) for row in rows]


@pytest.fixture
def three(acme: Shop) -> Shop:
    """Make #9 of Åsa, #10 of Zoe and #11 of nobody: each larger than the last, and placed a day later."""
    acme.receive(
        made.product(
            7, title="shirt", vendor="Linen & Co", product_type="Clothes", variants=(part(71, "20.00", "S-M", 1),)
        ),
        made.product(8, title="Scarf", vendor="Wool", variants=(made.variant(72, "9.00", sku="W-1"),)),
        made.customer(81, first_name="Åsa", last_name=None, email="a@example.com"),
        made.customer(82, first_name="Zoe", last_name=None, email="z@example.com"),
        *(order(n, customer) for n, customer in ((9, 81), (10, 82), (11, None))),
    )
    return acme


def order(number: int, customer: int | None) -> Any:
    line = made.line(quantity=number, product_id=7 if number > 9 else 8, variant_id=71 if number > 9 else 72)
    status = "paid" if number == 10 else None
    return at(
        utc(2026, 11, number),
        number,
        number=number,
        name=f"#{number}",
        customer_id=customer,
        line_items=(line,),
        total=Decimal(number),
        financial_status=status,
        fulfillment_status="fulfilled" if number == 9 else None,
        cancelled_at=utc(2026, 11, 20) if number == 10 else None,
    )


ORDERS: Mapping[OrderKey, list[str]] = {
    OrderKey.NAME: ["#9", "#10", "#11"],
    OrderKey.TOTAL: ["#9", "#10", "#11"],
    OrderKey.CUSTOMER: ["#9", "#10", "#11"],
    OrderKey.PLACED: ["#9", "#10", "#11"],
    OrderKey.NET_SALES: ["#9", "#10", "#11"],
    OrderKey.ITEMS: ["#9", "#10", "#11"],
    OrderKey.PAYMENT: ["#10", "#9", "#11"],
    OrderKey.FULFILLMENT: ["#9", "#11", "#10"],
}
EMPTY_LAST = {OrderKey.CUSTOMER: ["#10", "#9", "#11"], OrderKey.PAYMENT: ["#10", "#11", "#9"]}


@pytest.mark.parametrize("key", OrderKey)
def test_orders_are_sorted_by_each_column_in_both_directions(three: Shop, key: OrderKey) -> None:
    """Numbers are sorted as numbers; cells without a value come last either way. Equal ones follow the direction."""
    assert column(three, orders, "name", sort=Sort(key)) == ORDERS[key]
    largest_first = EMPTY_LAST.get(key, ORDERS[key][::-1])
    assert column(three, orders, "name", sort=Sort(key, is_descending=True)) == largest_first


@pytest.mark.parametrize("key", OrderKey)
def test_pages_of_equal_orders_have_each_order_once(acme: Shop, key: OrderKey) -> None:
    acme.receive(*(at(utc(2026, 11, 3, 12), n, name=f"#{n}", number=1) for n in range(1, 8)))
    pages = [column(acme, orders, "order_id", sort=Sort(key), limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert {order_id for page in pages for order_id in page} == set(range(1, 8))


@pytest.mark.parametrize("key", BuyerKey)
def test_customers_are_sorted_by_each_column_in_both_directions(acme: Shop, key: BuyerKey) -> None:
    """Åsa ordered once, early; Zoe more, more often and later, so every column has Åsa first."""
    acme.receive(
        made.customer(81, first_name="Åsa", last_name=None, email="z@example.com"),
        made.customer(82, first_name="Zoe", last_name=None, email="a@example.com"),
        at(utc(2026, 11, 3), 1, customer_id=81),
        at(utc(2026, 11, 4), 2, customer_id=82),
        at(utc(2026, 11, 5), 3, customer_id=82),
    )
    assert column(acme, buyers, "name", sort=Sort(key)) == ["Åsa", "Zoe"]
    assert column(acme, buyers, "name", sort=Sort(key, is_descending=True)) == ["Zoe", "Åsa"]
    assert column(acme, buyers, "name", sort=Sort(key), limit=1, offset=1) == ["Zoe"]


@pytest.mark.parametrize("question", [sales_by_product, sales_by_variant])
@pytest.mark.parametrize("key", ProductKey)
def test_products_and_variants_are_sorted_by_each_column(
    acme: Shop, question: Callable[..., Any], key: ProductKey
) -> None:
    """A has less of everything than B."""
    acme.receive(
        made.product(7, title="A", vendor="a", product_type="A", variants=(part(71, "1.00", "A", 1),)),
        made.product(8, title="b", vendor="B", product_type="b", variants=(part(72, "2.00", "b", 2),)),
        made.order(order_id=1, line_items=(sold(7, 1, "1.00"),), refunds=(made.refund(31, 1),)),
        made.order(
            order_id=2,
            line_items=(sold(8, 3, "9.00"),),
            refunds=(made.refund(32, 2, lines=(made.refund_line(quantity=2, subtotal="40.00"),)),),
        ),
    )
    assert column(acme, question, "title", sort=Sort(key)) == ["A", "b"]
    assert column(acme, question, "title", sort=Sort(key, is_descending=True)) == ["b", "A"]


def part(variant_id: int, price: str, sku: str, stock: int) -> Any:
    return made.variant(variant_id, price, sku=sku, inventory_quantity=stock)


def sold(product_id: int, quantity: int, discount: str) -> Any:
    return made.line(quantity=quantity, discount=Decimal(discount), product_id=product_id, variant_id=product_id + 64)


@pytest.mark.parametrize("typed", ["shir", "RT", "linen &", "cloth", "s-m"])
def test_a_product_is_found_by_a_part_of_title_vendor_type_or_sku(three: Shop, typed: str) -> None:
    period = three.days(*NOVEMBER)
    for question, count in ((sales_by_product, count_products), (sales_by_variant, count_variants)):
        assert column(three, question, "title", search=typed) == ["shirt"]
        assert three.ask(count, period, typed).products == 1


@pytest.mark.parametrize("typed", ["%", "_", "\\", "' OR true --"])
def test_a_typed_search_of_products_is_text_not_a_pattern(three: Shop, typed: str) -> None:
    for question in (sales_by_product, sales_by_variant):
        assert column(three, question, "title", search=typed) == []


def test_sales_without_a_product_are_counted_and_listed_apart(acme: Shop) -> None:
    custom = made.line(12, "7.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None)
    acme.receive(made.product(), made.order(line_items=(made.line(), custom)))
    for question, count in ((sales_by_product, count_products), (sales_by_variant, count_variants)):
        counted = acme.ask(count, acme.days(*NOVEMBER))
        assert (counted.products, counted.others, counted.others_net_sales) == (1, 1, Decimal("7.00"))
        assert column(acme, question, "title") == ["Shirt", "Engraving"]
        assert column(acme, question, "title", goods=Goods.PRODUCTS) == ["Shirt"]
        assert column(acme, question, "title", goods=Goods.OTHERS) == ["Engraving"]


@pytest.mark.parametrize("name", ["", "-", "--total", "total; DROP TABLE orders", "TOTAL", "o.email"])
def test_a_sort_that_is_none_is_the_lists_own(name: str) -> None:
    assert NEWEST_FIRST.named(name) == NEWEST_FIRST


@pytest.mark.parametrize("key", OrderKey)
def test_a_sort_is_found_by_its_name(key: OrderKey) -> None:
    for sort in (Sort(key), Sort(key, is_descending=True)):
        assert NEWEST_FIRST.named(str(sort)) == sort
