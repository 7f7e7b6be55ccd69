"""Deliveries that delete, disconnect or do not name their shop are applied only after Shopify confirms them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import update

from core import privacy
from core.database import tenant_session
from core.database.models import Cart, Customer, Delivery, Order, Product, Store
from core.errors import ShopifyDown
from core.shopify import body_identity
from core.simulator.http.simulator import Simulator
from core.simulator.webhooks.bodies import customer_body, product_body, shop_body
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.topics import encode_body
from core.webhooks import apply as applying
from core.webhooks import confirm as confirming
from tests.cast import NOW, Business, Cast, make_cast
from tests.core.shopify.fakes import reply
from tests.core.transports import Wire, always, failing
from tests.installs import Merchant
from tests.shopify_sends import deliveries, shop_named, store_delivery
from tests.stored import row, rows

OTHERS = 999_000_000_001
"""The id of a record of another shop."""


def confirm(cast: Cast, transport: Wire | None = None) -> None:
    """Apply pending deliveries, ask Shopify, and apply the confirmed ones."""
    apply(cast)
    confirming.confirm_due(cast.acme.key, transport)
    apply(cast)


def apply(cast: Cast) -> None:
    applying.apply_pending(cast.acme.key, datetime.now(UTC))


def states(cast: Cast) -> list[str]:
    return [delivery.state for delivery in deliveries(cast.acme)]


def ask_until_it_is_believed(cast: Cast) -> None:
    """Make every try at once, without its backoff."""
    for _ in range(confirming.TRIES):
        with tenant_session(cast.acme.tenant_id) as session:
            session.execute(update(Delivery).where(Delivery.retry_at.is_not(None)).values(retry_at=NOW))
        confirm(cast)


def share_its_secret(cast: Cast) -> None:
    """Make Acme a store that installed the operator's app, with its token."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).values(credential_kind="installed_app"))


def send(cast: Cast, topic: str, content: Any) -> None:
    store_delivery(cast.acme, topic, json.loads(json.dumps(content)))


def sold(cast: Cast, shopify: Simulator) -> int:
    """An order of the shop, applied from its webhook."""
    live, order_id = shopify.live_shop(), shopify.sell()
    send(cast, "orders/create", order_body(live.shop, live.shop.orders[order_id]))
    confirm(cast)
    return order_id


