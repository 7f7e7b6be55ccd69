"""How did customers pay? Money received and refunded, by payment gateway, on the day on which it moved.

Payments are another question than sales: an order is a sale when it is placed, and paid before or after.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class GatewayPayments:
    """The successful payments of one gateway, without tests and authorizations, in the scope's currency.

    `gateway` is Shopify's name of it, such as shopify_payments or gift_card; empty where Shopify names none.
    """

    gateway: str
    payments: int
    received: Decimal
    refunds: int
    refunded: Decimal
    balance: Decimal
    """Received less refunded."""


def payments_by_gateway(session: Session, scope: Scope, period: Period) -> tuple[GatewayPayments, ...]:
    """List the gateways with payments or refunds in the period, the largest balance first."""
    rows = session.execute(text(PAYMENTS_BY_GATEWAY), scope.within(period)).mappings()
    return tuple(GatewayPayments(**{name: row[name] for name in _FIELDS}) for row in rows)


_FIELDS = ("gateway", "payments", "received", "refunds", "refunded", "balance")
RECEIVED = "t.kind IN ('sale', 'capture')"
REFUNDED = "t.kind = 'refund'"
MOVED = f"t.status = 'success' AND NOT t.test AND ({RECEIVED} OR {REFUNDED})"
"""Transactions in which money moved: no authorization, no pending or failed payment, no test."""

# Whole days come from the kept sums; the day that `until` cuts, from its transactions.
PAYMENTS_BY_GATEWAY = f"""
SELECT gateway, CAST(sum(payments) AS bigint) AS payments, sum(received) AS received,
       CAST(sum(refunds) AS bigint) AS refunds, sum(refunded) AS refunded,
       sum(received) - sum(refunded) AS balance, {f.CURRENCY} AS currency
FROM (
    SELECT d.gateway, d.payments, d.received, d.refunds, d.refunded
    FROM payments_by_day d
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :start AND {f.last_whole_day()}
    UNION ALL
    SELECT coalesce(t.gateway, ''), count(*) FILTER (WHERE {RECEIVED}), {f.total("t.amount", RECEIVED)},
           count(*) FILTER (WHERE {REFUNDED}), {f.total("t.amount", REFUNDED)}
    FROM transactions t
    WHERE {f.of_store("t")} AND t.currency = {f.CURRENCY} AND {MOVED}
      AND t.business_date BETWEEN {f.last_whole_day()} + 1 AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR t.processed_at < :until)
    GROUP BY 1
) moved
GROUP BY gateway
ORDER BY balance DESC, gateway
"""
