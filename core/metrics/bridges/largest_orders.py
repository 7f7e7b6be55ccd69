"""Which orders have the largest parts in a term? The first rows of a list, without adding up every order.

An order's net sales to date are kept, and an index has them in order. Where nothing happened to an order later, they
are its part. So the orders of a page are the first ones of the index, or orders that were `moved` by later rows.
Moved orders are added up one by one, but for those that are too small for the page.
"""

from __future__ import annotations

from enum import StrEnum

from core.metrics import formulas as f
from core.metrics.bridges.split_rows import GOODS, OF_ORDERS, Split, is_of_term
from core.metrics.orders.period_nets import crossing_net, crossing_rows, orders_in_period
from core.metrics.returns.later_sales import LATER, placed


class Above(StrEnum):
    """The period whose largest orders are the first of a list."""

    CURRENT = "current"
    EARLIER = "earlier"
    EITHER = "either"


PLACED = "placed"
"""The term of `Split.CAUSE` of goods as placed: net sales to date without what happened later."""


def is_indexed(split: Split, key: str | None) -> bool:
    """Whether the orders of the term can be listed by their kept net sales."""
    return split in OF_ORDERS or (split is Split.CAUSE and key == PLACED)


def largest_orders(split: Split, above: Above) -> str:
    """The SQL of orders with their `current` and `earlier` part of the term `:key`; the periods have no common day.

    `:walked` orders of each period are compared with the term; `is_cut` says whether they had too few of it. If not,
    an order is left out only if it is smaller than the `:most` largest of its own period, or of the period `above`.
    """
    is_possible = """m.is_incomplete OR 2000 * (abs(m.current) + abs(m.earlier)) >= (SELECT last FROM last)
           OR m.order_id IN (SELECT order_id FROM half)"""
    if split in OF_ORDERS:
        moved, rows, net = f"moved AS MATERIALIZED ({_crossing()}),", "moved", crossing_net
    else:
        moved, rows, net = "", f"({_undone()})", _undone_net
    return f"""
    WITH {moved}
    largest AS MATERIALIZED ({_largest(split, "")}),
    compared_largest AS MATERIALIZED ({_largest(split, "compared_")}),
    last AS MATERIALIZED (SELECT {_LAST[above]} AS last),
    negative AS MATERIALIZED (SELECT order_id FROM ({_walk("", "< 0")} UNION ALL {_walk("compared_", "< 0")}) c),
    half AS MATERIALIZED (SELECT unnest(ARRAY(
        SELECT order_id FROM negative UNION ALL {_walk("", _HALF)} UNION ALL {_walk("compared_", _HALF)}
    )) AS order_id),
    possible AS MATERIALIZED (
        SELECT m.order_id, CASE WHEN is_incomplete THEN {net("m.order_id")} ELSE current END AS current,
               CASE WHEN is_incomplete THEN {net("m.order_id", "compared_")} ELSE earlier END AS earlier
        FROM {rows} m WHERE {is_possible}
    )
    SELECT order_id, sum(current) AS current, sum(earlier) AS earlier, sum(current) - sum(earlier) AS change,
           {_is_cut("")} OR {_is_cut("compared_")} AS is_cut
    FROM (
        SELECT order_id, {_net("unmoved", "")} AS current, {_net("unmoved", "compared_")} AS earlier
        FROM (
            SELECT order_id FROM largest UNION ALL SELECT order_id FROM compared_largest
            UNION ALL SELECT n.order_id FROM negative n WHERE {_is_of_term(split, "n")} AND {_is_unmoved(split, "n")}
        ) unmoved
        UNION ALL
        SELECT order_id, {_net("p", "")} + current, {_net("p", "compared_")} + earlier
        FROM possible p WHERE {_is_of_term(split, "p")}
    ) rows
    GROUP BY order_id
    HAVING sum(current) <> 0 OR sum(earlier) <> 0"""


def unmoved_orders(split: Split) -> str:
    """The SQL of orders of the term to which nothing happened later: up to `:most`, of `:walked` of each period."""
    kept = " UNION ALL ".join(
        f"""
    SELECT c.order_id FROM (
        SELECT k.order_id FROM customer_orders k WHERE {orders_in_period(prefix)} AND k.net_sales <> 0
        ORDER BY k.business_date DESC LIMIT :walked
    ) c
    WHERE {_is_of_term(split, "c")} AND NOT EXISTS (
        SELECT FROM {LATER} l WHERE {f.of_store("l")} AND l.order_id = c.order_id AND l.kind <> 'refunded')"""
        for prefix in ("", "compared_")
    )
    return f"SELECT order_id FROM ({kept}) kept LIMIT :most"


_HALF = ">= (SELECT last / 2 - 1 FROM last)"
"""Of the last of the largest orders: a part is net sales and what moved them. Where both are below half, the sum is
smaller. One thousandth is for the rounding of the index. An array hides how many orders have it: PostgreSQL makes a
hash table only where it expects few."""


