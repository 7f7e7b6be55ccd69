"""The rows behind a change of net sales: how a row of the ledger, or a kept sum, belongs to a term of a split."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.metrics import formulas as f
from core.metrics.orders.period_nets import net_by_order
from core.metrics.products.sums import product_sums
from core.metrics.returns.later_sales import LATER, dated


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
    SOURCE = "source"
    """Where the last visitor before the order came from."""
    CAMPAIGN = "campaign"
    CODE = "code"
    """The codes of an order, all of them together: an order with two codes is in one term."""


_NO_KEY = "nullif({}, '')"
_KEYS: Mapping[Split, str] = {
    Split.CAUSE: f"""CASE WHEN s.line_type = 'product' AND s.reason = 'order' THEN 'placed'
                         WHEN {f.RETURNED} THEN 'returns' ELSE 'edits' END""",
    Split.CUSTOMER: "CASE WHEN k.number = 1 THEN 'new' ELSE 'returning' END",
    Split.PRODUCT: "CAST(s.product_id AS text)",
    Split.CHANNEL: _NO_KEY.format("o.source_name"),
    Split.COUNTRY: _NO_KEY.format("o.country"),
    Split.SOURCE: _NO_KEY.format("o.visit_source"),
    Split.CAMPAIGN: _NO_KEY.format("o.visit_campaign"),
    Split.CODE: _NO_KEY.format(
        """(SELECT string_agg(code, ' + ' ORDER BY code)
            FROM (SELECT DISTINCT upper(btrim(c)) AS code FROM unnest(o.discount_codes) c) codes)"""
    ),
}
OF_ORDERS = frozenset(_KEYS) - {Split.CAUSE, Split.PRODUCT}
"""Splits by a property of the order: all rows of an order are in one term."""
GOODS = "s.line_type IN ('product', 'adjustment')"
_JOINS = {
    Split.CAUSE: "",
    Split.CUSTOMER: f"LEFT JOIN customer_orders k ON {f.of_store('k')} AND k.order_id = s.order_id",
    Split.PRODUCT: "",
}
_JOIN_ORDERS = f"JOIN orders o ON {f.of_store('o')} AND o.order_id = s.order_id"


def amounts(split: Split, prefix: str = "", only: str = "true") -> str:
    """The SQL of the period's rows, each with its `key`, its order, and its amount of net sales.

    `only` is a condition on ledger rows `s`.
    """
    if split is Split.STEP:
        return _steps(prefix, only)
    return f"""
        SELECT {_KEYS[split]} AS key, s.order_id, s.net AS amount, s.happened_at
        FROM sales s {_JOINS.get(split, _JOIN_ORDERS)}
        WHERE {f.sales_in_period(prefix)} AND {GOODS} AND {only}"""


def _steps(prefix: str, only: str) -> str:
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
        WHERE {f.sales_in_period(prefix)} AND {GOODS} AND part.key IS NOT NULL AND {only}"""


def in_both(split: Split) -> str:
    """The SQL of the orders' amounts in both periods by `key`: an order may have several rows."""
    if split in OF_ORDERS:
        nets = both_periods(net_by_order(), net_by_order("compared_"), "order_id")
        return f"""
        SELECT {_KEYS[split]} AS key, s.order_id, s.current, s.earlier
        FROM ({nets}) s {_JOINS.get(split, _JOIN_ORDERS)}"""
    return both_periods(amounts(split), amounts(split, "compared_"), "key, order_id")


def is_of_term(split: Split, order_id: str) -> str:
    """Whether an order is in the term `:key` of a split by a property of the order."""
    alias, table = ("k", "customer_orders") if split is Split.CUSTOMER else ("o", "orders")
    rows = f"FROM {table} {alias} WHERE {f.of_store(alias)} AND {alias}.order_id = {order_id}"
    return f"(SELECT {_KEYS[split]} {rows}) IS NOT DISTINCT FROM CAST(:key AS text)"


