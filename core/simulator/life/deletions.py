"""Deletes orders, customers and products, merges customers, and drops webhook subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from core.errors import InvalidInput
from core.simulator.life.context import EventContext, EventOutcome, Webhook
from core.simulator.shop.model import Customer, Order
from core.simulator.shop.shop import Shop, next_update_time

_Choice = TypeVar("_Choice")


def _delete_order(context: EventContext) -> EventOutcome:
    """Delete an order with its sales. Its goods stay where they are."""
    shop, order = context.shop, context.order()
    del shop.orders[order.order_id]
    webhooks = [Webhook("orders/delete", (order.order_id,))]
    customer = shop.customers.get(order.customer_id or 0)
    if customer:
        _remove_from_customer(shop, customer, order)
        customer.updated_at = next_update_time(customer.updated_at, context.at)
        webhooks.append(Webhook("customers/update", (customer,)))
    return EventOutcome({"order_id": order.order_id}, webhooks)


def _delete_customer(context: EventContext) -> EventOutcome:
    """Delete an account. Shopify refuses to delete a customer with orders."""
    shop = context.shop
    ordered = {order.customer_id for order in shop.orders.values()}
    if "customer_id" in context.args:
        customer = context.customer()
    else:
        without_orders = [known for known in shop.customers.values() if known.customer_id not in ordered]
        customer = _choose(context, without_orders)
    if customer.customer_id in ordered:
        raise InvalidInput(
            "A customer with orders cannot be deleted; delete the orders before, or merge the customer"
        )
    del shop.customers[customer.customer_id]
    webhook = Webhook("customers/delete", (customer.customer_id,))
    return EventOutcome({"customer_id": customer.customer_id}, [webhook])


def _merge_customers(context: EventContext) -> EventOutcome:
    """Merge the customer `merged_id` into `kept_id`; each is chosen by chance unless given."""
    shop = context.shop
    customers = list(shop.customers.values())
    merged = context.customer("merged_id") if "merged_id" in context.args else _choose(context, customers)
    others = [customer for customer in customers if customer is not merged]
    survivor = context.customer("kept_id") if "kept_id" in context.args else _choose(context, others)
    if survivor is merged:
        raise InvalidInput("A customer cannot be merged with itself; name two")
    _move_orders(shop, merged, survivor)
    survivor.updated_at = next_update_time(survivor.updated_at, context.at)
    webhooks = [
        Webhook("customers/merge", (survivor.customer_id, merged.customer_id)),
        Webhook("customers/update", (survivor,)),
    ]
    return EventOutcome({"kept_id": survivor.customer_id, "merged_id": merged.customer_id}, webhooks)


def _delete_product(context: EventContext) -> EventOutcome:
    """Delete a product. Lines of its orders keep its title and lose its id."""
    shop = context.shop
    goods = [product for product in shop.products.values() if not product.is_gift_card]
    product = context.product() if "product_id" in context.args else _choose(context, goods)
    if product.is_gift_card or len(goods) == 1:
        raise InvalidInput("The gift card and the last product stay: without them this shop could not sell")
    shop.delete_product(product)
    return EventOutcome({"product_id": product.product_id}, [Webhook("products/delete", (product.product_id,))])


def _drop_subscriptions(context: EventContext) -> EventOutcome:
    """Delete `count` subscriptions by chance, or all of them, as Shopify does: without a word to the app."""
    by_id = context.subscriptions.by_id
    count = context.args.get("count", len(by_id))
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InvalidInput("count is how many subscriptions to drop; without it, all are")
    dropped = context.rng.sample(sorted(by_id), min(count, len(by_id)))
    topics = [by_id.pop(subscription_id).topic for subscription_id in dropped]
    return EventOutcome({"dropped": topics})


def _move_orders(shop: Shop, merged: Customer, survivor: Customer) -> None:
    """Move the orders and totals of `merged` to `survivor` and delete the account."""
    # Checkouts keep the id of the merged customer; `Shop.current_account` finds the survivor by this entry.
    shop.merged[merged.customer_id] = survivor.customer_id
    for order in shop.orders.values():
        if order.customer_id == merged.customer_id:
            order.customer_id = survivor.customer_id
    if merged in shop.buyers:
        shop.buyers.remove(merged)
        if survivor not in shop.buyers:
            shop.buyers.append(survivor)
    survivor.orders_count += merged.orders_count
    survivor.amount_spent += merged.amount_spent
    del shop.customers[merged.customer_id]


def _remove_from_customer(shop: Shop, customer: Customer, order: Order) -> None:
    """Take a deleted order out of its customer's totals."""
    customer.orders_count -= 1
    if not order.test:
        received = (money.amount if money.kind == "SALE" else -money.amount for money in order.transactions)
        customer.amount_spent -= sum(received)
    if not customer.orders_count:
        shop.buyers.remove(customer)


def _choose(context: EventContext, choices: Sequence[_Choice]) -> _Choice:
    if not choices:
        raise InvalidInput("This shop has none that could be chosen; name one")
    return context.rng.choice(choices)


HANDLERS: Mapping[str, Callable[[EventContext], EventOutcome]] = MappingProxyType(
    {
        "delete_order": _delete_order,
        "delete_customer": _delete_customer,
        "merge_customers": _merge_customers,
        "delete_product": _delete_product,
        "drop_subscriptions": _drop_subscriptions,
    }
)
