"""Which customers are on a page of the list? Their keys in the order of the list, without reading the whole ledger.

A short period is grouped by customer. For a long one, customers are walked along an index of `customer_totals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.customers.sums import IN_PERIOD, MOVED, OF_CURRENCY, placed_by
from core.metrics.scope import Scope
from core.metrics.searching import BUYERS_FOUND, range_of
from core.metrics.sorting import Sort, nullable

MANY_ORDERS = 100_000
"""Orders of a period from which on customers are walked, not grouped."""
_MOST_FOUND = 2_000
"""Customers that a search finds at most to be looked at one by one."""
_LOOKED_AT = (1_000, 4_000)
"""Customers with the highest sums to date that are compared, if the first are too few."""


class BuyerKey(StrEnum):
    """What a list of customers can be sorted by."""

    NAME = "name"
    NET_SALES = "net_sales"
    ORDERS = "orders"
    NET_SALES_TO_DATE = "net_sales_to_date"
    ORDERS_TO_DATE = "orders_to_date"
    FIRST_ORDER = "first_order"
    LAST_ORDER = "last_order"


@dataclass(frozen=True, slots=True)
class Ranking:
    """A question for the keys of a page: customers who ordered in a period, in an order, found by a search or all."""

    scope: Scope
    period: Period
    sort: Sort[BuyerKey]
    search: str = ""
    many_orders: int = MANY_ORDERS

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of its statements, but limit and offset."""
        return {**self.scope.within(self.period), **range_of(self.search)}


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a period is: its orders, whether nothing was sold after it, and whether nothing was before it."""

    orders: int
    is_open: bool
    is_from_first: bool


def ranked_keys(session: Session, ranking: Ranking, extent: Extent, limit: int | None, offset: int) -> list[str]:
    """Return the keys of the customers of a page, in order."""
    page = {"limit": limit, "offset": offset}
    searched = "all"
    if ranking.search.strip():
        found = _found(session, ranking)
        if found is not None:
            return _grouped(session, ranking, extent, page | {"found": found}, "few")
        searched = "many"
    if limit is not None and extent.orders >= ranking.many_orders:
        walked = _walked(session, ranking, extent, searched, limit, offset)
        if walked is not None:
            return walked
    return _grouped(session, ranking, extent, page, searched)


def extent_of(session: Session, scope: Scope, period: Period) -> Extent:
    """Ask how large a period is."""
    return Extent(**session.execute(_EXTENT, scope.within(period)).mappings().one())


def count_found(session: Session, ranking: Ranking, most: int) -> int:
    """Count the customers of the period that a search finds, up to `most`."""
    found = _found(session, ranking)
    searched = "many" if found is None else "few"
    parameters = ranking.parameters | {"found": found, "most": most}
    return session.execute(
        text(_COUNT.format(searched=_SEARCHED[searched].format(key="k.customer_key"))), parameters
    ).scalar_one()


def _found(session: Session, ranking: Ranking) -> list[str] | None:
    """Return the keys of the customers that a search finds, in any period; None if they are many."""
    rows = session.scalars(_FEW_FOUND, ranking.parameters).all()
    return None if len(rows) > _MOST_FOUND else list(set(rows))


def _grouped(
    session: Session, ranking: Ranking, extent: Extent, page: Mapping[str, object], searched: str
) -> list[str]:
    """Sum the period's orders by customer, and sort all of them."""
    sort = ranking.sort
    direction = "DESC" if sort.is_descending else "ASC"
    to_date = _TOTAL if extent.is_open else _TOTAL_THEN
    joins = {BuyerKey.NAME: _NAMED, BuyerKey.FIRST_ORDER: _TOTAL, BuyerKey.NET_SALES_TO_DATE: to_date}
    statement = f"""
        WITH {MOVED}, members AS MATERIALIZED (
            SELECT k.customer_key, count(*) AS orders, sum(k.net_sales) AS placed_net,
                   max(k.currency_number) AS orders_to_date, max(k.processed_at) AS last_order_at
            FROM customer_orders k WHERE {IN_PERIOD} {_SEARCHED[searched].format(key="k.customer_key")}
            GROUP BY 1
        ), b AS (
            SELECT members.*, placed_net + coalesce(moved.net, 0) AS net_sales
            FROM members LEFT JOIN moved USING (customer_key)
        )
        SELECT b.customer_key FROM b {joins.get(sort.key, "")}
        ORDER BY {_SORTED[sort.key].replace("{}", direction)}, b.customer_key {direction}
        LIMIT :limit OFFSET :offset"""
    return list(session.scalars(text(statement), {**ranking.parameters, **page, "is_open": extent.is_open}))