def later_amounts(split: Split, key: str | None, prefix: str = "") -> str | None:
    """The SQL of the term's rows, as `amounts`, from those that happened later; None where it has others, too."""
    match split, key:
        case Split.STEP, "own_returns" | "late_returns":
            sign = "" if key == "own_returns" else "NOT"
            own = f"l.placed_on BETWEEN :{prefix}start AND :{prefix}end"
            return f"{_returned(prefix)} AND {sign} ({own})"
        case Split.CAUSE, "returns":
            # One dated as its order may be a part of the order as placed: only the ledger says so.
            as_placed = "l.happened_at = l.placed_at"
            rows = amounts(split, prefix, _is_of(f"l.kind = 'returned' AND {as_placed}", prefix))
            return f"""{_returned(prefix)} AND NOT ({as_placed})
        UNION ALL SELECT r.key, r.order_id, r.amount FROM ({rows}) r
        JOIN orders o ON {f.of_store("o")} AND o.order_id = r.order_id AND o.processed_at = r.happened_at"""
        case Split.CAUSE, "edits":
            return amounts(split, prefix, _is_of("l.kind = 'added'", prefix))
    return None


def _returned(prefix: str) -> str:
    return f"""
        SELECT CAST(:key AS text) AS key, l.order_id, -l.returned AS amount FROM {LATER} l
        WHERE l.kind = 'returned' AND {dated(prefix)}"""


def _is_of(later: str, prefix: str) -> str:
    return f"s.order_id IN (SELECT l.order_id FROM {LATER} l WHERE {later} AND {dated(prefix)})"


def both_periods(this: str, other: str, columns: str) -> str:
    """The SQL of the rows of two periods, with their amounts as `current` and `earlier`."""
    return f"""
        SELECT {columns}, amount AS current, 0 AS earlier FROM ({this}) this
        UNION ALL
        SELECT {columns}, 0, amount FROM ({other}) other"""


def kept_amounts(split: Split, prefix: str = "") -> str:
    """The SQL of the period's amounts of net sales by `key`, as `amounts`, from kept sums of whole days where there
    are any: only a day that is not over is read from the ledger."""
    last = f.last_whole_day(prefix)
    unfinished = f"SELECT key, amount FROM ({amounts(split, prefix, f's.business_date > {last}')}) unfinished"
    match split:
        case Split.PRODUCT:
            return f"""
        SELECT CAST(nullif(product_id, 0) AS text) AS key, net_sales AS amount
        FROM ({product_sums(prefix, "product_id")}) sold"""
        case Split.CHANNEL | Split.COUNTRY | Split.CUSTOMER | Split.SOURCE | Split.CAMPAIGN:
            return f"""
        SELECT nullif(d.value, '') AS key, d.net_sales AS amount
        FROM sales_by_origin d
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.dimension = '{split}'
          AND d.business_date BETWEEN :{prefix}start AND {last}
        UNION ALL {unfinished}"""
        case Split.CAUSE:
            values = """('placed', d.placed_value), ('returns', -d.returns),
                        ('edits', d.net_sales + d.returns - d.placed_value)"""
            return f"{_of_days(values, prefix)} UNION ALL {unfinished}"
        case Split.STEP:
            returned = f"({f.RETURNED}) AND s.business_date <= {last}"
            return f"""
        {_of_days("('gross_sales', d.gross_sales), ('discounts', -d.discounts)", prefix)}
        UNION ALL SELECT key, amount FROM ({amounts(split, prefix, returned)}) returned
        UNION ALL {unfinished}"""
        case _:
            return f"SELECT key, amount FROM ({amounts(split, prefix)}) rows"


def _of_days(values: str, prefix: str) -> str:
    return f"""
        SELECT part.key, part.amount
        FROM sales_by_day d CROSS JOIN LATERAL (VALUES {values}) AS part (key, amount)
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY}
          AND d.business_date BETWEEN :{prefix}start AND {f.last_whole_day(prefix)}"""
