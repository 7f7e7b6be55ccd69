"""What is no more: orders, customers, products are deleted, two customers become one, subscriptions are dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from core.errors import InvalidInput
from core.simulator.life.context import Happened, News, Scene
from core.simulator.shop.formats import gid
from core.simulator.shop.model import Customer, Order
from core.simulator.shop.shop import Shop, later
from core.simulator.webhooks.bodies import customer_body
from core.simulator.webhooks.body_parts import Body

_Thing = TypeVar("_Thing")


def _delete_order(scene: Scene) -> Happened:
    """An order is deleted, and with it all that it brought; its goods stay where they are."""
    shop, order = scene.shop, scene.order()
    del shop.orders[order.order_id]
    news: News = [("orders/delete", lambda: {"id": order.order_id})]
    customer = shop.customers.get(order.customer_id or 0)
    if customer:
        _take_from(shop, customer, order)
        customer.updated_at = later(customer.updated_at, scene.at)
        news.append(("customers/update", lambda: customer_body(shop, customer)))
    return Happened({"order_id": order.order_id}, news)


def _delete_customer(scene: Scene) -> Happened:
    """Somebody's account is deleted; of those who ordered Shopify keeps it."""
    shop = scene.shop
    ordered = {order.customer_id for order in shop.orders.values()}
    if "customer_id" in scene.args:
        customer = scene.customer()
    else:
        customer = _any_of(scene, [each for each in shop.customers.values() if each.customer_id not in ordered])
    if customer.customer_id in ordered:
        raise InvalidInput(
            "A customer with orders cannot be deleted; delete the orders before, or merge the customer"
        )
    del shop.customers[customer.customer_id]
    told: Body = {
        "id": customer.customer_id,
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", customer.customer_id),
    }
    return Happened({"customer_id": customer.customer_id}, [("customers/delete", lambda: told)])


def _merge_customers(scene: Scene) -> Happened:
    """Two accounts become one: `merged_id` is no more, all of it is `kept_id`'s."""
    shop = scene.shop
    known = list(shop.customers.values())
    merged = scene.customer("merged_id") if "merged_id" in scene.args else _any_of(scene, known)
    others = [each for each in known if each is not merged]
    kept = scene.customer("kept_id") if "kept_id" in scene.args else _any_of(scene, others)
    if kept is merged:
        raise InvalidInput("A customer cannot be merged with itself; name two")
    _hand_over(shop, merged, kept)
    kept.updated_at = later(kept.updated_at, scene.at)
    told: Body = {
        "admin_graphql_api_customer_kept_id": gid("Customer", kept.customer_id),
        "admin_graphql_api_customer_deleted_id": gid("Customer", merged.customer_id),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }
    news: News = [("customers/merge", lambda: told), ("customers/update", lambda: customer_body(shop, kept))]
    return Happened({"kept_id": kept.customer_id, "merged_id": merged.customer_id}, news)


def _delete_product(scene: Scene) -> Happened:
    """A product is deleted; the lines that sold it keep its title and lose its id."""
    shop = scene.shop
    goods = [each for each in shop.products.values() if not each.is_gift_card]
    product = scene.product() if "product_id" in scene.args else _any_of(scene, goods)
    if product.is_gift_card or len(goods) == 1:
        raise InvalidInput("The gift card and the last product stay: without them this shop could not sell")
    shop.take_off(product)
    return Happened({"product_id": product.product_id}, [("products/delete", lambda: {"id": product.product_id})])


def _drop_subscriptions(scene: Scene) -> Happened:
    """Shopify deletes `count` of the subscriptions, by chance, or all: nobody is told."""
    known = scene.subscriptions.by_id
    count = scene.args.get("count", len(known))
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InvalidInput("count is how many subscriptions to drop; without it, all are")
    dropped = scene.rng.sample(sorted(known), min(count, len(known)))
    topics = [known.pop(number).topic for number in dropped]
    return Happened({"dropped": topics})


def _hand_over(shop: Shop, merged: Customer, kept: Customer) -> None:
    """All that is one customer's becomes another's, what they left in checkouts too."""
    shop.merged[merged.customer_id] = kept.customer_id
    for order in shop.orders.values():
        if order.customer_id == merged.customer_id:
            order.customer_id = kept.customer_id
    if merged in shop.buyers:
        shop.buyers.remove(merged)
        if kept not in shop.buyers:
            shop.buyers.append(kept)
    kept.orders_count += merged.orders_count
    kept.amount_spent += merged.amount_spent
    del shop.customers[merged.customer_id]


def _take_from(shop: Shop, customer: Customer, order: Order) -> None:
    """A customer has not placed this order any more."""
    customer.orders_count -= 1
    if not order.test:
        received = (money.amount if money.kind == "SALE" else -money.amount for money in order.transactions)
        customer.amount_spent -= sum(received)
    if not customer.orders_count:
        shop.buyers.remove(customer)


def _any_of(scene: Scene, things: Sequence[_Thing]) -> _Thing:
    if not things:
        raise InvalidInput("This shop has none that could be chosen; name one")
    return scene.rng.choice(things)


HANDLERS: Mapping[str, Callable[[Scene], Happened]] = MappingProxyType(
    {
        "delete_order": _delete_order,
        "delete_customer": _delete_customer,
        "merge_customers": _merge_customers,
        "delete_product": _delete_product,
        "drop_subscriptions": _drop_subscriptions,
    }
)
