"""An order is computed exact to the cent. The figures here were added up by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import Discount
from tests.core.simulator.small_shop import ZURICH, cart_item, customer, order, tiny_shop

TEN_PERCENT = Discount("WELCOME10", "order", Decimal(10), is_percent=True, code="WELCOME10")
FIVE_OFF = Discount("SAVE5", "order", Decimal(5), is_percent=False, code="SAVE5")
QUARTER_OFF = Discount("Black Friday", "line", Decimal(25), is_percent=True)
FREE_SHIPPING = Discount("FREESHIP", "shipping", Decimal(100), is_percent=True, code="FREESHIP")
AT = "2026-03-02T12:00:00+01:00"
POST = ("Standard", Decimal("4.90"))


def test_tax_is_added_to_goods_and_shipping() -> None:
    shop = tiny_shop()
    sold = order(shop, AT, ("Mug", 3), "Lamp", shipping=POST)
    figures = OrderFigures(shop, sold)
    assert figures.subtotal == Decimal("129.99")
    # 30.00 and 99.99 and 4.90 at 19 %: 5.70 + 19.00 + 0.93
    assert figures.tax == Decimal("25.63")
    assert figures.total == Decimal("160.52") == sold.transactions[0].amount


def test_prices_that_contain_tax_are_what_the_customer_pays() -> None:
    shop = tiny_shop(taxes_included=True)
    sold = order(shop, AT, ("Mug", 3), "Lamp", shipping=POST)
    figures = OrderFigures(shop, sold)
    # 30.00, 99.99 and 4.90 with 19 % in them: 4.79 + 15.96 + 0.78
    assert figures.tax == Decimal("21.53")
    assert figures.total == Decimal("134.89")


def test_an_order_discount_is_shared_by_the_lines_and_spares_gift_cards() -> None:
    shop = tiny_shop()
    sold = order(shop, AT, ("Mug", 2), "Lamp", "Gift Card", discounts=(TEN_PERCENT,))
    # 10 % of 119.99 is 12.00 (11.999): 20.00 carries 2.00, 99.99 carries 10.00
    assert [line.discount for line in sold.lines] == [Decimal("2.00"), Decimal("10.00"), Decimal(0)]
    assert sold.lines[2].taxes == ()


def test_a_fixed_discount_never_exceeds_the_price() -> None:
    shop = tiny_shop()
    shop.products[cart_item(shop, "Mug").product.product_id].variants[0].price = Decimal("3.50")
    sold = order(shop, AT, "Mug", discounts=(FIVE_OFF,))
    assert sold.lines[0].discount == Decimal("3.50")
    assert OrderFigures(shop, sold).total == 0


def test_a_code_applies_to_the_price_after_the_sale_discount() -> None:
    shop = tiny_shop()
    sold = order(shop, AT, "Lamp", discounts=(QUARTER_OFF, TEN_PERCENT))
    # 99.99 less 25.00 is 74.99; 10 % of that is 7.50
    assert [share.amount for share in sold.lines[0].allocations] == [Decimal("25.00"), Decimal("7.50")]
    assert [share.index for share in sold.lines[0].allocations] == [0, 1]


def test_free_shipping_is_a_discount_on_shipping_and_leaves_no_tax_on_it() -> None:
    shop = tiny_shop()
    sold = order(shop, AT, "Mug", shipping=POST, discounts=(FREE_SHIPPING,))
    assert sold.shipping
    assert (sold.shipping.price, sold.shipping.charged, sold.shipping.tax) == (Decimal("4.90"), 0, 0)
    assert sold.lines[0].discount == 0


def test_abroad_no_tax_is_charged() -> None:
    shop = tiny_shop()
    assert OrderFigures(shop, order(shop, AT, "Mug", address=ZURICH)).tax == 0


def test_a_sale_over_the_counter_is_taxed_at_home() -> None:
    shop = tiny_shop()
    assert order(shop, AT, "Mug", address=None).lines[0].tax == Decimal("1.90")


def test_the_agreement_of_a_discounted_order_has_shopifys_signs() -> None:
    shop = tiny_shop(taxes_included=True)
    sold = order(shop, AT, "Lamp", "Gift Card", discounts=(TEN_PERCENT,), shipping=POST, tip=Decimal("2.00"))
    rows = list(sold.sales())
    assert [(row.action, row.line_type, row.quantity) for row in rows] == [
        ("ORDER", "PRODUCT", 1),
        ("ORDER", "GIFT_CARD", 1),
        ("ORDER", "TIP", 1),
        ("ORDER", "SHIPPING", 1),
    ]
    lamp = rows[0]
    # 99.99 less 10.00 is 89.99, of which 14.37 is tax; without discount 15.96 would be: it is worth 8.41 before tax
    assert (lamp.total, lamp.tax, lamp.discount) == (Decimal("89.99"), Decimal("14.37"), Decimal("8.41"))


def test_a_sale_empties_the_shelf_and_counts_for_the_customer() -> None:
    shop = tiny_shop()
    ann = customer(shop, "Ann")
    sold = order(shop, AT, ("Mug", 2), customer=ann)
    mug = cart_item(shop, "Mug")
    assert mug.variant.stock == 98
    assert mug.product.updated_at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert timedelta(0) < ann.updated_at - mug.product.updated_at < timedelta(seconds=5), "ordered, then paid"
    assert (ann.orders_count, ann.amount_spent) == (1, OrderFigures(shop, sold).total)


def test_a_test_order_spends_nothing() -> None:
    shop = tiny_shop()
    ann = customer(shop, "Ann")
    order(shop, AT, "Mug", customer=ann, test=True)
    assert ann.amount_spent == 0
