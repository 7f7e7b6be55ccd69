"""Every webhook body that Shopify documents or was seen to send becomes records, to the cent, or an error names the
missing field."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.domain import Customer, Deleted, Kind, LineItem, Merged, Order, Product, Reread, Source, Variant
from core.errors import UnmappableError
from core.shopify import mapping, webhooks
from tests.core.shopify.samples import NEW_YEAR, SAMPLES, TRIGGERED, mapped

MERGE_THAT_FAILED = ("reference", "customers/merge")
MAPPED = {key: raw for key, raw in SAMPLES.items() if mapping.is_mapped(key[1]) and key != MERGE_THAT_FAILED}
NOT_RECORDS = {key[1] for key in SAMPLES if not mapping.is_mapped(key[1])}


def test_both_sets_of_samples_are_all_here() -> None:
    assert sum(origin == "reference" for origin, _ in SAMPLES) == 27
    assert sum(origin == "delivered" for origin, _ in SAMPLES) == 21


@pytest.mark.parametrize("key", MAPPED, ids="/".join)
def test_every_sample_of_a_mapped_topic_gives_one_record_that_says_where_it_came_from(key: tuple[str, str]) -> None:
    (record,) = mapping.from_webhook(key[1], SAMPLES[key], TRIGGERED)
    assert getattr(record, "source", Source.WEBHOOK) is Source.WEBHOOK


def test_a_merge_that_failed_says_nothing_and_one_that_was_completed_who_is_who_now() -> None:
    raw = SAMPLES[MERGE_THAT_FAILED]
    assert mapping.from_webhook("customers/merge", raw, TRIGGERED) == ()
    completed = raw.replace(b'"failed"', b'"completed"')
    assert mapping.from_webhook("customers/merge", completed, TRIGGERED) == (Merged(1, 2, TRIGGERED),)


def test_every_subscribed_topic_is_mapped_except_those_about_the_shop_or_only_stored() -> None:
    assert [topic for topic in webhooks.TOPICS if not mapping.is_mapped(topic)] == [
        "bulk_operations/finish",
        "app/uninstalled",
        "app/scopes_update",
        "shop/update",
    ]
    assert set(mapping.TOPICS) <= set(webhooks.TOPICS)


@pytest.mark.parametrize("topic", sorted(NOT_RECORDS))
def test_a_topic_without_records_is_refused_by_name(topic: str) -> None:
    raw = next(raw for (_, name), raw in SAMPLES.items() if name == topic)
    with pytest.raises(UnmappableError, match=f"^{topic}: no record comes from this topic$"):
        mapping.from_webhook(topic, raw, TRIGGERED)


def test_the_shop_itself_is_legitimate_but_no_record() -> None:
    assert {
        "bulk_operations/finish",
        "shop/update",
        "customers/redact",
        "app/uninstalled",
    } <= NOT_RECORDS


# What orders say.


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/cancelled"])
def test_an_orders_head_is_read_to_the_cent(topic: str) -> None:
    order: Order = mapped(topic)
    assert order.order_id == 820982911946154508  # beyond what a float can hold
    assert (order.name, order.number, order.currency, order.test) == ("#9999", 1234, "USD", True)
    assert order.created_at == order.processed_at == order.updated_at == order.cancelled_at == NEW_YEAR
    assert order.cancel_reason == "customer"
    assert (order.financial_status, order.fulfillment_status) == ("voided", "unfulfilled")
    assert order.total == Decimal("404.95")
    assert order.subtotal == Decimal("404.95")
    assert order.current_total == Decimal("414.95")
    assert order.discounts == Decimal("20.00")
    assert order.shipping == Decimal("10.00")
    assert (order.tax, order.tip) == (Decimal("0.00"), Decimal("0.00"))
    assert (order.presentment_currency, order.presentment_total) == ("USD", Decimal("404.95"))
    assert order.customer_id == 115310627314723954
    assert order.email == "jon@example.com"
    assert (order.country, order.province, order.city) == ("US", "KY", "Shippington")
    assert order.source_name == "web"
    assert order.taxes_included is False
    assert order.agreements is None
    assert order.refunds == ()


def test_an_orders_lines_are_read_to_the_cent() -> None:
    order: Order = mapped("orders/create")
    assert [(line.title, line.quantity, line.unit_price) for line in order.line_items] == [
        ("Aviator sunglasses", 1, Decimal("89.99")),
        ("Lens Protection Plan (2 Year)", 1, Decimal("19.99")),
        ("Premium Leather Case", 1, Decimal("24.99")),
        ("Mid-century lounger", 1, Decimal("159.99")),
        ("Coffee table", 1, Decimal("119.99")),
    ]
    assert order.line_items[0] == LineItem(
        line_item_id=487817672276298554,
        title="Aviator sunglasses",
        quantity=1,
        current_quantity=1,
        unit_price=Decimal("89.99"),
        sku="SKU2006-001",
        product_id=788032119674292922,
    )
    assert sum(line.unit_price for line in order.line_items) == Decimal("414.95")
    (shipping,) = order.shipping_lines
    assert (shipping.shipping_line_id, shipping.title, shipping.price) == (
        271878346596884015,
        "Generic Shipping",
        Decimal("10.00"),
    )


def test_an_order_delivered_in_2024_is_read_as_well() -> None:
    order: Order = mapped("orders/create", "delivered")
    assert order.total == Decimal("388.00")
    assert [line.unit_price for line in order.line_items] == [Decimal("199.00"), Decimal("199.00")]
    assert [line.discount for line in order.line_items] == [Decimal(0), Decimal(0)]


def test_a_lines_discount_is_its_share_of_all_discounts_and_its_taxes_are_kept_apart() -> None:
    def change(body: dict[str, Any]) -> None:
        line = body["line_items"][0]
        line["discount_allocations"] = [
            {"amount": "9.99", "amount_set": {"shop_money": {"amount": "5.00", "currency_code": "USD"}}},
            {"amount": "1.25"},
        ]
        line["tax_lines"] = [
            {"title": "VAT", "rate": 0.19, "price": "9.00", "price_set": {"shop_money": {"amount": "14.37"}}},
            {"title": "City", "rate": None, "price": "0.30"},
        ]
        line["gift_card"] = True

    line = mapped("orders/create", change=change).line_items[0]
    assert line.discount == Decimal("6.25")
    assert [(tax.title, tax.rate, tax.amount) for tax in line.taxes] == [
        ("VAT", Decimal("0.19"), Decimal("14.37")),
        ("City", Decimal(0), Decimal("0.30")),
    ]
    assert line.is_gift_card is True


def test_an_embedded_refund_comes_with_its_order() -> None:
    refund = json.loads(SAMPLES["reference", "refunds/create"])
    order: Order = mapped("orders/updated", change=lambda body: body["refunds"].append(refund))
    assert order.refunds == (mapped("refunds/create"),)


def test_a_guest_and_a_walk_in_have_neither_customer_nor_address() -> None:
    def change(body: dict[str, Any]) -> None:
        body.update(customer=None, email="", shipping_address=None, billing_address=None)

    order: Order = mapped("orders/create", change=change)
    assert (order.customer_id, order.email, order.country, order.city) == (None, None, None, None)


def test_where_nothing_is_shipped_the_billing_address_counts() -> None:
    def change(body: dict[str, Any]) -> None:
        body["shipping_address"] = None
        body["billing_address"].update(country_code="CA", province_code="ON", city="Ottawa")

    order: Order = mapped("orders/create", change=change)
    assert (order.country, order.province, order.city) == ("CA", "ON", "Ottawa")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (None, "unfulfilled"),
        ("fulfilled", "fulfilled"),
        ("partial", "partially_fulfilled"),
        ("restocked", "restocked"),
    ],
)
def test_a_bodys_fulfillment_status_is_in_the_apis_words(said: str | None, means: str) -> None:
    order: Order = mapped("orders/updated", change=lambda body: body.update(fulfillment_status=said))
    assert order.fulfillment_status == means


def test_discount_codes_are_kept() -> None:
    order: Order = mapped("orders/create", change=lambda body: body["discount_codes"].append({"code": "SPRING10"}))
    assert order.discount_codes == ("SPRING10",)


def test_an_edited_order_is_read_back_because_its_body_has_no_money() -> None:
    assert mapped("orders/edited", "delivered") == Reread(Kind.ORDER, 820982911946154500)


# What customers, products and deletions say.


def test_a_customer_of_today_has_no_tags_and_no_totals() -> None:
    assert mapped("customers/create") == Customer(
        customer_id=706405506930370084,
        created_at=NEW_YEAR,
        updated_at=NEW_YEAR,
        first_name="Bob",
        last_name="Biller",
        email="bob@biller.com",
        state="disabled",
        tags=None,
        country="CA",
        province="ON",
        city="Ottawa",
        orders_count=None,
        amount_spent=None,
        currency="USD",
        source=Source.WEBHOOK,
    )


def test_a_customer_of_2024_had_tags() -> None:
    assert mapped("customers/update", "delivered").tags == ()
    customer = mapped("customers/update", "delivered", lambda body: body.update(tags="VIP, wholesale,"))
    assert customer.tags == ("VIP", "wholesale")
    assert (customer.orders_count, customer.amount_spent) == (None, None)


def test_a_product_comes_with_its_variants_to_the_cent() -> None:
    product: Product = mapped("products/update")
    assert (product.product_id, product.title, product.handle) == (
        788032119674292922,
        "Example T-Shirt",
        "example-t-shirt",
    )
    assert (product.vendor, product.product_type, product.status) == ("Acme", "Shirts", "active")
    assert product.tags == ("example", "mens", "t-shirt")
    assert (product.created_at, product.updated_at, product.published_at) == (None, NEW_YEAR, NEW_YEAR)
    assert product.variants == (
        Variant(642667041472713922, "Small", Decimal("19.99"), None, None, Decimal("24.99"), 1, None, 75),
        Variant(757650484644203962, "Medium", Decimal("19.99"), None, None, Decimal("24.99"), 2, None, 50),
    )
    assert product.variants_complete is True


def test_a_product_whose_variants_were_cut_says_so() -> None:
    product: Product = mapped("products/update", change=lambda body: body["variants"].pop())
    assert product.variants_complete is False


@pytest.mark.parametrize(
    ("topic", "origin", "kind", "shopify_id"),
    [
        ("orders/delete", "delivered", Kind.ORDER, 820982911946154500),
        ("customers/delete", "reference", Kind.CUSTOMER, 706405506930370084),
        ("products/delete", "reference", Kind.PRODUCT, 788032119674292922),
    ],
)
def test_a_deletion_is_dated_by_its_delivery(topic: str, origin: str, kind: Kind, shopify_id: int) -> None:
    assert mapped(topic, origin) == Deleted(kind, shopify_id, TRIGGERED)