def _is_unmoved(split: Split, alias: str) -> str:
    """Whether the kept net sales of an order are its part. As subqueries, which keep the order of an index."""
    if split in OF_ORDERS:
        return f"{alias}.order_id NOT IN (SELECT order_id FROM moved)"
    return f"""(
            SELECT true FROM {LATER} l
            WHERE {f.of_store("l")} AND l.order_id = {alias}.order_id AND l.kind <> 'refunded' LIMIT 1) IS NULL"""


def _crossing() -> str:
    """Select the orders whose net sales to date are not their part of both periods, with the differences."""
    return f"""
        SELECT order_id, sum(current) AS current, sum(earlier) AS earlier, bool_or(is_incomplete) AS is_incomplete
        FROM (
            SELECT order_id, is_incomplete, amount AS current, 0 AS earlier FROM ({crossing_rows()}) this
            UNION ALL SELECT order_id, is_incomplete, 0, amount FROM ({crossing_rows("compared_")}) other
        ) rows
        GROUP BY order_id"""


def _undone() -> str:
    """Select the orders placed in either period that returned or added goods, with what undoes their returns.

    As `crossing_rows`, others are incomplete. A return dated as its order may be a part of the order as placed: only
    the ledger says so. Groups are in the order of the index: nothing is sorted.
    """
    rows = "sum(l.returned)", "0::numeric"
    return " UNION ALL ".join(
        f"""
        SELECT l.order_id, {current} AS current, {earlier} AS earlier,
               bool_or(l.kind = 'added' OR l.happened_at = l.placed_at) AS is_incomplete
        FROM {LATER} l WHERE {placed(prefix)} AND l.kind <> 'refunded' GROUP BY l.placed_on, l.order_id"""
        for prefix, current, earlier in (("", *rows), ("compared_", *reversed(rows)))
    )


def _undone_net(order_id: str, prefix: str = "") -> str:
    """Sum up what undoes all that happened to an order later, if it was placed in the period; else 0."""
    return f"""(
        SELECT coalesce(sum(-s.net), 0) FROM sales s
        WHERE {f.SALES_OF_STORE} AND s.order_id = {order_id} AND {GOODS}
          AND NOT (s.line_type = 'product' AND s.reason = 'order') AND EXISTS (
            SELECT FROM customer_orders k WHERE {orders_in_period(prefix)} AND k.order_id = s.order_id))"""


def _walk(prefix: str, condition: str) -> str:
    """Select kept orders `c` placed in the period by a condition on their sorted net sales, in any currency.

    The index has no more columns than these.
    """
    return f"""SELECT c.order_id FROM customer_orders c
        WHERE {f.of_store("c")} AND c.business_date BETWEEN :{prefix}start AND :{prefix}end
          AND (CAST(:{prefix}until AS timestamptz) IS NULL OR c.processed_at < :{prefix}until)
          AND c.net_sales_sorted {condition}"""


def _first(prefix: str) -> str:
    """Select the orders of the period with the largest net sales, `:walked` of them, largest first."""
    walk = _walk(prefix, ">= 0").replace("c.order_id", "c.order_id, c.net_sales_sorted", 1)
    return f"{walk} ORDER BY c.net_sales_sorted DESC, c.order_id DESC LIMIT :walked"


def _largest(split: Split, prefix: str) -> str:
    return f"""
        SELECT c.order_id, c.net_sales_sorted FROM ({_first(prefix)}) c
        WHERE {_is_unmoved(split, "c")} AND {_is_of_term(split, "c")} AND {_net("c", prefix)} <> 0
        ORDER BY c.net_sales_sorted DESC, c.order_id DESC LIMIT :most"""


def _last(prefix: str) -> str:
    return f"(SELECT CASE WHEN count(*) = :most THEN min(net_sales_sorted) ELSE 0 END FROM {prefix}largest)"


_LAST = {
    Above.CURRENT: _last(""),
    Above.EARLIER: _last("compared_"),
    Above.EITHER: f"greatest({_last('')}, {_last('compared_')})",
}


def _is_cut(prefix: str) -> str:
    return f"""((SELECT count(*) FROM {prefix}largest) < :most
            AND (SELECT count(*) FROM ({_first(prefix)}) c) = :walked)"""


def _net(alias: str, prefix: str) -> str:
    """The kept net sales of an order that was placed in the period; else 0."""
    return f"""coalesce((
            SELECT k.net_sales FROM customer_orders k
            WHERE {orders_in_period(prefix)} AND k.order_id = {alias}.order_id), 0)"""


def _is_of_term(split: Split, alias: str) -> str:
    return is_of_term(split, f"{alias}.order_id") if split in OF_ORDERS else "true"
