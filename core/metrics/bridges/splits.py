"""Where did net sales change? The change between two periods by a property of its rows, in terms that add up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.bridges.split_rows import Split, kept_amounts
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Term:
    """The part of one value of the property. `key` is None for rows without a value; `title` is a product's.

    `parts` is how many values are in it: above 1 in the term of all values beyond a limit, whose key is None too.
    """

    key: str | None
    title: str | None
    current: Decimal
    earlier: Decimal
    parts: int

    @property
    def change(self) -> Decimal:
        """What it added to net sales, or took from them if negative."""
        return self.current - self.earlier


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms with the largest changes, and one of all `others`; None without a further value."""

    shown: tuple[Term, ...]
    others: Term | None

    @property
    def change(self) -> Decimal:
        """The change of net sales: the sum of all terms."""
        return sum((term.change for term in (*self.shown, *filter(None, [self.others]))), Decimal(0))


def split_change(
    session: Session, scope: Scope, period: Period, compared: Period, split: Split, limit: int | None = None
) -> Terms:
    """Split the change of net sales from `compared` to `period`, the largest change first."""
    parameters = {**both(scope, period, compared), "limit": limit}
    rows = session.execute(text(split_statement(split)), parameters).mappings()
    terms = [Term(**{name: row[name] for name in ("key", "title", "current", "earlier", "parts")}) for row in rows]
    beyond = limit is not None and len(terms) > limit
    return Terms(tuple(terms[:-1] if beyond else terms), terms[-1] if beyond else None)


def both(scope: Scope, period: Period, compared: Period) -> dict[str, object]:
    """The parameters of a question about two periods."""
    before = {f"compared_{name}": value for name, value in scope.within(compared).items()}
    return {**scope.within(period), **before}


def split_statement(split: Split) -> str:
    """The SQL of `split_change`: the last row has all values beyond the limit."""
    title, join = "CAST(NULL AS text)", ""
    if split is Split.PRODUCT:
        join = f"LEFT JOIN products p ON {f.of_store('p')} AND p.product_id = CAST(terms.key AS bigint)"
        title = f"coalesce(p.title, {_SOLD_TITLE})"
    return f"""
SELECT terms.key, {title} AS title, current, earlier, current - earlier AS change, parts
FROM (
    SELECT least(place, CAST(:limit AS bigint) + 1) AS place, max(key) FILTER (WHERE {_IS_SHOWN}) AS key,
           sum(current) AS current, sum(earlier) AS earlier, count(*) AS parts
    FROM (
        SELECT *, row_number() OVER (ORDER BY abs(current - earlier) DESC, current DESC, key) AS place
        FROM (
            SELECT key, sum(current) AS current, sum(earlier) AS earlier
            FROM (
                SELECT key, amount AS current, 0 AS earlier FROM ({kept_amounts(split)}) this
                UNION ALL SELECT key, 0, amount FROM ({kept_amounts(split, "compared_")}) other
            ) sums
            GROUP BY key
        ) summed
        WHERE current <> 0 OR earlier <> 0
    ) ranked
    GROUP BY 1
) terms {join}
ORDER BY place
"""


_IS_SHOWN = "CAST(:limit AS bigint) IS NULL OR place <= :limit"
_SOLD_TITLE = f"""(
            SELECT l.title FROM sales s
            JOIN line_items l ON {f.of_store("l")} AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id
            WHERE {f.SALES_OF_STORE} AND s.product_id = CAST(terms.key AS bigint) AND s.business_date = (
                SELECT max(d.business_date) FROM product_sales_by_day d
                WHERE {f.of_store("d")} AND d.product_id = CAST(terms.key AS bigint)
                  AND d.business_date <= greatest(CAST(:end AS date), CAST(:compared_end AS date)))
            LIMIT 1)"""
"""The title as last sold, of a product that the catalogue does not have."""
