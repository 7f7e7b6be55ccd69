"""Events that change an order: refund, cancel, adjust a fee, edit, fulfil, return, pay back, exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.errors import InvalidInput
from core.simulator.life import order_changes, random_changes, refunds
from core.simulator.life.context import EventContext, EventOutcome, Webhook, parse_id
from core.simulator.shop.inventory import Item, levels
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop


def _refund(context: EventContext) -> EventOutcome:
    """Refund an order by chance (`by_chance`), as the arguments say, or else whole."""
    order = context.order()
    refund_count = len(order.refunds)
    if context.args.get("by_chance"):
        random_changes.refund(context.shop, context.rng, order, context.change_time(order))
    else:
        _refund_by_args(context, order)
    webhooks = _refund_webhooks(context.shop, order, refund_count)
    refund_id = order.refunds[-1].refund_id if webhooks else None
    return EventOutcome({"order_id": order.order_id, "name": order.name, "refund_id": refund_id}, webhooks)


def _refund_by_args(context: EventContext, order: Order) -> None:
    args = context.args
    units = _units(args)
    discrepancy = Decimal(str(args.get("discrepancy") or 0))
    if args.get("units") is None and not discrepancy:
        units = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
    refunds.refund(
        context.shop,
        order,
        context.change_time(order),
        units,
        shipping=bool(args.get("shipping", args.get("units") is None)),
        discrepancy=discrepancy,
        note=args.get("note"),
        pending=bool(args.get("pending")),
    )


def _cancel(context: EventContext) -> EventOutcome:
    """Cancel an order and refund the rest of it."""
    order, shop = context.order(), context.shop
    refund_count = len(order.refunds)
    reason = str(context.args.get("reason") or "CUSTOMER").upper()
    refunds.cancel(shop, order, context.change_time(order), reason)
    refund_webhooks = _refund_webhooks(shop, order, refund_count) or [Webhook("orders/updated", (order,))]
    return EventOutcome({"order_id": order.order_id}, [Webhook("orders/cancelled", (order,)), *refund_webhooks])


def _adjust_fee(context: EventContext) -> EventOutcome:
    """Let the provider adjust the `fee` of an order's payment: no new version of the order, and no webhook."""
    order = context.order()
    paid = next((each for each in order.transactions if each.kind == "SALE"), None)
    if paid is None or "fee" not in context.args:
        raise InvalidInput("fee is the amount that the provider keeps of the payment of an order that was paid")
    paid.fee = Decimal(str(context.args["fee"]))
    return EventOutcome({"order_id": order.order_id})


def _edit(context: EventContext) -> EventOutcome:
    """Edit an order; the webhook orders/edited lists its changed lines."""
    shop, order, at = context.shop, context.order(), context.change_time(context.order())
    line_count, quantities = len(order.lines), {line.line_id: line.current_quantity for line in order.lines}
    refund_count = len(order.refunds)
    _apply_edit(context, order, at)
    edit_id = shop.ids.next("edit")
    added = [line.line_id for line in order.lines[line_count:]]
    removed = [
        (line.line_id, quantities[line.line_id] - line.current_quantity)
        for line in order.lines[:line_count]
        if line.current_quantity < quantities[line.line_id]
    ]
    webhooks = [Webhook("refunds/create", (order, refund)) for refund in order.refunds[refund_count:]]
    webhooks += [
        Webhook("orders/edited", (order, edit_id, at, added, removed)),
        Webhook("orders/updated", (order,)),
    ]
    removed_ids = [line_id for line_id, _ in removed]
    return EventOutcome({"order_id": order.order_id, "added": added, "removed": removed_ids}, webhooks)


def _apply_edit(context: EventContext, order: Order, at: datetime) -> None:
    """Add a variant, remove units of a line, or both; without either, edit by chance."""
    shop, args = context.shop, context.args
    item = context.cart_item(args["variant_id"], args.get("quantity", 1)) if args.get("variant_id") else None
    if args.get("line_id"):
        line_id, units = parse_id(args["line_id"]), int(args.get("units", args.get("quantity", 1)))
        if item:
            order_changes.swap(shop, order, line_id, units, item, at)
        else:
            order_changes.lower_quantity(shop, order, line_id, units, at)
    elif item:
        order_changes.add_line(shop, order, item, at)
    else:
        swaps = "swap" in shop.spec.rare_orders and context.rng.random() < 0.3
        edit = random_changes.swap if swaps else random_changes.edit
        if not edit(shop, context.rng, order, at):
            raise InvalidInput(f"Order {order.name} is cancelled and cannot be edited")


