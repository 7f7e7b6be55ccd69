"""What happens in a shop that goes on living: an event and its seed determine all of it, so it can be replayed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.errors import InvalidInput
from core.simulator.life import abandoned_checkouts, deletions, order_events, random_purchases
from core.simulator.life.context import Event, Happened, News, Scene, number
from core.simulator.life.order_events import stock_news
from core.simulator.shop import customers as people
from core.simulator.shop.amounts import decimals
from core.simulator.shop.model import Customer, Discount, Product, Tender
from core.simulator.shop.shop import Shop, later
from core.simulator.shop.subscriptions import Subscription, Subscriptions
from core.simulator.webhooks.bodies import customer_body, product_body, shop_body
from core.simulator.webhooks.checkout_bodies import cart_body, checkout_body
from core.simulator.webhooks.order_bodies import order_body

__all__ = ["Event", "Happened", "apply"]

_GUEST, _NEW = 0.12, 0.35


def apply(shop: Shop, subscriptions: Subscriptions, event: Event) -> Happened:
    """Let an event happen.

    Raises:
        NotFound, InvalidInput: it cannot; nothing has happened.
    """
    handler = _HANDLERS.get(event.kind)
    if handler is None:
        raise InvalidInput(f"{event.kind} is nothing that happens here; try one of {', '.join(sorted(_HANDLERS))}")
    happened = handler(Scene(shop, subscriptions, random.Random(event.seed), event.at, event.args))
    shop.revision += 1
    return happened


def _sell(scene: Scene) -> Happened:
    shop, rng = scene.shop, scene.rng
    known = len(shop.customers)
    picks = [scene.pick(variant_id, units) for variant_id, units in scene.args.get("lines") or ()]
    order = random_purchases.buy(
        shop,
        rng,
        scene.at,
        _buyer(scene),
        picks=picks,
        test=bool(scene.args.get("test")),
        may_be_late=False,
        levies=scene.levies(),
        takes_turns=bool(scene.args.get("by_chance")),
        told=_purchase_fields(scene),
    )
    news: News = [("orders/create", lambda: order_body(shop, order))]
    if order.customer_id:
        customer = shop.customers[order.customer_id]
        topic = "customers/create" if len(shop.customers) > known else "customers/update"
        news.insert(0, (topic, lambda: customer_body(shop, customer)))
    result = {"order_id": order.order_id, "name": order.name, "customer_id": order.customer_id}
    return Happened(result, news + stock_news(shop, order))


def _purchase_fields(scene: Scene) -> dict[str, Any]:
    """What `args` say of a purchase: a `tip`; `processed_at`, before which Shopify did not know of it; what it is
    `paid_in` ([currency, rate]) and `booked_in`; a `surcharge` without a type; `cash`; `percent` off."""
    args, found = scene.args, dict[str, Any]()
    if args.get("tip"):
        found["tip"] = Decimal(str(args["tip"]))
    if args.get("processed_at"):
        found |= {"at": _instant(args["processed_at"]), "created_at": scene.at}
    if args.get("paid_in") or args.get("booked_in"):
        booked = str(args.get("booked_in") or scene.shop.currency)
        presented, rate = args.get("paid_in") or (booked, 1)
        found["tender"] = Tender(booked, str(presented), Decimal(str(rate)))
    if args.get("surcharge"):
        found["surcharge"] = (Decimal(str(args["surcharge"])), Decimal(0))
    if "percent" in args:
        off = Discount("OFF", "order", Decimal(str(args["percent"])), is_percent=True, code="OFF")
        found["discounts"] = (off,) if off.value else ()
    return found | ({"is_cash": True} if args.get("cash") else {})


def _instant(told: Any) -> datetime:
    try:
        return datetime.fromisoformat(told).astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError):
        raise InvalidInput("processed_at is an instant such as 2024-05-04T12:00:00+00:00") from None


def _buyer(scene: Scene) -> Customer | None:
    if scene.args.get("customer_id"):
        return scene.customer()
    chance = scene.rng.random()
    if scene.args.get("guest") or (chance < _GUEST and not scene.args.get("new_customer")):
        return None
    if scene.args.get("new_customer") or not scene.shop.buyers or chance < _GUEST + _NEW:
        return people.new_customer(scene.shop, scene.rng, scene.at)
    return random_purchases.returner(scene.shop, scene.rng)


def _abandon(scene: Scene) -> Happened:
    """Somebody with an account begins to check out, and leaves."""
    shop, customers = scene.shop, list(scene.shop.customers.values())
    customer = scene.customer() if scene.args.get("customer_id") or not customers else scene.rng.choice(customers)
    made = abandoned_checkouts.leave(shop, scene.rng, scene.at, customer)
    news: News = [
        ("carts/update", lambda: cart_body(shop, made)),
        ("checkouts/create", lambda: checkout_body(shop, made)),
    ]
    return Happened({"checkout_id": made.checkout_id}, news)


def _new_customer(scene: Scene) -> Happened:
    customer = people.new_customer(scene.shop, scene.rng, scene.at)
    news = [("customers/create", lambda: customer_body(scene.shop, customer))]
    return Happened({"customer_id": customer.customer_id}, news)


def _customer(scene: Scene) -> Happened:
    """An account is changed: first name, last name or email, as given."""
    customer = scene.customer()
    for name in ("first_name", "last_name", "email"):
        if name in scene.args:
            setattr(customer, name, str(scene.args[name]))
    customer.updated_at = later(customer.updated_at, scene.at)
    news = [("customers/update", lambda: customer_body(scene.shop, customer))]
    return Happened({"customer_id": customer.customer_id}, news)


def _product(scene: Scene) -> Happened:
    """A product is changed: its title as given, or its prices by a factor (by chance a few percent)."""
    product = scene.product()
    if "title" in scene.args:
        product.title = str(scene.args["title"])
    else:
        by_chance = scene.rng.choice(("0.95", "1.03", "1.05", "1.08"))
        _reprice(product, Decimal(str(scene.args.get("factor") or by_chance)))
    at = later(product.updated_at, scene.at)
    product.updated_at = at
    for variant in product.variants:
        variant.updated_at = at
    news = [("products/update", lambda: product_body(scene.shop, product))]
    return Happened({"product_id": product.product_id}, news)


def _reprice(product: Product, factor: Decimal) -> None:
    for variant in product.variants:
        variant.price = (variant.price * factor).quantize(variant.price)


def _currency(scene: Scene) -> Happened:
    """The shop sells in another `currency` from now on, of as many decimals; its past stays as it was."""
    shop, told = scene.shop, str(scene.args.get("currency") or "").upper()
    if len(told) != 3 or not told.isalpha() or decimals(told) != decimals(shop.currency):
        raise InvalidInput("currency is the code of one with as many decimals, such as USD")
    shop.currency = told
    return Happened({"currency": told}, [("shop/update", lambda: shop_body(shop, scene.at))])


def _subscribe(scene: Scene) -> Happened:
    made = Subscription(
        subscription_id=scene.shop.ids.next("webhook"),
        topic=scene.args["topic"],
        uri=scene.args["uri"],
        created_at=scene.at,
        name=scene.args.get("name"),
        filter=scene.args.get("filter"),
    )
    scene.subscriptions.by_id[made.subscription_id] = made
    return Happened({"subscription_id": made.subscription_id})


def _unsubscribe(scene: Scene) -> Happened:
    scene.subscriptions.by_id.pop(number(scene.args["subscription_id"]), None)
    return Happened({})


_HANDLERS: Mapping[str, Callable[[Scene], Happened]] = {
    "sell": _sell,
    "abandon": _abandon,
    "new_customer": _new_customer,
    "customer": _customer,
    "product": _product,
    "currency": _currency,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    **order_events.HANDLERS,
    **deletions.HANDLERS,
}
