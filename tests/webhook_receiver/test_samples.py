"""Every body that Shopify shows or was seen to send: signed, delivered, applied, and in the tables to the cent.

What is expected is read from the JSON here, by a reading of our own that is no part of the product.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from core.database import tenant_session
from core.database.models import (
    Customer,
    LineItem,
    Order,
    Product,
    Refund,
    RefundLine,
    Sale,
    ShippingLine,
    Store,
    Variant,
)
from core.privacy.bodies import ERASED
from core.shopify.webhooks import COMPLIANCE
from core.webhooks import apply
from core.webhooks.confirm_rules import DEPARTURES
from tests.cast import NOW, Business, Cast
from tests.core.shopify.samples import webhook_samples
from tests.shopify_sends import confirm, deliveries, send
from tests.stored import row, rows, total_sales

SHOPIFY_ID = 548380009
"""The id of the shop that the samples name."""


def of_acme(topic: str, raw: bytes) -> bytes:
    """A sample as Acme's shop would send it; privacy requests have a placeholder for the domain."""
    named = {"shop_id": SHOPIFY_ID, "shop_domain": "acme.myshopify.com"}
    return json.dumps(json.loads(raw) | named).encode() if topic in COMPLIANCE else raw


SAMPLES = {f"{origin} {topic}": of_acme(topic, raw) for origin, topic, raw in webhook_samples()}
ORDERS = [name for name in SAMPLES if name.split()[1] in ("orders/create", "orders/updated", "orders/cancelled")]
REFUNDS = [name for name in SAMPLES if name.endswith("refunds/create")]
PRODUCTS = [name for name in SAMPLES if name.split()[1] in ("products/create", "products/update")]
CUSTOMERS = [name for name in SAMPLES if name.split()[1] in ("customers/create", "customers/update")]
APPLIED = {
    *("orders/create", "orders/updated", "orders/cancelled", "orders/edited", "orders/delete", "refunds/create"),
    *("customers/create", "customers/update", "customers/delete", "customers/merge"),
    *("checkouts/create", "checkouts/update", "checkouts/delete", "bulk_operations/finish"),
    *("carts/create", "carts/update"),
    *("products/create", "products/update", "products/delete"),
    *("customers/data_request", "customers/redact"),
    *("app/scopes_update", "shop/update"),
}


@pytest.fixture(autouse=True)
def sample_shop(cast: Cast) -> None:
    """Acme's shop is the one that the samples name."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).values(shopify_id=SHOPIFY_ID))


def deliver(app: Flask, business: Business, name: str, **changes: Any) -> Any:
    """Send a sample, changed if asked, and apply it; returns its JSON."""
    raw = SAMPLES[name]
    if changes:
        raw = json.dumps(json.loads(raw) | changes).encode()
    assert send(app, business, name.split()[1], raw).status_code == 200
    apply.apply_pending(business.key, NOW)
    confirm(business)
    apply.apply_pending(business.key, NOW)
    return json.loads(raw, parse_float=Decimal)


def money(thing: dict[str, Any], name: str) -> Decimal:
    """An amount in the shop's currency."""
    return Decimal(thing[f"{name}_set"]["shop_money"]["amount"])


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def test_every_sample_is_accepted_and_ends_in_the_state_that_fits_its_topic(app: Flask, cast: Cast) -> None:
    for name in SAMPLES:
        deliver(app, cast.acme, name)

    received = deliveries(cast.acme)
    # Among them is the wish to forget a person: what other samples say of the same one is erased with it.
    sent = dict(enumerate(SAMPLES.values()))
    assert all(each.body == sent[at] or each.reason == ERASED for at, each in enumerate(received))
    assert sum(each.body == sent[at] for at, each in enumerate(received)) > len(SAMPLES) / 2
    ended = {delivery.topic: (delivery.state, delivery.reason) for delivery in received}
    assert {topic for topic, (state, _) in ended.items() if state == "applied"} == APPLIED
    assert {topic for topic, (state, _) in ended.items() if state == "unconfirmed"} == DEPARTURES
    assert {state for state, _ in ended.values()} == {"applied", "ignored", "unconfirmed"}, ended


def test_all_samples_together_in_one_batch(app: Flask, cast: Cast) -> None:
    """Some delete the same customer and product, which then stay deleted."""
    for name, raw in SAMPLES.items():
        assert send(app, cast.acme, name.split()[1], raw).status_code == 200

    apply.apply_pending(cast.acme.key, NOW)
    confirm(cast.acme)
    apply.apply_pending(cast.acme.key, NOW)

    assert {delivery.topic for delivery in deliveries(cast.acme) if delivery.state == "unconfirmed"} == DEPARTURES
    assert {delivery.state for delivery in deliveries(cast.acme)} == {"applied", "ignored", "unconfirmed"}
    assert row(cast.acme, Store)["state"] == "connected", "nobody has confirmed the sample farewell"
    left = {order_row["order_id"] for order_row in rows(cast.acme, Order) if order_row["deleted_at"] is None}
    assert left == {820982911946154508}


