"""The true payments of the made-up shop by gateway, summed in plain Python from its own transactions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.simulator.shop.ledger import Transaction
from core.simulator.shop.model import ZERO, Order
from core.simulator.shop.shop import Shop


@dataclass(slots=True)
class GatewayTotals:
    """What one gateway moved over some days, in the shop's currency."""

    payments: int = 0
    received: Decimal = ZERO
    refunds: int = 0
    refunded: Decimal = ZERO
    fees: Decimal = ZERO
    received_with_fees: Decimal = ZERO


def by_gateway(shop: Shop, start: date, end: date) -> dict[str, GatewayTotals]:
    """Sum the transactions that succeeded from `start` to `end`, each on its own day of the shop."""
    totals: dict[str, GatewayTotals] = defaultdict(GatewayTotals)
    for order in shop.orders.values():
        if order.test or order.tender.currency != shop.currency:
            continue
        for money in order.transactions:
            day = shop.local(money.processed_at).date()
            if money.status == "SUCCESS" and start <= day <= end:
                _add(totals[gateway_of(order)], money)
    return dict(totals)


def gateway_of(order: Order) -> str:
    """Return the name of the gateway that took an order's payments."""
    return "cash" if order.cash_rounding else "bogus"


def _add(total: GatewayTotals, money: Transaction) -> None:
    if money.kind == "REFUND":
        total.refunds += 1
        total.refunded += money.amount
    else:
        total.payments += 1
        total.received += money.amount
    if money.fee is not None:
        total.fees += money.fee
        total.received_with_fees += money.amount
