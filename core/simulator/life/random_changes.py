"""What people do after they have bought, by chance: they give back, send back, exchange, call off, change."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal

from core.simulator.life import order_changes, refunds
from core.simulator.life.random_purchases import any_pick
from core.simulator.shop.catalogue import scaled
from core.simulator.shop.model import ZERO, Line, Order
from core.simulator.shop.shop import Shop


def give_back(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """A refund of one of the usual kinds; False where nothing is left to refund."""
    left = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
    if not left or order.cancelled_at:
        return False
    chance = rng.random()
    if chance < 0.08 and order.is_paid:  # a gesture: money without goods
        goodwill = min(scaled(Decimal(5), shop.spec.currency), order.line(next(iter(left))).charged)
        if not goodwill:
            return False
        refunds.refund(shop, order, at, {}, discrepancy=-goodwill, note="Sorry for the delay")
    elif chance < 0.5:  # some of it
        line_id = rng.choice(sorted(left))
        refunds.refund(shop, order, at, {line_id: rng.randrange(1, left[line_id] + 1)}, note="Wrong size")
    else:  # all of it, sometimes less a fee, sometimes damaged beyond use
        fee = scaled(Decimal("2.50"), shop.spec.currency) if order.is_paid and rng.random() < 0.12 else ZERO
        dear = all(order.line(line_id).charged > 2 * fee for line_id in left)
        restock = "NO_RESTOCK" if rng.random() < 0.2 else "RETURN"
        refunds.refund(
            shop,
            order,
            at,
            left,
            shipping=rng.random() < 0.5,
            discrepancy=fee if dear else ZERO,
            restock_type=restock,
        )
    return True


def call_off(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """A cancellation for one of the usual reasons; False where it is cancelled already."""
    if order.cancelled_at:
        return False
    refunds.cancel(shop, order, at, rng.choice(("CUSTOMER", "CUSTOMER", "INVENTORY", "FRAUD", "OTHER")))
    return True


def change(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """An edit: one thing more, or fewer of one; False where the order cannot be edited any more."""
    if order.cancelled_at:
        return False
    many = [line for line in order.lines if line.current_quantity > 1]
    if many and rng.random() < 0.5:
        order_changes.lower_quantity(shop, order, rng.choice(many).line_id, 1, at)
    else:
        order_changes.add_line(shop, order, any_pick(shop, rng), at)
    return True


def send_back(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Goods come back before their money, as a return or as a refund without money; False where none are left."""
    line = _any_line(rng, order)
    if line is None:
        return False
    units = {line.line_id: rng.randrange(1, line.current_quantity + 1)}
    if order.is_paid and rng.random() < 0.3:
        _refund_without_money(shop, order, units, at)
    else:
        order_changes.take_return(shop, order, units, at)
    return True


def pay_back(shop: Shop, order: Order, at: datetime) -> bool:
    """The money for what came back first, or that was pending, moves; False where nothing waits for it."""
    for made in order.returns:
        if not made.is_refunded:
            order_changes.refund_return(shop, order, made, at)
            return True
    for refund in order.refunds:
        if refund.transaction and refund.transaction.status == "PENDING":
            refunds.settle(order, refund, at)
            return True
    kept = sum((refund.discrepancy for refund in order.refunds), ZERO)
    if not order.is_paid or kept <= 0:
        return False
    refunds.refund(shop, order, at, {}, discrepancy=-kept)
    return True


def hold_back(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """A refund whose money is pending; False where nothing is left, or nothing was paid."""
    line = _any_line(rng, order)
    if line is None or not order.is_paid:
        return False
    refunds.refund(shop, order, at, {line.line_id: 1}, pending=True)
    return True


def exchange(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Some of a line in exchange for something else; False where no goods are left."""
    line = _any_line(rng, order)
    if line is None:
        return False
    quantity = rng.randrange(1, line.current_quantity + 1)
    order_changes.exchange(shop, order, line.line_id, quantity, any_pick(shop, rng), at)
    return True


def swap(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """An edit that takes a line off and adds another thing; False where no goods are left."""
    line = _any_line(rng, order)
    if line is None:
        return False
    order_changes.swap(shop, order, line.line_id, line.current_quantity, any_pick(shop, rng), at)
    return True


def _any_line(rng: random.Random, order: Order) -> Line | None:
    lines = [line for line in order.goods if line.is_goods and line.current_quantity]
    return rng.choice(lines) if lines and not order.cancelled_at else None


def _refund_without_money(shop: Shop, order: Order, units: dict[int, int], at: datetime) -> None:
    """Shopify lists what the goods are worth as a discrepancy, until the money follows."""
    ((line_id, quantity),) = units.items()
    worth = refunds.worth(shop, order, line_id, quantity)
    refunds.refund(shop, order, at, units, discrepancy=worth)
