"""Which taxes were charged? The taxes of a period by name and rate, less those refunded on the day of the refund.

The ledger has one tax amount a row; the names are on the line. A row of several taxes is split by the amounts on its
line, in the line's order: each sum up to a tax is rounded to the currency's minor unit, so no cent is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from core.domain.money import MINOR_DIGITS
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.money import sums
from core.metrics.scope import Scope

TAXED = "s.line_type IN ('product', 'shipping', 'duty', 'fee', 'adjustment')"
"""The rows whose taxes are in the figure Taxes (see `formulas.TAXES`)."""


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """A tax. `rate` is a fraction. Both are None for taxes that Shopify names on no line: of duties, fees and
    adjustments. `taxable` is the net amount of the rows with this tax."""

    title: str | None
    rate: Decimal | None
    taxable: Decimal
    tax: Decimal


def taxes(session: Session, scope: Scope, period: Period) -> tuple[TaxTotal, ...]:
    """List the taxes of the period, the largest first. Their sum is the figure Taxes."""
    rows = sums.ask(session, TAXES_BY_NAME, scope.within(period))
    return tuple(TaxTotal(row["title"], row["rate"], row["taxable"], row["tax"]) for row in rows)


_DIGITS = f"CASE s.currency {' '.join(f'WHEN {code!r} THEN {n}' for code, n in MINOR_DIGITS.items())} ELSE 2 END"


def tax_rows(sales: str) -> str:
    """Select the taxes of ledger rows `s`, one row for each tax of each, with currency and day."""
    return f"""
    SELECT s.currency, s.business_date, named.title, named.rate, s.net AS taxable, named.tax
    FROM sales s, LATERAL (
        SELECT title, rate, up_to - coalesce(lag(up_to) OVER (ORDER BY n), 0) AS tax
        FROM (
            SELECT n, title, rate, CASE WHEN n = max(n) OVER () THEN s.tax
                       ELSE round(s.tax * sum(amount) OVER (ORDER BY n) / sum(amount) OVER (), {_DIGITS}) END AS up_to
            FROM ({_LINES}) lines
        ) summed
        UNION ALL
        SELECT NULL, NULL, s.tax WHERE NOT EXISTS (SELECT FROM ({_LINES}) lines)
    ) named
    WHERE {sales} AND s.tax <> 0 AND {TAXED}"""


_LINES = f"""
                SELECT row_number() OVER (ORDER BY line, place) AS n, tax ->> 'title' AS title,
                       CAST(tax ->> 'rate' AS numeric) AS rate, CAST(tax ->> 'amount' AS numeric) AS amount
                FROM (
                    SELECT l.line_item_id AS line, each.*
                    FROM line_items l, jsonb_array_elements(l.taxes) WITH ORDINALITY AS each (tax, place)
                    WHERE s.line_type = 'product' AND {f.of_store("l")}
                      AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id
                    UNION ALL
                    SELECT h.shipping_line_id, each.*
                    FROM shipping_lines h, jsonb_array_elements(h.taxes) WITH ORDINALITY AS each (tax, place)
                    WHERE s.line_type = 'shipping' AND {f.of_store("h")} AND h.order_id = s.order_id
                ) charged
                WHERE CAST(tax ->> 'amount' AS numeric) <> 0"""

TAXES_BY_NAME = f"""
SELECT title, rate, sum(taxable) AS taxable, sum(tax) AS tax
FROM (
    SELECT title, rate, taxable, tax FROM ({tax_rows(sums.sales_of_live_days())}) live
    UNION ALL
    SELECT nullif(title, ''), nullif(rate, -1), taxable, tax FROM tax_days k WHERE {sums.kept_days()}
) taxes
GROUP BY title, rate
ORDER BY sum(tax) DESC, title, rate
"""
