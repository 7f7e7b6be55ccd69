"""Removes the fields in which bodies and the API may differ, so that orders can be compared."""

from __future__ import annotations

from msgspec.structs import replace as replaced

from core.domain import Order, Refund
from core.simulator.shop.model import Order as MadeOrder
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.refund_bodies import is_terse


def without_split(refund: Refund, made_order: MadeOrder) -> Refund:
    """Remove refunded shipping where the body is terse: only the shipping line says how much of it is tax."""
    (made_refund,) = [record for record in made_order.refunds if record.refund_id == refund.refund_id]
    if not is_terse(made_refund):
        return refund
    others = tuple(adjustment for adjustment in refund.adjustments if adjustment.kind != "shipping")
    return replaced(refund, adjustments=others)


def without_splits(order: Order, made_order: MadeOrder) -> Order:
    """Apply `without_split` to all refunds of an order."""
    return replaced(order, refunds=tuple(without_split(refund, made_order) for refund in order.refunds))


def is_computable(shop: Shop, order: MadeOrder) -> bool:
    """Whether the order's lines and refunds determine its ledger: the time of each change, and its value."""
    charges = [*order.lines, *([order.shipping] if order.shipping else [])]
    given_away = shop.spec.taxes_included and any(charge.discount and not charge.charged for charge in charges)
    return not (order.is_edited or order.returns or order.surcharge or given_away)