def own_shop(cast: Cast, shopify: Simulator) -> None:
    """Give Acme's row the id that the simulated Shopify gave its shop."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).values(shopify_id=shopify.live_shop().shop.shop_id))


def test_a_deletion_that_shopify_confirms_is_applied(connected: Cast, shopify: Simulator) -> None:
    order_id = sold(connected, shopify)
    shopify.live_shop().trigger("delete_order", {"order_id": order_id})
    send(connected, "orders/delete", {"id": order_id})

    confirm(connected)

    assert row(connected.acme, Order)["deleted_at"] is not None
    assert states(connected) == ["applied", "applied"]


@pytest.mark.parametrize("topic", ["orders/delete", "customers/delete", "products/delete"])
def test_a_deletion_of_a_record_that_shopify_still_has_deletes_nothing(
    connected: Cast, shopify: Simulator, topic: str
) -> None:
    shop = shopify.live_shop().shop
    order, customer, product = next(iter(shop.orders)), next(iter(shop.customers)), next(iter(shop.products))
    send(connected, "orders/create", order_body(shop, shop.orders[order]))
    send(connected, "customers/create", customer_body(shop, shop.customers[customer]))
    send(connected, "products/create", product_body(shop, shop.products[product]))
    send(connected, topic, {"id": {"orders": order, "customers": customer, "products": product}[topic.split("/")[0]]})

    confirm(connected)
    assert states(connected)[-1] == "unconfirmed", "its answer may be older than what it sent"
    ask_until_it_is_believed(connected)

    assert [row(connected.acme, model)["deleted_at"] for model in (Order, Customer, Product)] == [None] * 3
    last = deliveries(connected.acme)[-1]
    assert (last.state, last.reason) == ("ignored", "Shopify still has it, so nothing was deleted.")


def test_a_deletion_that_shopify_confirms_late_is_applied_at_a_retry(connected: Cast, shopify: Simulator) -> None:
    order_id = sold(connected, shopify)
    send(connected, "orders/delete", {"id": order_id})
    confirm(connected)
    shopify.live_shop().trigger("delete_order", {"order_id": order_id})

    ask_until_it_is_believed(connected)

    assert row(connected.acme, Order)["deleted_at"] is not None


def test_customers_are_merged_once_shopify_has_only_one_of_them(connected: Cast, shopify: Simulator) -> None:
    shop = shopify.live_shop().shop
    kept, merged = list(shop.customers)[:2]
    body = {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{merged}",
        "status": "completed",
        "errors": [],
    }
    send(connected, "customers/merge", body)
    confirm(connected)
    assert states(connected) == ["unconfirmed"]

    shopify.live_shop().trigger("merge_customers", {"kept_id": kept, "merged_id": merged})
    ask_until_it_is_believed(connected)

    assert states(connected) == ["applied"]


def test_while_shopify_is_unavailable_a_deletion_waits(connected: Cast, shopify: Simulator) -> None:
    order_id = sold(connected, shopify)
    shopify.live_shop().trigger("delete_order", {"order_id": order_id})
    send(connected, "orders/delete", {"id": order_id})

    with pytest.raises(ShopifyDown):
        confirm(connected, failing(requests.ConnectionError()))
    assert (states(connected)[-1], row(connected.acme, Order)["deleted_at"]) == ("unconfirmed", None)

    confirm(connected)
    assert row(connected.acme, Order)["deleted_at"] is not None


def test_a_deletion_waits_with_its_reason_if_shopify_refuses_the_question(
    connected: Cast, shopify: Simulator
) -> None:
    order_id = sold(connected, shopify)
    send(connected, "orders/delete", {"id": order_id})

    confirm(connected, always(lambda: reply({}, status=402)))

    last = deliveries(connected.acme)[-1]
    assert last.state == "unconfirmed"
    assert last.reason is not None
    assert "frozen" in last.reason
    assert last.retry_at is not None
    assert last.retry_at > datetime.now(UTC) + confirming.AGAIN_AFTER / 2


def uninstalled() -> Wire:
    """The answers of a Shopify where the app is not installed any more."""
    return always(lambda: reply({"errors": "[API] Invalid API key or access token"}, status=401))


def test_an_app_that_is_still_installed_is_not_disconnected(connected: Cast, shopify: Simulator) -> None:
    send(connected, "app/uninstalled", {"id": row(connected.acme, Store)["shopify_id"], "name": "Acme"})

    confirm(connected)

    assert row(connected.acme, Store)["state"] == "connected"
    (delivery,) = deliveries(connected.acme)
    assert (delivery.state, delivery.reason) == (
        "ignored",
        "Shopify says that the app is installed, so nothing was changed.",
    )


def test_an_app_whose_token_is_dead_is_disconnected(connected: Cast, shopify: Simulator) -> None:
    send(connected, "app/uninstalled", {"id": row(connected.acme, Store)["shopify_id"], "name": "Acme"})

    confirm(connected, uninstalled())

    store = row(connected.acme, Store)
    assert store["state"] == "reconnect"
    assert "was uninstalled" in store["state_reason"]


def test_a_store_whose_app_is_still_installed_is_not_erased_and_its_receipt_says_so(
    connected: Cast, shopify: Simulator
) -> None:
    sold(connected, shopify)
    store_delivery(connected.acme, "shop/redact", shop_named(connected.acme), NOW + timedelta(days=365))

    confirm(connected)

    assert len(rows(connected.acme, Order)) == 1
    (receipt,) = privacy.receipts(connected.alice.actor)
    assert receipt.outcome == "Kept: Shopify says that the app is installed on this store."


def test_while_shopify_is_unavailable_no_store_is_erased(connected: Cast, shopify: Simulator) -> None:
    store_delivery(connected.acme, "shop/redact", shop_named(connected.acme))
    with tenant_session(connected.acme.tenant_id) as session:
        session.execute(update(Delivery).values(received_at=datetime.now(UTC)))

    with pytest.raises(ShopifyDown):
        confirm(connected, failing(requests.ConnectionError()))
    confirm(connected, always(lambda: reply({}, status=402)))

    assert len(rows(connected.acme, Store)) == 1
    assert states(connected) == ["unconfirmed"]


def test_a_store_whose_app_is_uninstalled_is_erased(connected: Cast, shopify: Simulator) -> None:
    sold(connected, shopify)
    store_delivery(connected.acme, "shop/redact", shop_named(connected.acme))

    confirm(connected, uninstalled())

    assert rows(connected.acme, Store) == rows(connected.acme, Order) == []
    (receipt,) = privacy.receipts(connected.alice.actor)
    assert receipt.outcome.startswith("Erased:")


def test_a_shop_that_has_been_closed_for_a_week_is_erased(connected: Cast, shopify: Simulator) -> None:
    store_delivery(connected.acme, "shop/redact", shop_named(connected.acme))
    apply(connected)
    closed = always(lambda: reply({}, status=404))
    with tenant_session(connected.acme.tenant_id) as session:
        session.execute(update(Delivery).values(received_at=datetime.now(UTC) - confirming.CLOSED_AFTER))

    confirm(connected, closed)

    assert rows(connected.acme, Store) == []


def bodies_of(shopify: Simulator, number: int) -> Sequence[tuple[str, dict[str, Any]]]:
    """A body of each topic that names no shop, about the records of this id."""
    shop = shopify.live_shop().shop
    customer, product = next(iter(shop.customers.values())), next(iter(shop.products.values()))
    line = {"product_id": number, "quantity": 1, "line_price": "1.00"}
    at = "2026-11-20T12:00:00Z"
    order = order_body(shop, next(iter(shop.orders.values())))
    return [
        ("orders/create", {**order, "id": number, "order_status_url": None, "admin_graphql_api_id": None}),
        ("customers/create", {**customer_body(shop, customer), "id": number, "admin_graphql_api_id": None}),
        ("products/create", {**product_body(shop, product), "id": number, "admin_graphql_api_id": None}),
        ("carts/update", {"id": "a", "token": "a", "line_items": [line], "created_at": at, "updated_at": at}),
    ]


@pytest.mark.parametrize("at", range(4), ids=["order", "customer", "product", "cart"])
def test_a_delivery_of_another_shop_of_the_same_app_is_never_applied(
    connected: Cast, shopify: Simulator, at: int
) -> None:
    share_its_secret(connected)
    topic, content = bodies_of(shopify, OTHERS)[at]
    send(connected, topic, content)

    confirm(connected)
    ask_until_it_is_believed(connected)

    assert [rows(connected.acme, model) for model in (Order, Customer, Product, Cart)] == [[]] * 4
    (delivery,) = deliveries(connected.acme)
    assert (delivery.state, delivery.reason) == (
        "ignored",
        "Shopify knows nothing of it in this store, so it was not applied.",
    )


def test_an_unnamed_delivery_is_applied_after_confirmation_or_at_once_if_its_record_is_stored(
    connected: Cast, shopify: Simulator
) -> None:
    share_its_secret(connected)
    shop = shopify.live_shop().shop
    product = next(iter(shop.products.values()))
    send(connected, "products/create", product_body(shop, product))
    apply(connected)
    assert (states(connected), rows(connected.acme, Product)) == (["unconfirmed"], [])

    confirm(connected)
    assert row(connected.acme, Product)["title"] == product.title

    later = {**product_body(shop, product), "title": "Renamed", "updated_at": "2027-01-01T00:00:00Z"}
    send(connected, "products/update", later)
    apply(connected)
    assert row(connected.acme, Product)["title"] == "Renamed"


def test_an_order_that_names_its_shop_counts_at_once(connected: Cast, shopify: Simulator) -> None:
    share_its_secret(connected)
    own_shop(connected, shopify)
    live, order_id = shopify.live_shop(), shopify.sell()
    send(connected, "orders/create", order_body(live.shop, live.shop.orders[order_id]))

    apply(connected)

    assert row(connected.acme, Order)["order_id"] == order_id


def test_a_deletion_of_an_unknown_record_leaves_no_tombstone_if_the_secret_is_shared(
    connected: Cast, shopify: Simulator
) -> None:
    share_its_secret(connected)
    send(connected, "orders/delete", {"id": OTHERS})

    apply(connected)

    assert states(connected) == ["ignored"]


def test_the_schedule_queues_the_confirmation_of_deliveries_without_a_job(
    connected: Cast, shopify: Simulator, database_url: str
) -> None:
    store_delivery(connected.acme, "products/delete", {"id": 1})
    apply(connected)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")
        confirming.queue_if_due(connected.acme.key, datetime.now(UTC))
        queued = owner.execute("SELECT task_name FROM procrastinate_jobs").fetchall()

    assert queued == [("confirm_deliveries",)]


def test_the_operators_app_uninstalled_in_shopify_is_disconnected_here(merchant: Merchant) -> None:
    """All of its tokens are revoked, the refresh token too."""
    dana = make_cast().dana
    store = merchant.install(dana.actor)
    business = Business(dana.tenant_id, store.store_id, "Initech", store.shop_domain)
    body = shop_body(merchant.shop.shop, datetime.now(UTC))
    assert (
        body_identity.read("app/uninstalled", encode_body(body)).compare_shop(
            "app/uninstalled", store.shop_domain, row(business, Store)["shopify_id"]
        )
        is body_identity.ShopMatch.OURS
    )
    merchant.shop.uninstall()
    store_delivery(business, "app/uninstalled", body)

    applying.apply_pending(business.key, datetime.now(UTC))
    confirming.confirm_due(business.key)
    applying.apply_pending(business.key, datetime.now(UTC))

    stored = row(business, Store)
    assert stored["state"] == "reconnect"
    assert "was uninstalled" in stored["state_reason"]