def _walked(
    session: Session, ranking: Ranking, extent: Extent, searched: str, limit: int, offset: int
) -> list[str] | None:
    """Walk customers along an index. None if that would lead through most of them."""
    key, sort = ranking.sort.key, ranking.sort
    if extent.is_open and extent.is_from_first:
        key = {BuyerKey.NET_SALES: BuyerKey.NET_SALES_TO_DATE, BuyerKey.ORDERS: BuyerKey.ORDERS_TO_DATE}.get(key, key)
    if key in (BuyerKey.NET_SALES, BuyerKey.ORDERS):
        return _best(session, ranking, extent, searched, limit, offset) if sort.is_descending else None
    if not extent.is_open:
        return None
    statement = _by_name(sort, searched) if key is BuyerKey.NAME else _by_total(key, sort, searched)
    parameters = {**ranking.parameters, "limit": limit, "offset": offset, "until_last": limit + offset}
    walked = list(session.scalars(text(statement), parameters))
    # Customers without a name are last: only the grouped list has them.
    return walked if len(walked) == limit or key is not BuyerKey.NAME else None


def _by_total(key: BuyerKey, sort: Sort[BuyerKey], searched: str) -> str:
    """The last order of a customer of an open period is in it."""
    direction = "DESC" if sort.is_descending else "ASC"
    condition = _SEARCHED[searched].format(key="t.customer_key")
    return f"""
        SELECT t.customer_key FROM customer_totals t WHERE {_MEMBER} {condition}
        ORDER BY {_WALKED[key].replace("{}", direction)}, t.customer_key {direction} LIMIT :limit OFFSET :offset"""


def _by_name(sort: Sort[BuyerKey], searched: str) -> str:
    """Merge customers with a name or an address, and guests by their address."""
    direction = "DESC" if sort.is_descending else "ASC"
    condition = _SEARCHED[searched].format(key="t.customer_key")
    return f"""
        SELECT customer_key FROM (
            (SELECT t.customer_key, {NAME_ORDER} AS name
             FROM customers c, LATERAL (
                 SELECT t.customer_key FROM customer_totals t
                 WHERE {_MEMBER} AND t.customer_key = 'c:' || c.customer_id {condition} OFFSET 0
             ) t
             WHERE {f.of_store("c")} AND {NAME_ORDER} IS NOT NULL
             ORDER BY {NAME_ORDER} {direction} LIMIT :until_last)
            UNION ALL
            (SELECT t.customer_key, {_GUEST} FROM customer_totals t
             WHERE {_MEMBER} AND {_IS_GUEST} {condition}
             ORDER BY {_GUEST} {direction} LIMIT :until_last)
        ) named
        ORDER BY name {direction}, customer_key {direction} LIMIT :limit OFFSET :offset"""


def _best(
    session: Session, ranking: Ranking, extent: Extent, searched: str, limit: int, offset: int
) -> list[str] | None:
    """Compare the customers who are best to date, until no other can be among the best of the period.

    A customer's sum of a period is at most the sum to date, but for orders with a negative sum outside the period,
    and for rows that moved into it: customers with such are compared, too.
    """
    is_net = ranking.sort.key is BuyerKey.NET_SALES
    bound, exceptions = ("net_sales", _EXCEPTIONS) if is_net else ("orders", "")
    statement = text(
        _BEST.format(
            bound=bound,
            exceptions=exceptions,
            candidates=_SEARCHED[searched].format(key="t.customer_key"),
            looked_at=_SEARCHED[searched].format(key="l.customer_key"),
        )
    )
    for looked_at in _LOOKED_AT:
        parameters = {**ranking.parameters, "is_open": extent.is_open, "looked_at": looked_at, "last": limit + offset}
        rows = session.execute(statement, parameters).all()
        keys = [row.customer_key for row in rows][offset:]
        if not rows or rows[0].candidates < looked_at:
            return keys
        if len(rows) == limit + offset and rows[-1].value > rows[0].bound:
            return keys
    return None


