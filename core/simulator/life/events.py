"""Applies events to a shop that keeps changing: sales, customers, products, checkouts, subscriptions."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.errors import InvalidInput
from core.simulator.life import abandoned_checkouts, deletions, order_events, random_purchases, return_events
from core.simulator.life.context import Event, EventContext, EventOutcome, Webhook, parse_id
from core.simulator.life.order_events import stock_webhooks
from core.simulator.shop import customers
from core.simulator.shop.amounts import decimals
from core.simulator.shop.model import Customer, Discount, Product, Tender
from core.simulator.shop.shop import Shop, next_update_time
from core.simulator.shop.subscriptions import Subscription, Subscriptions

__all__ = ["Event", "EventOutcome", "apply"]

_GUEST, _NEW = 0.12, 0.35


def apply(shop: Shop, subscriptions: Subscriptions, event: Event) -> EventOutcome:
    """Apply an event to the shop.

    Raises:
        NotFound, InvalidInput: the event is impossible; the shop has not changed.
    """
    handler = _HANDLERS.get(event.kind)
    if handler is None:
        raise InvalidInput(f"{event.kind} is nothing that happens here; try one of {', '.join(sorted(_HANDLERS))}")
    outcome = handler(EventContext(shop, subscriptions, random.Random(event.seed), event.at, event.args))
    shop.revision += 1
    return outcome


def _sell(context: EventContext) -> EventOutcome:
    shop, args = context.shop, context.args
    customer_count = len(shop.customers)
    cart = [context.cart_item(variant_id, units) for variant_id, units in args.get("lines") or ()]
    order = random_purchases.buy(
        shop,
        context.rng,
        context.at,
        _choose_buyer(context),
        cart=cart,
        test=bool(args.get("test")),
        may_be_late=False,
        import_charges=context.import_charges(),
        may_be_rare=bool(args.get("by_chance")),
        overrides=_purchase_overrides(context),
    )
    webhooks = [Webhook("orders/create", (order,)), *stock_webhooks(shop, order)]
    if order.customer_id:
        topic = "customers/create" if len(shop.customers) > customer_count else "customers/update"
        webhooks.insert(0, Webhook(topic, (shop.customers[order.customer_id],)))
    return EventOutcome({"order_id": order.order_id, "name": order.name, "customer_id": order.customer_id}, webhooks)


def _purchase_overrides(context: EventContext) -> dict[str, Any]:
    """Read the fields of a purchase that `args` decide.

    `tip`; `processed_at` of an imported order; `paid_in` ([currency, rate]) and `booked_in`; a `surcharge` of no
    named type; `cash`; `percent` off.
    """
    args, overrides = context.args, dict[str, Any]()
    if args.get("tip"):
        overrides["tip"] = Decimal(str(args["tip"]))
    if args.get("processed_at"):
        overrides |= {"at": _parse_instant(args["processed_at"]), "created_at": context.at}
    if args.get("paid_in") or args.get("booked_in"):
        booked = str(args.get("booked_in") or context.shop.currency)
        presentment, rate = args.get("paid_in") or (booked, 1)
        overrides["tender"] = Tender(booked, str(presentment), Decimal(str(rate)))
    if args.get("surcharge"):
        overrides["surcharge"] = (Decimal(str(args["surcharge"])), Decimal(0))
    if "percent" in args:
        off = Discount("OFF", "order", Decimal(str(args["percent"])), is_percent=True, code="OFF")
        overrides["discounts"] = (off,) if off.value else ()
    return overrides | ({"is_cash": True} if args.get("cash") else {})


def _parse_instant(text: Any) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError):
        raise InvalidInput("processed_at is an instant such as 2024-05-04T12:00:00+00:00") from None


def _choose_buyer(context: EventContext) -> Customer | None:
    """Find or choose who buys, perhaps a new customer. None is a guest."""
    if context.args.get("customer_id"):
        return context.customer()
    chance = context.rng.random()
    if context.args.get("guest") or (chance < _GUEST and not context.args.get("new_customer")):
        return None
    if context.args.get("new_customer") or not context.shop.buyers or chance < _GUEST + _NEW:
        return customers.add_customer(context.shop, context.rng, context.at)
    return random_purchases.choose_returning_customer(context.shop, context.rng)


def _abandon(context: EventContext) -> EventOutcome:
    """Let a customer with an account begin a checkout and leave it."""
    shop, accounts = context.shop, list(context.shop.customers.values())
    customer = context.customer() if context.args.get("customer_id") or not accounts else context.rng.choice(accounts)
    checkout = abandoned_checkouts.abandon_checkout(shop, context.rng, context.at, customer)
    webhooks = [Webhook("carts/update", (checkout.cart,)), Webhook("checkouts/create", (checkout,))]
    return EventOutcome({"checkout_id": checkout.checkout_id}, webhooks)


def _fill_cart(context: EventContext) -> EventOutcome:
    """Let a visitor fill a cart and leave it before the checkout."""
    cart = abandoned_checkouts.fill_cart(context.shop, context.rng, context.at)
    return EventOutcome({"cart_token": cart.token}, [Webhook("carts/create", (cart,))])


def _change_cart(context: EventContext) -> EventOutcome:
    """Let a visitor change a cart, or take all goods out of it if `empty`."""
    is_emptied = bool(context.args.get("empty"))
    cart = abandoned_checkouts.change_cart(context.shop, context.rng, context.at, is_emptied=is_emptied)
    return EventOutcome({"cart_token": cart.token}, [Webhook("carts/update", (cart,))])


def _add_customer(context: EventContext) -> EventOutcome:
    customer = customers.add_customer(context.shop, context.rng, context.at)
    return EventOutcome({"customer_id": customer.customer_id}, [Webhook("customers/create", (customer,))])


def _update_customer(context: EventContext) -> EventOutcome:
    """Change an account's first name, last name or email, as given."""
    customer = context.customer()
    for field in ("first_name", "last_name", "email"):
        if field in context.args:
            setattr(customer, field, str(context.args[field]))
    customer.updated_at = next_update_time(customer.updated_at, context.at)
    return EventOutcome({"customer_id": customer.customer_id}, [Webhook("customers/update", (customer,))])


