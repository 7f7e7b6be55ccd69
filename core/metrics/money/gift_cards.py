"""What is owed to holders of gift cards? Cards sold and used in a period, and what is outstanding at its end.

Selling a card is a debt, and paying with one settles it: neither is a sale. A card that was given away, or sold
before the first order that is stored, is not among those sold, so outstanding may then be too low.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.money.payments import MOVED, REFUNDED
from core.metrics.scope import Scope

GATEWAY = "gift_card"
"""Shopify's name of the gateway that takes payments by gift card."""


@dataclass(frozen=True, slots=True)
class GiftCards:
    """Sums in the scope's currency; names are those of `definitions`."""

    gift_cards_sold: Decimal
    gift_cards_used: Decimal
    gift_cards_outstanding: Decimal

    @property
    def are_known(self) -> bool:
        """Whether any card was ever sold or used."""
        return any((self.gift_cards_sold, self.gift_cards_used, self.gift_cards_outstanding))


def gift_cards(session: Session, scope: Scope, period: Period) -> GiftCards:
    """Ask for the gift cards of the period, and what is outstanding at its end."""
    return GiftCards(**session.execute(_GIFT_CARDS, scope.within(period)).mappings().one())


# Whole days come from the kept sums; the day that `until` cuts, from its rows.
_SOLD = f"""
    SELECT d.business_date, d.gift_cards AS sold, 0 AS used FROM sales_by_day d
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date <= {f.last_whole_day()}
    UNION ALL
    SELECT s.business_date, s.net, 0 FROM sales s
    WHERE {f.SALES_IN_PERIOD} AND s.line_type = 'gift_card' AND s.business_date > {f.last_whole_day()}"""
_USED = f"""
    SELECT d.business_date, 0, d.received - d.refunded FROM payments_by_day d
    WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.gateway = '{GATEWAY}'
      AND d.business_date <= {f.last_whole_day()}
    UNION ALL
    SELECT t.business_date, 0, CASE WHEN {REFUNDED} THEN -t.amount ELSE t.amount END FROM transactions t
    WHERE {f.of_store("t")} AND t.currency = {f.CURRENCY} AND t.gateway = '{GATEWAY}' AND {MOVED}
      AND t.business_date BETWEEN {f.last_whole_day()} + 1 AND :end
      AND (CAST(:until AS timestamptz) IS NULL OR t.processed_at < :until)"""
_GIFT_CARDS = text(f"""
SELECT coalesce(sum(sold) FILTER (WHERE business_date >= :start), 0) AS gift_cards_sold,
       coalesce(sum(used) FILTER (WHERE business_date >= :start), 0) AS gift_cards_used,
       coalesce(sum(sold - used), 0) AS gift_cards_outstanding
FROM ({_SOLD} UNION ALL {_USED}) moved
""")