@pytest.mark.parametrize("name", ORDERS)
def test_an_orders_totals_are_stored_to_the_cent(app: Flask, cast: Cast, name: str) -> None:
    sent = deliver(app, cast.acme, name)

    stored = row(cast.acme, Order)
    for column, field in {
        "total": "total_price",
        "subtotal": "subtotal_price",
        "discounts": "total_discounts",
        "tax": "total_tax",
        "shipping": "total_shipping_price",
        "current_total": "current_total_price",
    }.items():
        assert stored[column] == money(sent, field), column
    assert stored["tip"] == Decimal(sent["total_tip_received"])
    assert (stored["order_id"], stored["name"], stored["number"]) == (sent["id"], sent["name"], sent["order_number"])
    assert (stored["currency"], stored["presentment_currency"]) == (sent["currency"], sent["presentment_currency"])
    assert stored["presentment_total"] == Decimal(sent["total_price_set"]["presentment_money"]["amount"])
    assert (stored["email"], stored["customer_id"]) == (sent["email"], sent["customer"]["id"])
    assert (stored["created_at"], stored["processed_at"]) == (
        instant(sent["created_at"]),
        instant(sent["processed_at"]),
    )
    assert (stored["cancelled_at"], stored["cancel_reason"]) == (instant(sent["cancelled_at"]), sent["cancel_reason"])
    assert (stored["test"], stored["financial_status"]) == (True, sent["financial_status"])
    assert stored["country"] == sent["shipping_address"]["country_code"]


@pytest.mark.parametrize("name", ORDERS)
def test_an_orders_lines_are_stored_to_the_cent(app: Flask, cast: Cast, name: str) -> None:
    sent = deliver(app, cast.acme, name)

    kept = {line["line_item_id"]: line for line in rows(cast.acme, LineItem)}
    assert len(kept) == len(sent["line_items"])
    for position, line in enumerate(sent["line_items"]):
        stored = kept[line["id"]]
        assert (stored["position"], stored["quantity"], stored["title"]) == (
            position,
            line["quantity"],
            line["title"],
        )
        assert stored["unit_price"] == money(line, "price")
        assert stored["discount"] == sum(
            (money(allocation, "amount") for allocation in line["discount_allocations"]), Decimal(0)
        )
        assert sum((Decimal(tax["amount"]) for tax in stored["taxes"]), Decimal(0)) == sum(
            (money(tax, "price") for tax in line["tax_lines"]), Decimal(0)
        )
        assert (stored["product_id"], stored["sku"]) == (line["product_id"], line["sku"] or None)
    shipping = rows(cast.acme, ShippingLine)
    assert [(line["shipping_line_id"], line["price"]) for line in shipping] == [
        (line["id"], money(line, "price")) for line in sent["shipping_lines"]
    ]


@pytest.mark.parametrize("name", ORDERS)
def test_a_sample_order_is_a_test_and_sells_nothing(app: Flask, cast: Cast, name: str) -> None:
    assert deliver(app, cast.acme, name)["test"] is True

    assert rows(cast.acme, Sale) == []


@pytest.mark.parametrize("name", ORDERS)
def test_the_same_order_that_is_no_test_sells_to_the_cent(app: Flask, cast: Cast, name: str) -> None:
    """The parts of a sample do not add up to its total (20.00 off are allocated to no line): the parts count."""
    sent = deliver(app, cast.acme, name, test=False)

    goods = sum((money(line, "price") * line["quantity"] for line in sent["line_items"]), Decimal(0))
    off = sum(
        (money(allocation, "amount") for line in sent["line_items"] for allocation in line["discount_allocations"]),
        Decimal(0),
    )
    tax = sum((money(tax_line, "price") for line in sent["line_items"] for tax_line in line["tax_lines"]), Decimal(0))
    # Samples that were cancelled unpaid are sold on their day and reversed on another.
    sold = [sale for sale in rows(cast.acme, Sale) if sale["action"] == "order"]
    of_goods = [sale for sale in sold if sale["line_type"] == "product"]
    of_shipping = [sale for sale in sold if sale["line_type"] == "shipping"]
    assert sum(sale["net"] + sale["discount"] for sale in of_goods) == goods
    assert sum(sale["discount"] for sale in of_goods) == off
    assert sum(sale["tax"] for sale in of_goods) == tax
    assert sum(sale["net"] for sale in of_shipping) == money(sent, "total_shipping_price")
    assert {sale["happened_at"] for sale in sold} == {instant(sent["processed_at"])}
    assert {sale["action"] for sale in sold} == {"order"}