def _regroup_customer(context: EventContext) -> EventOutcome:
    """Let Shopify compute another `group` and spend `tier` of an account: no new version of it, and no webhook."""
    customer, args = context.customer(), context.args
    group, tier = args.get("group"), args.get("tier")
    if group not in customers.RFM_GROUPS or tier not in (None, *customers.SPEND_TIERS):
        raise InvalidInput("group is one such as AT_RISK, and tier is HIGH, MEDIUM or LOW")
    customer.regrouped = str(group), tier
    return EventOutcome({"customer_id": customer.customer_id})


def _update_product(context: EventContext) -> EventOutcome:
    """Change a product's title as given, or its prices by a `factor`; without one, by a few percent."""
    product = context.product()
    if "title" in context.args:
        product.title = str(context.args["title"])
    else:
        by_chance = context.rng.choice(("0.95", "1.03", "1.05", "1.08"))
        _change_prices(product, Decimal(str(context.args.get("factor") or by_chance)))
    at = next_update_time(product.updated_at, context.at)
    product.updated_at = at
    for variant in product.variants:
        variant.updated_at = at
    return EventOutcome({"product_id": product.product_id}, [Webhook("products/update", (product,))])


def _change_prices(product: Product, factor: Decimal) -> None:
    for variant in product.variants:
        variant.price = (variant.price * factor).quantize(variant.price)


def _change_currency(context: EventContext) -> EventOutcome:
    """Let the shop sell in another `currency` with as many decimals. Orders of the past stay as they are."""
    shop, currency = context.shop, str(context.args.get("currency") or "").upper()
    if len(currency) != 3 or not currency.isalpha() or decimals(currency) != decimals(shop.currency):
        raise InvalidInput("currency is the code of one with as many decimals, such as USD")
    shop.currency = currency
    return EventOutcome({"currency": currency}, [Webhook("shop/update", (context.at,))])


def _subscribe(context: EventContext) -> EventOutcome:
    subscription = Subscription(
        subscription_id=context.shop.ids.next("webhook"),
        topic=context.args["topic"],
        uri=context.args["uri"],
        created_at=context.at,
        name=context.args.get("name"),
        filter=context.args.get("filter"),
    )
    context.subscriptions.by_id[subscription.subscription_id] = subscription
    return EventOutcome({"subscription_id": subscription.subscription_id})


def _unsubscribe(context: EventContext) -> EventOutcome:
    context.subscriptions.by_id.pop(parse_id(context.args["subscription_id"]), None)
    return EventOutcome({})


_HANDLERS: Mapping[str, Callable[[EventContext], EventOutcome]] = {
    "sell": _sell,
    "abandon": _abandon,
    "fill_cart": _fill_cart,
    "change_cart": _change_cart,
    "new_customer": _add_customer,
    "customer": _update_customer,
    "regroup": _regroup_customer,
    "product": _update_product,
    "currency": _change_currency,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    **order_events.HANDLERS,
    **return_events.HANDLERS,
    **deletions.HANDLERS,
}
"""The handlers by the event's kind. Journals and the HTTP endpoints use these kinds: never rename one."""