_MEMBER = f"{f.of_store('t')} AND t.currency = {f.CURRENCY} AND t.last_date >= :start"
"""Selects the totals of customers who ordered in an open period."""
_SEARCHED = {
    "all": "",
    "few": "AND {key} = ANY(CAST(:found AS text[]))",
    "many": f"AND {{key}} IN ({' UNION ALL '.join(BUYERS_FOUND)})",
}
_AFTER = "{day} >= :end AND ({day} > :end OR {instant} >= CAST(:until AS timestamptz))"
_FEW_FOUND = text(
    " UNION ALL ".join(f"({found} LIMIT {_MOST_FOUND + 1})" for found in BUYERS_FOUND) + f" LIMIT {_MOST_FOUND + 1}"
)
_EXTENT = text(f"""
    SELECT (
               SELECT coalesce(sum(d.orders), 0)::bigint FROM sales_by_day d
               WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :start AND :end
           ) AS orders,
           NOT EXISTS (
               SELECT FROM orders o
               WHERE {f.ORDERS_OF_STORE} AND {_AFTER.format(day="o.business_date", instant="o.processed_at")}
           ) AND NOT EXISTS (
               SELECT FROM sales s
               WHERE {f.SALES_OF_STORE} AND {_AFTER.format(day="s.business_date", instant="s.happened_at")}
           ) AS is_open,
           NOT EXISTS (SELECT FROM orders o WHERE {f.of_store("o")} AND o.business_date < :start)
           AND NOT EXISTS (SELECT FROM sales s WHERE {f.SALES_OF_STORE} AND s.business_date < :start) AS is_from_first
""")

_IS_GUEST = "starts_with(t.customer_key, 'e:')"
_GUEST = """normalize("left"(substr(t.customer_key, 3), 120), NFD) COLLATE "C\""""
NAME_ORDER = """normalize("left"(lower(coalesce(
    c.first_name || ' ' || c.last_name, c.first_name, c.last_name, c.email)), 120), NFD) COLLATE "C\""""
"""The name of a customer `c`, else the address, as lists sort it: an accented letter after its plain one."""
_NAMED = f"""
        CROSS JOIN LATERAL (SELECT b.customer_key) t
        LEFT JOIN customers c ON {f.of_store("c")} AND b.customer_key = 'c:' || c.customer_id
        CROSS JOIN LATERAL (SELECT coalesce({NAME_ORDER}, CASE WHEN {_IS_GUEST} THEN {_GUEST} END) AS name) named"""
_TOTAL = f"""
        JOIN customer_totals t
          ON {f.of_store("t")} AND t.currency = {f.CURRENCY} AND t.customer_key = b.customer_key"""
_TOTAL_THEN = f""",
        LATERAL (
            SELECT {f.NET_SALES} AS net_sales FROM orders o
            JOIN sales s ON s.order_id = o.order_id AND {f.SALES_SO_FAR}
            WHERE {f.ORDERS_OF_STORE} AND o.customer_key = b.customer_key
        ) t"""
_SORTED = {
    BuyerKey.NAME: nullable("name"),
    BuyerKey.NET_SALES: "b.net_sales {}",
    BuyerKey.ORDERS: "b.orders {}",
    BuyerKey.NET_SALES_TO_DATE: "t.net_sales {}",
    BuyerKey.ORDERS_TO_DATE: "b.orders_to_date {}",
    BuyerKey.FIRST_ORDER: "t.first_order_at {}",
    BuyerKey.LAST_ORDER: "b.last_order_at {}",
}
_WALKED = {
    BuyerKey.NET_SALES_TO_DATE: "t.net_sales {}",
    BuyerKey.ORDERS_TO_DATE: "t.orders {}",
    BuyerKey.FIRST_ORDER: "t.first_order_at {}",
    BuyerKey.LAST_ORDER: "t.last_order_at {}",
}
"""The order of the indexes of `customer_totals`, which end with the customer's key."""

_EXCEPTIONS = f"""
            UNION SELECT customer_key FROM moved WHERE net > 0
            UNION SELECT k.customer_key FROM customer_orders k WHERE {OF_CURRENCY} AND k.net_sales < 0"""
_BEST = f"""
        WITH {MOVED}, candidates AS MATERIALIZED (
            SELECT t.customer_key, t.{{bound}} AS bound FROM customer_totals t WHERE {_MEMBER} {{candidates}}
            ORDER BY t.{{bound}} DESC, t.customer_key DESC LIMIT :looked_at
        ), l AS (
            SELECT customer_key FROM candidates{{exceptions}}
        ), summed AS (
            SELECT l.customer_key, placed.orders, placed.net + coalesce(moved.net, 0) AS net
            FROM l LEFT JOIN moved USING (customer_key), LATERAL ({placed_by("l.customer_key")}) placed
            WHERE placed.orders > 0 {{looked_at}}
        )
        SELECT customer_key, CASE '{{bound}}' WHEN 'orders' THEN orders ELSE net END AS value,
               (SELECT min(bound) FROM candidates) AS bound, (SELECT count(*) FROM candidates) AS candidates
        FROM summed ORDER BY value DESC, customer_key DESC LIMIT :last"""

_COUNT = f"""
    SELECT count(*) FROM (
        SELECT DISTINCT k.customer_key FROM customer_orders k
        WHERE {IN_PERIOD} {{searched}} LIMIT :most
    ) found"""
