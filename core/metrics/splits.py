"""Where did net sales change? The change between two periods by a property of its rows, in terms that add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


class Split(StrEnum):
    """A property by which the change is split, as it stands in the URL."""

    CAUSE = "cause"
    """Goods as placed, returns, and edits: the rows behind the terms of `bridge`."""
    STEP = "step"
    """Gross sales, discounts, and returns: of orders of the same period, and of orders placed before it."""
    CUSTOMER = "customer"
    """Whether the order was its customer's first of all."""
    PRODUCT = "product"
    CHANNEL = "channel"
    COUNTRY = "country"
    CODE = "code"
    """The codes of an order, all of them together: an order with two codes is in one term."""


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


_NO_KEY = "nullif({}, '')"
_KEYS: Mapping[Split, str] = {
    Split.CAUSE: f"""CASE WHEN s.line_type = 'product' AND s.reason = 'order' THEN 'placed'
                         WHEN {f.RETURNED} THEN 'returns' ELSE 'edits' END""",
    Split.CUSTOMER: "CASE WHEN k.number = 1 THEN 'new' ELSE 'returning' END",
    Split.PRODUCT: "CAST(s.product_id AS text)",
    Split.CHANNEL: _NO_KEY.format("o.source_name"),
    Split.COUNTRY: _NO_KEY.format("o.country"),
    Split.CODE: _NO_KEY.format(
        """(SELECT string_agg(code, ' + ' ORDER BY code)
            FROM (SELECT DISTINCT upper(btrim(c)) AS code FROM unnest(o.discount_codes) c) codes)"""
    ),
}
_GOODS = "s.line_type IN ('product', 'adjustment')"
_JOINS = {
    Split.CAUSE: "",
    Split.CUSTOMER: f"LEFT JOIN customer_orders k ON {f.of_store('k')} AND k.order_id = s.order_id",
    Split.PRODUCT: "",
}
_JOIN_ORDERS = f"JOIN orders o ON {f.of_store('o')} AND o.order_id = s.order_id"


def amounts(split: Split, prefix: str = "") -> str:
    """The SQL of the period's rows, each with its `key`, its order, and its amount of net sales."""
    if split is Split.STEP:
        return _steps(prefix)
    return f"""
        SELECT {_KEYS[split]} AS key, s.order_id, s.net AS amount
        FROM sales s {_JOINS.get(split, _JOIN_ORDERS)}
        WHERE {f.sales_in_period(prefix)} AND {_GOODS}"""


def _steps(prefix: str) -> str:
    """A sold row adds its price before discounts to one term, and takes its discount away in another."""
    own = f"o.business_date BETWEEN :{prefix}start AND :{prefix}end"
    return f"""
        SELECT part.key, s.order_id, part.amount
        FROM sales s {_JOIN_ORDERS}
        CROSS JOIN LATERAL (VALUES
            (CASE WHEN {f.SOLD} THEN 'gross_sales' END, s.net + s.discount),
            (CASE WHEN {f.SOLD} THEN 'discounts' END, -s.discount),
            (CASE WHEN {f.RETURNED} THEN CASE WHEN {own} THEN 'own_returns' ELSE 'late_returns' END END, s.net)
        ) AS part (key, amount)
        WHERE {f.sales_in_period(prefix)} AND {_GOODS} AND part.key IS NOT NULL"""


def in_both(split: Split) -> str:
    """The SQL of the rows of both periods, with their amounts as `current` and `earlier`."""
    return f"""
        SELECT key, order_id, amount AS current, 0 AS earlier FROM ({amounts(split)}) this
        UNION ALL
        SELECT key, order_id, 0, amount FROM ({amounts(split, "compared_")}) other"""


def split_statement(split: Split) -> str:
    """The SQL of `split_change`: the last row has all values beyond the limit."""
    title, join = "CAST(NULL AS text)", ""
    if split is Split.PRODUCT:
        join = f"LEFT JOIN products p ON {f.of_store('p')} AND p.product_id = CAST(terms.key AS bigint)"
        title = f"""coalesce(p.title, (
            SELECT max(l.title) FROM line_items l
            WHERE {f.of_store("l")} AND l.order_id = an_order AND l.product_id = CAST(terms.key AS bigint)))"""
    return f"""
SELECT terms.key, {title} AS title, current, earlier, current - earlier AS change, parts
FROM (
    SELECT least(place, CAST(:limit AS bigint) + 1) AS place, max(key) FILTER (WHERE {_IS_SHOWN}) AS key,
           sum(current) AS current, sum(earlier) AS earlier, max(an_order) AS an_order, count(*) AS parts
    FROM (
        SELECT *, row_number() OVER (ORDER BY abs(current - earlier) DESC, current DESC, key) AS place
        FROM (
            SELECT key, sum(current) AS current, sum(earlier) AS earlier, max(order_id) AS an_order
            FROM ({in_both(split)}) rows GROUP BY key
        ) summed
        WHERE current <> 0 OR earlier <> 0
    ) ranked
    GROUP BY 1
) terms {join}
ORDER BY place
"""


_IS_SHOWN = "CAST(:limit AS bigint) IS NULL OR place <= :limit"
