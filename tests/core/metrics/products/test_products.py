"""Sales by product and by variant: with a merchant's names, and adding up to the period's net sales."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from core.domain import Deleted, Kind
from core.metrics.products.listing import ProductSales, VariantSales, sales_by_product, sales_by_variant
from tests import factories as made
from tests.core.metrics.conftest import NOW, Shop, headline
from tests.core.metrics.sales.test_headline import NOVEMBER


def by_title(acme: Shop, start: str = NOVEMBER[0], end: str = NOVEMBER[1]) -> dict[str, ProductSales]:
    rows = acme.ask(sales_by_product, acme.days(start, end))
    found = {row.title: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_product_has_its_sales_its_returns_and_its_stock_of_now(acme: Shop) -> None:
    variants = (made.variant(71, "20.00", inventory_quantity=4), made.variant(72, "25.00", inventory_quantity=-1))
    acme.receive(
        made.product(variants=variants),
        made.order(line_items=(made.line(discount=Decimal("4.00"), tax="6.84"),), refunds=(made.refund(),)),
    )
    assert acme.ask(sales_by_product, acme.days(*NOVEMBER)) == (
        ProductSales(
            product_id=7,
            title="Shirt",
            vendor=None,
            product_type=None,
            units_sold=2,
            units_returned=1,
            gross_sales=Decimal("40.00"),
            discounts=Decimal("4.00"),
            returns=Decimal("20.00"),
            net_sales=Decimal("16.00"),
            lowest_price=Decimal("20.00"),
            highest_price=Decimal("25.00"),
            stock=3,
        ),
    )


def test_all_products_add_up_to_the_net_sales_of_the_period(acme: Shop) -> None:
    kept = made.refund(adjustments=(made.adjustment("refund_discrepancy", "5.00"),))
    lines = (
        made.line(),
        made.line(12, "7.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None),
        made.line(13, "50.00", 1, "0", title="Voucher", is_gift_card=True, product_id=8),
    )
    acme.receive(made.product(), made.order(line_items=lines, refunds=(kept,)))
    found = by_title(acme)
    assert {title: row.net_sales for title, row in found.items()} == {
        "Shirt": Decimal("20.00"),
        "Engraving": Decimal("7.00"),
        "Refund adjustments": Decimal("5.00"),
    }
    whole = acme.ask(headline, acme.days(*NOVEMBER))
    assert sum(row.net_sales for row in found.values()) == whole.net_sales == Decimal("32.00")
    assert sum(row.returns for row in found.values()) == whole.returns


def test_an_unsold_product_is_listed_with_zeros(acme: Shop) -> None:
    acme.receive(made.product(9, title="Scarf", variants=(made.variant(91, inventory_quantity=5),)))
    scarf = by_title(acme)["Scarf"]
    assert (scarf.units_sold, scarf.net_sales, scarf.stock) == (0, 0, 5)


def test_a_product_deleted_since_keeps_its_sales_and_loses_price_and_stock(acme: Shop) -> None:
    acme.receive(made.product(), made.product(9, title="Scarf", variants=(made.variant(91),)), made.order())
    acme.receive(Deleted(Kind.PRODUCT, 7, NOW), Deleted(Kind.PRODUCT, 9, NOW))
    found = by_title(acme)
    assert set(found) == {"Shirt"}
    assert (found["Shirt"].net_sales, found["Shirt"].lowest_price, found["Shirt"].stock) == (40, None, None)


def test_a_product_that_was_never_read_is_named_as_it_was_sold(acme: Shop) -> None:
    acme.receive(made.order())
    assert by_title(acme)["Shirt"].net_sales == Decimal("40.00")


def test_a_product_renamed_since_has_todays_name_for_all_of_its_sales(acme: Shop) -> None:
    acme.receive(made.order(), made.product(title="Linen shirt"))
    assert set(by_title(acme)) == {"Linen shirt"}


def test_the_best_come_first_and_no_more_than_asked_for(acme: Shop) -> None:
    lines = tuple(
        made.line(n, price=f"{n}.00", tax="0", title=f"Thing {n}", product_id=n, variant_id=n) for n in (1, 3, 2)
    )
    acme.receive(made.order(line_items=lines))
    best = acme.ask(sales_by_product, acme.days(*NOVEMBER), limit=2)
    assert [row.title for row in best] == ["Thing 3", "Thing 2"]


def test_variants_are_listed_separately(acme: Shop) -> None:
    variants = (made.variant(71, sku="S-M"), made.variant(72, "25.00", sku="S-L", inventory_quantity=2))
    lines = (made.line(), made.line(12, "25.00", 1, "4.75", variant_id=72))
    acme.receive(made.product(variants=variants), made.order(line_items=lines))
    rows = acme.ask(sales_by_variant, acme.days(*NOVEMBER))
    assert [(row.sku, row.units_sold, row.net_sales, row.price, row.stock) for row in rows] == [
        ("S-M", 2, Decimal("40.00"), Decimal("20.00"), None),
        ("S-L", 1, Decimal("25.00"), Decimal("25.00"), 2),
    ]


def test_a_variant_deleted_since_is_named_as_it_was_sold(acme: Shop) -> None:
    acme.receive(made.order(line_items=(made.line(variant_title="XXL", sku="S-XXL"),)))
    assert acme.ask(sales_by_variant, acme.days(*NOVEMBER)) == (
        VariantSales(
            product_id=7,
            variant_id=71,
            title="Shirt",
            variant="XXL",
            sku="S-XXL",
            vendor=None,
            product_type=None,
            units_sold=2,
            units_returned=0,
            gross_sales=Decimal("40.00"),
            discounts=Decimal(0),
            returns=Decimal(0),
            net_sales=Decimal("40.00"),
            price=None,
            stock=None,
        ),
    )


def test_variants_add_up_to_net_sales_too(acme: Shop) -> None:
    kept = made.refund(adjustments=(made.adjustment("refund_discrepancy", "5.00"),))
    custom = made.line(12, "7.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None)
    acme.receive(made.product(), made.order(line_items=(made.line(), custom), refunds=(kept,)))
    rows = acme.ask(sales_by_variant, acme.days(*NOVEMBER))
    assert sum(row.net_sales for row in rows) == acme.ask(headline, acme.days(*NOVEMBER)).net_sales


def test_a_return_of_an_earlier_sale_shows_in_the_period_of_the_refund(acme: Shop) -> None:
    acme.receive(made.product(), made.order(refunds=(made.refund(),)))
    day_of_refund = (made.REFUNDED + timedelta()).date().isoformat()
    shirt = by_title(acme, day_of_refund, day_of_refund)["Shirt"]
    assert (shirt.units_sold, shirt.units_returned, shirt.net_sales) == (0, 1, Decimal("-20.00"))
