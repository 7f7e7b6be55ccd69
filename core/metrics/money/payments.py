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
from core.metrics.ratios import share
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
    fees: Decimal | None = None
    """What the provider kept of payments, without tax; None if Shopify knows the fees of none of them."""
    received_with_fees: Decimal = Decimal(0)
    """The part of `received` whose fees are known."""

    @property
    def fee_coverage(self) -> Decimal | None:
        """The fraction of the money received whose fees are known; None if nothing was received."""
        return share(self.received_with_fees, self.received)


def payments_by_gateway(session: Session, scope: Scope, period: Period) -> tuple[GatewayPayments, ...]:
    """List the gateways with payments or refunds in the period, the largest balance first."""
    rows = session.execute(text(PAYMENTS_BY_GATEWAY), scope.within(period)).mappings()
    return tuple(GatewayPayments(**{name: row[name] for name in _FIELDS}) for row in rows)


_FIELDS = ("gateway", "payments", "received", "refunds", "refunded", "balance", "fees", "received_with_fees")
RECEIVED = "t.kind IN ('sale', 'capture')"
FEE_IS_KNOWN = "t.fee_currency = t.currency"
REFUNDED = "t.kind = 'refund'"
MOVED = f"t.status = 'success' AND NOT t.test AND ({RECEIVED} OR {REFUNDED})"
"""Transactions in which money moved: no authorization, no pending or failed payment, no test."""

# Whole days come from the kept sums; the day that `until` cuts, from its transactions.
PAYMENTS_BY_GATEWAY = f"""
SELECT gateway, CAST(sum(payments) AS bigint) AS payments, sum(received) AS received,
       CAST(sum(refunds) AS bigint) AS refunds, sum(refunded) AS refunded,
       sum(received) - sum(refunded) AS balance,
       CASE WHEN sum(received_with_fees) <> 0 OR sum(fees) <> 0 THEN sum(fees) END AS fees,
       sum(received_with_fees) AS received_with_fees,
       sum(received_with_fees) / nullif(sum(received), 0) AS fee_coverage, {f.CURRENCY} AS currency
FROM (
    SELECT d.gateway, d.payments, d.received, d.refunds, d.refunded, d.fees, d.received_with_fees
    FROM payments_by_day d
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :start AND {f.last_whole_day()}
    UNION ALL
    SELECT coalesce(t.gateway, ''), count(*) FILTER (WHERE {RECEIVED}), {f.total("t.amount", RECEIVED)},
           count(*) FILTER (WHERE {REFUNDED}), {f.total("t.amount", REFUNDED)},
           {f.total("t.fee", FEE_IS_KNOWN)}, {f.total("t.amount", f"{RECEIVED} AND {FEE_IS_KNOWN}")}
    FROM transactions t
    WHERE {f.of_store("t")} AND t.currency = {f.CURRENCY} AND {MOVED}
      AND t.business_date BETWEEN {f.last_whole_day()} + 1 AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR t.processed_at < :until)
    GROUP BY 1
) moved
GROUP BY gateway
ORDER BY balance DESC, gateway
"""
