"""Customers and products deleted without a webhook are deleted here, and restored if Shopify has them after all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.database.models import Checkout, Customer, Deletion, Product
from core.database.models import Order as StoredOrder
from core.domain import Deleted, Kind
from core.simulator.http.simulator import Simulator
from tests.cast import NOW, Cast
from tests.core.reconcile.checking import check, deleted_ids, forget, revision
from tests.core.transports import Altering, Wire
from tests.factories import checkout, order
from tests.stored import rows, write


def test_customers_and_products_deleted_without_a_webhook_are_deleted_here(equal: Cast, shopify: Simulator) -> None:
    shop = shopify.live_shop().shop
    with shopify.live_shop().lock:
        customer_id = next(
            number for number in shop.customers if all(order.customer_id != number for order in shop.orders.values())
        )
        del shop.customers[customer_id]
        sold = {line.product_id for order in shop.orders.values() for line in order.lines}
        product_id = next(iter(shop.products))
        del shop.products[product_id]
        shop.revision += 1
    assert product_id in sold, "what it sold stays in the numbers"
    check(equal)
    assert deleted_ids(equal, Customer) == {customer_id}
    assert deleted_ids(equal, Product) == {product_id}
    before = revision(equal)
    check(equal)
    assert revision(equal) == before


def test_orders_of_a_customer_merged_without_a_webhook_go_to_the_kept_one(equal: Cast, shopify: Simulator) -> None:
    shop = shopify.live_shop().shop
    merged, kept = sorted({order.customer_id for order in shop.orders.values() if order.customer_id})[:2]
    theirs = {order.order_id for order in shop.orders.values() if order.customer_id == merged}
    with shopify.live_shop().lock:
        for order_id in theirs:
            shop.orders[order_id].customer_id = kept
        del shop.customers[merged]
        shop.revision += 1
    check(equal)
    assert {each["customer_id"] for each in rows(equal.acme, StoredOrder) if each["order_id"] in theirs} == {kept}


def test_orders_of_a_customer_created_and_merged_without_webhooks_go_to_the_kept_one(
    equal: Cast, shopify: Simulator
) -> None:
    shop = shopify.live_shop().shop
    unheard_of, kept = sorted({order.customer_id for order in shop.orders.values() if order.customer_id})[:2]
    theirs = {order.order_id for order in shop.orders.values() if order.customer_id == unheard_of}
    forget(equal, unheard_of)
    with shopify.live_shop().lock:
        for order_id in theirs:
            shop.orders[order_id].customer_id = kept
        del shop.customers[unheard_of]
        shop.revision += 1
    check(equal)
    assert {each["customer_id"] for each in rows(equal.acme, StoredOrder) if each["order_id"] in theirs} == {kept}


def test_a_buyer_without_a_row_is_fetched_from_shopify(equal: Cast, shopify: Simulator) -> None:
    unheard_of = next(order.customer_id for order in shopify.live_shop().shop.orders.values() if order.customer_id)
    forget(equal, unheard_of)
    check(equal)
    assert unheard_of in {each["customer_id"] for each in rows(equal.acme, Customer) if not each["deleted_at"]}


def test_orders_of_a_customer_created_and_deleted_without_webhooks_have_no_customer(equal: Cast) -> None:
    write(equal.acme, checkout(customer_id=12345))
    check(equal)
    assert {each["customer_id"] for each in rows(equal.acme, Checkout)} == {None}


def test_after_a_buyer_whose_order_shopify_hides_it_is_asked_once(equal: Cast) -> None:
    """The order is too old to be shown, so whose it is now cannot be learned, however often it is asked for."""
    old = datetime(2025, 1, 1, 12, tzinfo=UTC)
    write(equal.acme, order(order_id=42, customer_id=12345, processed_at=old, created_at=old))
    first, second = Wire(), Wire()
    check(equal, transport=first)
    assert ["gid://shopify/Customer/12345"] in [asked["ids"] for asked in first.of("existing")]
    assert [asked["ids"] for asked in first.of("order_details")] == [["gid://shopify/Order/42"]]
    check(equal, transport=second)
    assert len(second.of("existing")) == 1, (
        "whether they are back, as is asked of all that are marked as deleted at once"
    )
    assert second.of("order_details") == []
    assert [each["customer_id"] for each in rows(equal.acme, StoredOrder) if each["order_id"] == 42] == [12345]


def test_customers_and_products_wrongly_inferred_as_deleted_are_restored(equal: Cast, shopify: Simulator) -> None:
    customer_id = next(iter(shopify.live_shop().shop.customers))
    product_id = next(iter(shopify.live_shop().shop.products))
    before = rows(equal.acme, Customer), rows(equal.acme, Product)
    write(equal.acme, Deleted(Kind.CUSTOMER, customer_id, NOW, is_inferred=True))
    write(equal.acme, Deleted(Kind.PRODUCT, product_id, NOW, is_inferred=True))
    check(equal)
    assert (rows(equal.acme, Customer), rows(equal.acme, Product)) == before
    assert rows(equal.acme, Deletion) == []


def test_a_record_that_shopify_has_but_does_not_list_is_left_alone(equal: Cast) -> None:
    before = deleted_ids(equal, Customer), len(rows(equal.acme, Customer))
    check(equal, transport=Altering(hidden))
    assert (deleted_ids(equal, Customer), len(rows(equal.acme, Customer))) == before == (set(), 30)


def hidden(answer: dict[str, Any]) -> None:
    """Shopify neither counts nor lists one of the customers."""
    if "customersCount" in answer:
        answer["customersCount"]["count"] -= 1
    if "customers" in answer:
        del answer["customers"]["nodes"][3]