def _return(context: EventContext) -> EventOutcome:
    """Take goods back before their money: the `units` (line id: quantity), or some of a line by chance."""
    shop, order, at = context.shop, context.order(), context.change_time(context.order())
    refund_count, return_count = len(order.refunds), len(order.returns)
    units = _units(context.args)
    if units:
        order_changes.take_return(shop, order, units, at)
    elif not random_changes.take_return(shop, context.rng, order, at):
        raise InvalidInput(f"Order {order.name} has nothing left that could come back")
    outcome = _change_outcome(context, order, refund_count)
    approvals = [Webhook("returns/approve", (order, back)) for back in order.returns[return_count:]]
    return EventOutcome(outcome.result, [*approvals, *outcome.webhooks])


def _pay_back(context: EventContext) -> EventOutcome:
    """Pay the money of an open return or a pending refund."""
    order = context.order()
    refund_count = len(order.refunds)
    if not random_changes.pay_back(context.shop, order, context.change_time(order)):
        raise InvalidInput(f"Order {order.name} has no money that waits to go back")
    outcome = _change_outcome(context, order, refund_count)
    refunded_ids = {refund.return_id for refund in order.refunds[refund_count:]}
    closed = [back for back in order.returns if back.return_id in refunded_ids]
    return EventOutcome(
        outcome.result, [*outcome.webhooks, *(Webhook("returns/close", (order, back)) for back in closed)]
    )


def _exchange(context: EventContext) -> EventOutcome:
    """Exchange `units` of the line `line_id` for a `variant_id`; without a line, by chance."""
    shop, order, args, at = context.shop, context.order(), context.args, context.change_time(context.order())
    refund_count = len(order.refunds)
    if args.get("line_id"):
        item = context.cart_item(args.get("variant_id"), args.get("quantity", 1))
        order_changes.exchange(shop, order, parse_id(args["line_id"]), int(args.get("units", 1)), item, at)
    elif not random_changes.exchange(shop, context.rng, order, at):
        raise InvalidInput(f"Order {order.name} has nothing left that could be exchanged")
    return _change_outcome(context, order, refund_count)


def _change_outcome(context: EventContext, order: Order, refund_count: int) -> EventOutcome:
    """Announce an order's refunds after the first `refund_count`; without any, the order and its stock."""
    webhooks = _refund_webhooks(context.shop, order, refund_count)
    webhooks = webhooks or [Webhook("orders/updated", (order,)), *stock_webhooks(context.shop, order)]
    return EventOutcome({"order_id": order.order_id, "name": order.name}, webhooks)


def _fulfil(context: EventContext) -> EventOutcome:
    """Mark an order as fulfilled."""
    order = context.order()
    order.is_fulfilled, order.updated_at = True, context.change_time(order)
    return EventOutcome({"order_id": order.order_id}, [Webhook("orders/updated", (order,))])


def _refund_webhooks(shop: Shop, order: Order, refund_count: int) -> list[Webhook]:
    """The webhooks of the refunds after the first `refund_count`: each refund, the order, and its stock."""
    new_refunds = order.refunds[refund_count:]
    if not new_refunds:
        return []
    webhooks = [Webhook("refunds/create", (order, refund)) for refund in new_refunds]
    return [*webhooks, Webhook("orders/updated", (order,)), *stock_webhooks(shop, order)]


def stock_webhooks(shop: Shop, order: Order) -> list[Webhook]:
    """The webhooks of an order's changes in stock: its products, then the levels of its variants."""
    product_ids = dict.fromkeys(line.product_id for line in order.lines if line.is_goods)
    products = [shop.products[product_id] for product_id in product_ids if product_id in shop.products]
    webhooks = [Webhook("products/update", (product,)) for product in products]
    variant_ids = [line.variant_id for line in order.lines if line.variant_id and line.product_id in shop.products]
    for variant_id in dict.fromkeys(variant_ids):
        # Sales and returns change the level at the first location alone.
        changed = levels(shop, Item(*shop.variant(variant_id)))[:1]
        webhooks += [Webhook("inventory_levels/update", (level,)) for level in changed]
    return webhooks


def _units(args: Mapping[str, Any]) -> dict[int, int]:
    """Read `units`: line ids, which JSON holds as texts, and quantities."""
    return {parse_id(line_id): int(quantity) for line_id, quantity in (args.get("units") or {}).items()}


HANDLERS: Mapping[str, Callable[[EventContext], EventOutcome]] = MappingProxyType(
    {
        "refund": _refund,
        "cancel": _cancel,
        "adjust_fee": _adjust_fee,
        "edit": _edit,
        "fulfil": _fulfil,
        "return": _return,
        "pay_back": _pay_back,
        "exchange": _exchange,
    }
)
