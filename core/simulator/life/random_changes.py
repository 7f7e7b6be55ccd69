"""Random changes of an order after its placing: refunds, returns, exchanges, edits, cancellations.

Each function returns False, and changes nothing, where the order does not allow the change.
"""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal

from core.simulator.life import order_changes, refunds
from core.simulator.life.random_purchases import choose_item
from core.simulator.shop.catalogue import local_price
from core.simulator.shop.model import ZERO, Line, Order
from core.simulator.shop.shop import Shop


def refund(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Refund an order in one of the usual ways. Returns False where nothing is left to refund."""
    quantities = {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
    if not quantities or order.cancelled_at:
        return False
    chance = rng.random()
    if chance < 0.08 and order.is_paid:  # goodwill: money without goods
        goodwill = min(local_price(Decimal(5), shop.spec.currency), order.line(next(iter(quantities))).charged)
        if not goodwill:
            return False
        refunds.refund(shop, order, at, {}, discrepancy=-goodwill, note="Sorry for the delay")
    elif chance < 0.5:  # some of it
        line_id = rng.choice(sorted(quantities))
        refunds.refund(shop, order, at, {line_id: rng.randrange(1, quantities[line_id] + 1)}, note="Wrong size")
    else:  # all of it, sometimes less a fee, sometimes damaged beyond use
        fee = local_price(Decimal("2.50"), shop.spec.currency) if order.is_paid and rng.random() < 0.12 else ZERO
        is_worth_more = all(order.line(line_id).charged > 2 * fee for line_id in quantities)
        restock = "NO_RESTOCK" if rng.random() < 0.2 else "RETURN"
        refunds.refund(
            shop,
            order,
            at,
            quantities,
            shipping=rng.random() < 0.5,
            discrepancy=fee if is_worth_more else ZERO,
            restock_type=restock,
        )
    return True


def cancel(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Cancel an order for one of the usual reasons. Returns False where it is cancelled already."""
    if order.cancelled_at:
        return False
    refunds.cancel(shop, order, at, rng.choice(("CUSTOMER", "CUSTOMER", "INVENTORY", "FRAUD", "OTHER")))
    return True


def edit(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Add a line or remove a unit. Returns False where the order is cancelled."""
    if order.cancelled_at:
        return False
    removable = [line for line in order.lines if line.current_quantity > 1]
    if removable and rng.random() < 0.5:
        order_changes.lower_quantity(shop, order, rng.choice(removable).line_id, 1, at)
    else:
        order_changes.add_line(shop, order, choose_item(shop, rng), at)
    return True


def take_return(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Take goods back before their money, as a return or as a refund without money. Returns False where none are
    left."""
    line = _choose_line(rng, order)
    if line is None:
        return False
    units = {line.line_id: rng.randrange(1, line.current_quantity + 1)}
    if order.is_paid and rng.random() < 0.3:
        _refund_without_money(shop, order, units, at)
    else:
        order_changes.take_return(shop, order, units, at)
    return True


def pay_back(shop: Shop, order: Order, at: datetime) -> bool:
    """Pay the money of an open return, a pending refund or a refund without money. Returns False where none is
    due."""
    for open_return in order.returns:
        if open_return.awaits_refund:
            order_changes.refund_return(shop, order, open_return, at)
            return True
    for refund in order.refunds:
        if refund.transaction and refund.transaction.status == "PENDING":
            refunds.settle(order, refund, at)
            return True
    owed = sum((refund.discrepancy for refund in order.refunds), ZERO)
    if not order.is_paid or owed <= 0:
        return False
    refunds.refund(shop, order, at, {}, discrepancy=-owed)
    return True


def start_refund(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Refund one unit with pending money. Returns False where nothing is left or nothing was paid."""
    line = _choose_line(rng, order)
    if line is None or not order.is_paid:
        return False
    refunds.refund(shop, order, at, {line.line_id: 1}, pending=True)
    return True


def exchange(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Exchange units of a line for another product. Returns False where no goods are left."""
    line = _choose_line(rng, order)
    if line is None:
        return False
    quantity = rng.randrange(1, line.current_quantity + 1)
    order_changes.exchange(shop, order, line.line_id, quantity, choose_item(shop, rng), at)
    return True


def swap(shop: Shop, rng: random.Random, order: Order, at: datetime) -> bool:
    """Edit an order: remove a line and add another product. Returns False where no goods are left."""
    line = _choose_line(rng, order)
    if line is None:
        return False
    order_changes.swap(shop, order, line.line_id, line.current_quantity, choose_item(shop, rng), at)
    return True


def _choose_line(rng: random.Random, order: Order) -> Line | None:
    lines = [line for line in order.goods if line.is_goods and line.current_quantity]
    return rng.choice(lines) if lines and not order.cancelled_at else None


def _refund_without_money(shop: Shop, order: Order, units: dict[int, int], at: datetime) -> None:
    """Refund units without money. Shopify lists their value as a discrepancy until the money follows."""
    ((line_id, quantity),) = units.items()
    value = refunds.units_value(shop, order, line_id, quantity)
    refunds.refund(shop, order, at, units, discrepancy=value)
