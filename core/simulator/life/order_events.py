"""What happens to an order in a shop that lives on: refunds, cancellations, edits, returns, exchanges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType

from core.errors import InvalidInput
from core.simulator.admin_api import inventory_nodes
from core.simulator.life import order_changes, random_changes, refunds
from core.simulator.life.context import Happened, News, Scene, number
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.bodies import edit_body, product_body
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.refund_bodies import refund_body


def _refund(scene: Scene) -> Happened:
    order, args = scene.order(), scene.args
    before = len(order.refunds)
    if args.get("by_chance"):
        random_changes.give_back(scene.shop, scene.rng, order, scene.after(order))
    else:
        units = {number(line_id): int(count) for line_id, count in (args.get("units") or {}).items()}
        discrepancy = Decimal(str(args.get("discrepancy") or 0))
        if args.get("units") is None and not discrepancy:
            units = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
        shipping = bool(args.get("shipping", args.get("units") is None))
        note = args.get("note")
        refunds.refund(
            scene.shop,
            order,
            scene.after(order),
            units,
            shipping=shipping,
            discrepancy=discrepancy,
            note=note,
            pending=bool(args.get("pending")),
        )
    news = _refund_news(scene.shop, order, before)
    refund_id = order.refunds[-1].refund_id if news else None
    return Happened({"order_id": order.order_id, "name": order.name, "refund_id": refund_id}, news)


def _cancel(scene: Scene) -> Happened:
    order, shop = scene.order(), scene.shop
    before = len(order.refunds)
    refunds.cancel(shop, order, scene.after(order), str(scene.args.get("reason") or "CUSTOMER").upper())
    news: News = [("orders/cancelled", lambda: order_body(shop, order))]
    news += _refund_news(shop, order, before) or [("orders/updated", lambda: order_body(shop, order))]
    return Happened({"order_id": order.order_id}, news)


def _edit(scene: Scene) -> Happened:
    shop, order, at = scene.shop, scene.order(), scene.after(scene.order())
    lines, left = len(order.lines), {line.line_id: line.current_quantity for line in order.lines}
    before = len(order.refunds)
    _apply_edit(scene, order, at)
    edit_id = shop.ids.next("edit")
    added = [line.line_id for line in order.lines[lines:]]
    removed = [
        (line.line_id, left[line.line_id] - line.current_quantity)
        for line in order.lines[:lines]
        if line.current_quantity < left[line.line_id]
    ]
    news: News = [("refunds/create", partial(refund_body, shop, order, made)) for made in order.refunds[before:]]
    news += [
        ("orders/edited", lambda: edit_body(shop, order, edit_id, at, added, removed)),
        ("orders/updated", lambda: order_body(shop, order)),
    ]
    return Happened({"order_id": order.order_id, "added": added, "removed": [line for line, _ in removed]}, news)


def _apply_edit(scene: Scene, order: Order, at: datetime) -> None:
    """Add a variant, remove units of a line, or both; without either, edit by chance."""
    shop, args = scene.shop, scene.args
    pick = scene.pick(args["variant_id"], args.get("quantity", 1)) if args.get("variant_id") else None
    if args.get("line_id"):
        line_id, units = number(args["line_id"]), int(args.get("units", args.get("quantity", 1)))
        if pick:
            order_changes.swap(shop, order, line_id, units, pick, at)
        else:
            order_changes.lower_quantity(shop, order, line_id, units, at)
    elif pick:
        order_changes.add_line(shop, order, pick, at)
    else:
        swaps = "swap" in shop.spec.rare_orders and scene.rng.random() < 0.3
        choose = random_changes.swap if swaps else random_changes.change
        if not choose(shop, scene.rng, order, at):
            raise InvalidInput(f"Order {order.name} is cancelled and cannot be edited")


def _return(scene: Scene) -> Happened:
    """Goods come back before their money does: the `units` (line id: how many), or some of a line by chance."""
    shop, order, at = scene.shop, scene.order(), scene.after(scene.order())
    before = len(order.refunds)
    units = {number(line_id): int(count) for line_id, count in (scene.args.get("units") or {}).items()}
    if units:
        order_changes.take_return(shop, order, units, at)
    elif not random_changes.send_back(shop, scene.rng, order, at):
        raise InvalidInput(f"Order {order.name} has nothing left that could come back")
    return _happened(scene, order, before)


def _pay_back(scene: Scene) -> Happened:
    """The money for a return, or of a pending refund, moves."""
    order = scene.order()
    before = len(order.refunds)
    if not random_changes.pay_back(scene.shop, order, scene.after(order)):
        raise InvalidInput(f"Order {order.name} has no money that waits to go back")
    return _happened(scene, order, before)


def _exchange(scene: Scene) -> Happened:
    """Units of a line (`line_id`, `units`) come back in exchange for a `variant_id`; else by chance."""
    shop, order, args, at = scene.shop, scene.order(), scene.args, scene.after(scene.order())
    before = len(order.refunds)
    if args.get("line_id"):
        pick = scene.pick(args.get("variant_id"), args.get("quantity", 1))
        order_changes.exchange(shop, order, number(args["line_id"]), int(args.get("units", 1)), pick, at)
    elif not random_changes.exchange(shop, scene.rng, order, at):
        raise InvalidInput(f"Order {order.name} has nothing left that could be exchanged")
    return _happened(scene, order, before)


def _happened(scene: Scene, order: Order, before: int) -> Happened:
    """The webhooks of an order's change: its new refunds, or the order alone."""
    shop = scene.shop
    news = _refund_news(shop, order, before)
    news = news or [("orders/updated", lambda: order_body(shop, order)), *stock_news(shop, order)]
    return Happened({"order_id": order.order_id, "name": order.name}, news)


def _fulfil(scene: Scene) -> Happened:
    order, shop = scene.order(), scene.shop
    order.is_fulfilled, order.updated_at = True, scene.after(order)
    return Happened({"order_id": order.order_id}, [("orders/updated", lambda: order_body(shop, order))])


def _refund_news(shop: Shop, order: Order, before: int) -> News:
    """The webhooks of the refunds after the first `before`: each refund, the order, and its stock."""
    made = order.refunds[before:]
    if not made:
        return []
    news: News = [("refunds/create", partial(refund_body, shop, order, refund)) for refund in made]
    news.append(("orders/updated", lambda: order_body(shop, order)))
    return news + stock_news(shop, order)


def stock_news(shop: Shop, order: Order) -> News:
    """The webhooks of an order's changes in stock."""
    touched = dict.fromkeys(line.product_id for line in order.lines if line.is_goods)
    products = [shop.products[product_id] for product_id in touched if product_id in shop.products]
    news: News = [("products/update", partial(product_body, shop, product)) for product in products]
    sold = [line.variant_id for line in order.lines if line.variant_id and line.product_id in shop.products]
    return news + [news_item for variant_id in dict.fromkeys(sold) for news_item in _level_news(shop, variant_id)]


def _level_news(shop: Shop, variant_id: int) -> News:
    """What sales and returns change: the level at the first location."""
    changed = inventory_nodes.levels(shop, inventory_nodes.Item(*shop.variant(variant_id)))[:1]
    return [("inventory_levels/update", partial(inventory_nodes.level_body, shop, level)) for level in changed]


HANDLERS: Mapping[str, Callable[[Scene], Happened]] = MappingProxyType(
    {
        "refund": _refund,
        "cancel": _cancel,
        "edit": _edit,
        "fulfil": _fulfil,
        "return": _return,
        "pay_back": _pay_back,
        "exchange": _exchange,
    }
)
