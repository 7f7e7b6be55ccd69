"""What a body and the API may say differently of the same order, so that all else can be compared."""

from __future__ import annotations

from msgspec.structs import replace as replaced

from core.domain import Order, Refund
from core.simulator.shop.model import Order as Made
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.refund_bodies import is_terse


def without_split(refund: Refund, made: Made) -> Refund:
    """Without the shipping given back where the body is terse: how much of it is tax, only the shipping line says."""
    (booked,) = [each for each in made.refunds if each.refund_id == refund.refund_id]
    if not is_terse(booked):
        return refund
    others = tuple(each for each in refund.adjustments if each.kind != "shipping")
    return replaced(refund, adjustments=others)


def without_splits(order: Order, made: Made) -> Order:
    """The order with its refunds `without_split`."""
    return replaced(order, refunds=tuple(without_split(refund, made) for refund in order.refunds))


def is_computable(shop: Shop, order: Made) -> bool:
    """Whether its lines and refunds say all that its ledger does: when each thing happened, and its worth."""
    charges = [*order.lines, *([order.shipping] if order.shipping else [])]
    given_away = shop.spec.taxes_included and any(each.discount and not each.charged for each in charges)
    return not (order.is_edited or order.returns or order.surcharge or given_away)
