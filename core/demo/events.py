"""What happens in a shop that goes on living: an event and its seed determine all of it, so it can be replayed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial

from core.demo import abandoned, aftersales, departures, inventory, people, shopping
from core.demo.bodies import customer_body, edit_body, product_body
from core.demo.checkout_bodies import cart_body, checkout_body
from core.demo.model import Customer, Order, Product
from core.demo.order_bodies import order_body
from core.demo.refund_bodies import refund_body
from core.demo.scenes import Event, Happened, News, Scene, number
from core.demo.shop import Shop, later
from core.demo.subscriptions import Subscription, Subscriptions
from core.errors import InvalidInput

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
    order = shopping.buy(
        shop,
        rng,
        scene.at,
        _buyer(scene),
        picks=picks,
        test=bool(scene.args.get("test")),
        may_be_late=False,
        levies=scene.levies(),
    )
    news: News = [("orders/create", lambda: order_body(shop, order))]
    if order.customer_id:
        customer = shop.customers[order.customer_id]
        topic = "customers/create" if len(shop.customers) > known else "customers/update"
        news.insert(0, (topic, lambda: customer_body(shop, customer)))
    result = {"order_id": order.order_id, "name": order.name, "customer_id": order.customer_id}
    return Happened(result, news + _stock_news(shop, order))


def _buyer(scene: Scene) -> Customer | None:
    if scene.args.get("customer_id"):
        return scene.customer()
    chance = scene.rng.random()
    if scene.args.get("guest") or (chance < _GUEST and not scene.args.get("new_customer")):
        return None
    if scene.args.get("new_customer") or not scene.shop.buyers or chance < _GUEST + _NEW:
        return people.new_customer(scene.shop, scene.rng, scene.at)
    return shopping.returner(scene.shop, scene.rng)


def _abandon(scene: Scene) -> Happened:
    """Somebody with an account begins to check out, and leaves."""
    shop, customers = scene.shop, list(scene.shop.customers.values())
    customer = scene.customer() if scene.args.get("customer_id") or not customers else scene.rng.choice(customers)
    made = abandoned.leave(shop, scene.rng, scene.at, customer)
    news: News = [
        ("carts/update", lambda: cart_body(shop, made)),
        ("checkouts/create", lambda: checkout_body(shop, made)),
    ]
    return Happened({"checkout_id": made.checkout_id}, news)


def _refund(scene: Scene) -> Happened:
    order, args = scene.order(), scene.args
    before = len(order.refunds)
    if args.get("by_chance"):
        shopping.give_back(scene.shop, scene.rng, order, scene.after(order))
    else:
        units = {number(line_id): int(count) for line_id, count in (args.get("units") or {}).items()}
        discrepancy = Decimal(str(args.get("discrepancy") or 0))
        if args.get("units") is None and not discrepancy:
            units = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
        shipping = bool(args.get("shipping", args.get("units") is None))
        note = args.get("note")
        aftersales.refund(
            scene.shop, order, scene.after(order), units, shipping=shipping, discrepancy=discrepancy, note=note
        )
    news = _refund_news(scene.shop, order, before)
    refund_id = order.refunds[-1].refund_id if news else None
    return Happened({"order_id": order.order_id, "name": order.name, "refund_id": refund_id}, news)


def _cancel(scene: Scene) -> Happened:
    order, shop = scene.order(), scene.shop
    before = len(order.refunds)
    aftersales.cancel(shop, order, scene.after(order), str(scene.args.get("reason") or "CUSTOMER").upper())
    news: News = [("orders/cancelled", lambda: order_body(shop, order))]
    news += _refund_news(shop, order, before) or [("orders/updated", lambda: order_body(shop, order))]
    return Happened({"order_id": order.order_id}, news)


def _edit(scene: Scene) -> Happened:
    shop, order, at = scene.shop, scene.order(), scene.after(scene.order())
    lines, left = len(order.lines), {line.line_id: line.current_quantity for line in order.lines}
    if scene.args.get("variant_id"):
        pick = scene.pick(scene.args["variant_id"], scene.args.get("quantity", 1))
        aftersales.add_line(shop, order, pick, at)
    elif scene.args.get("line_id"):
        line_id, units = number(scene.args["line_id"]), int(scene.args.get("quantity", 1))
        aftersales.lower_quantity(shop, order, line_id, units, at)
    elif not shopping.change(shop, scene.rng, order, at):
        raise InvalidInput(f"Order {order.name} is cancelled and cannot be edited")
    edit_id = shop.ids.next("edit")
    added = [line.line_id for line in order.lines[lines:]]
    removed = [
        (line.line_id, left[line.line_id] - line.current_quantity)
        for line in order.lines[:lines]
        if line.current_quantity < left[line.line_id]
    ]
    news: News = [
        ("orders/edited", lambda: edit_body(shop, order, edit_id, at, added, removed)),
        ("orders/updated", lambda: order_body(shop, order)),
    ]
    return Happened({"order_id": order.order_id, "added": added, "removed": [line for line, _ in removed]}, news)


def _fulfil(scene: Scene) -> Happened:
    order, shop = scene.order(), scene.shop
    order.is_fulfilled, order.updated_at = True, scene.after(order)
    return Happened({"order_id": order.order_id}, [("orders/updated", lambda: order_body(shop, order))])


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


def _refund_news(shop: Shop, order: Order, before: int) -> News:
    """The refunds that were not there before, the order as it is then, and what came back on the shelves."""
    made = order.refunds[before:]
    if not made:
        return []
    news: News = [("refunds/create", partial(refund_body, shop, order, refund)) for refund in made]
    news.append(("orders/updated", lambda: order_body(shop, order)))
    return news + _stock_news(shop, order)


def _stock_news(shop: Shop, order: Order) -> News:
    touched = dict.fromkeys(line.product_id for line in order.lines if not line.is_gift_card)
    products = [shop.products[product_id] for product_id in touched if product_id in shop.products]
    news: News = [("products/update", partial(product_body, shop, product)) for product in products]
    variants = dict.fromkeys(line.variant_id for line in order.lines if line.product_id in shop.products)
    return news + [told for variant_id in variants for told in _level_news(shop, variant_id)]


def _level_news(shop: Shop, variant_id: int) -> News:
    """What sales and returns change: the level at the first location."""
    changed = inventory.levels(shop, inventory.Item(*shop.variant(variant_id)))[:1]
    return [("inventory_levels/update", partial(inventory.level_body, shop, level)) for level in changed]


_HANDLERS: Mapping[str, Callable[[Scene], Happened]] = {
    "sell": _sell,
    "abandon": _abandon,
    "refund": _refund,
    "cancel": _cancel,
    "edit": _edit,
    "fulfil": _fulfil,
    "new_customer": _new_customer,
    "customer": _customer,
    "product": _product,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    **departures.HANDLERS,
}