@pytest.mark.parametrize("name", REFUNDS)
def test_a_refund_and_its_lines_are_stored_to_the_cent(app: Flask, cast: Cast, name: str) -> None:
    sent = deliver(app, cast.acme, name)

    kept = row(cast.acme, Refund)
    succeeded = [
        transaction
        for transaction in sent["transactions"]
        if (transaction["kind"], transaction["status"]) == ("refund", "success")
    ]
    assert kept["refunded"] == sum((Decimal(transaction["amount"]) for transaction in succeeded), Decimal(0))
    assert (kept["refund_id"], kept["order_id"], kept["note"]) == (sent["id"], sent["order_id"], sent["note"])
    assert kept["processed_at"] == instant(sent["processed_at"])
    lines = {line["refund_line_id"]: line for line in rows(cast.acme, RefundLine)}
    assert len(lines) == len(sent["refund_line_items"])
    for line in sent["refund_line_items"]:
        stored = lines[line["id"]]
        assert (stored["line_item_id"], stored["quantity"]) == (line["line_item_id"], line["quantity"])
        assert (stored["subtotal"], stored["tax"]) == (money(line, "subtotal"), money(line, "total_tax"))
        assert stored["restock_type"] == line["restock_type"]


@pytest.mark.parametrize("refund_first", [True, False])
def test_the_sample_refund_returns_the_goods_of_the_sample_order(app: Flask, cast: Cast, refund_first: bool) -> None:
    names = [("reference refunds/create", {}), ("reference orders/create", {"test": False})]
    bodies = [deliver(app, cast.acme, name, **changes) for name, changes in sorted(names, reverse=refund_first)]

    (refund,) = [each for each in bodies if "refund_line_items" in each]
    returned = [sale for sale in rows(cast.acme, Sale) if sale["action"] == "return"]
    given_back = sum((money(line, "subtotal") for line in refund["refund_line_items"]), Decimal(0))
    assert -sum(sale["net"] for sale in returned) == given_back
    assert given_back > 0
    assert sorted(sale["line_item_id"] for sale in returned) == sorted(
        line["line_item_id"] for line in refund["refund_line_items"]
    )


@pytest.mark.parametrize("name", CUSTOMERS)
def test_a_customer_is_stored_as_sent(app: Flask, cast: Cast, name: str) -> None:
    sent = deliver(app, cast.acme, name)

    stored = row(cast.acme, Customer)
    for column in ("first_name", "last_name", "email", "state", "currency"):
        assert stored[column] == sent[column], column
    assert (stored["customer_id"], stored["updated_at"]) == (sent["id"], instant(sent["updated_at"]))
    address = sent.get("default_address")
    assert (stored["city"], stored["country"]) == (
        (address["city"], address["country_code"]) if address else (None, None)
    )


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_and_its_variants_are_stored_to_the_cent(app: Flask, cast: Cast, name: str) -> None:
    sent = deliver(app, cast.acme, name)

    kept = row(cast.acme, Product)
    assert (kept["title"], kept["vendor"], kept["status"]) == (sent["title"], sent["vendor"], sent["status"])
    assert kept["tags"] == sent["tags"].split(", ")
    variants = {variant["variant_id"]: variant for variant in rows(cast.acme, Variant)}
    assert len(variants) == len(sent["variants"])
    for variant in sent["variants"]:
        stored = variants[variant["id"]]
        assert stored["price"] == Decimal(variant["price"])
        assert stored["compare_at_price"] == Decimal(variant["compare_at_price"])
        assert stored["inventory_quantity"] == variant["inventory_quantity"]


def test_all_samples_twice_are_the_same_as_once(app: Flask, cast: Cast) -> None:
    for name in (*ORDERS, *REFUNDS, *PRODUCTS, *CUSTOMERS):
        deliver(app, cast.acme, name)
    once = [rows(cast.acme, model) for model in (Order, LineItem, Refund, RefundLine, Product, Variant, Customer)]

    for name in (*ORDERS, *REFUNDS, *PRODUCTS, *CUSTOMERS):
        deliver(app, cast.acme, name)

    again = [rows(cast.acme, model) for model in (Order, LineItem, Refund, RefundLine, Product, Variant, Customer)]
    assert again == once
    assert total_sales(cast.acme) == 0
