"""What is bought together, and what do customers who begin with a product buy next? Counts of the last rebuild."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class PairKey(StrEnum):
    """What a list of pairs can be sorted by."""

    TITLE = "title"
    OTHER = "other"
    TOGETHER = "together"
    SHARE = "share"
    LIFT = "lift"


MOST_TOGETHER = Sort(PairKey.TOGETHER, is_descending=True)
FEWEST_CUSTOMERS = 10
"""The fewest customers that a share is shown for: with fewer, one customer moves it by ten points."""


@dataclass(frozen=True, slots=True)
class BasketBuild:
    """The time of the last count, and the orders and customers it included; see `core.rollups.baskets`."""

    built_at: datetime
    start: date
    end: date
    orders: int
    large_orders: int
    first_start: date
    first_end: date
    customers: int
    repeat_customers: int

    @property
    def repeat_rate(self) -> Decimal | None:
        """The share of all new customers who bought again in time; None without any."""
        return ratio(self.repeat_customers, self.customers)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products of the same orders. `share` is the part of the orders of either that have both.

    `lift` is how many times more often they are together than if each were bought by chance; below 1 is less often.
    """

    product_id: int
    title: str
    other_id: int
    other: str
    orders: int
    share: Decimal
    other_share: Decimal
    lift: Decimal


@dataclass(frozen=True, slots=True)
class FirstProduct:
    """A product of first orders: who began with it, how many bought again in time, and what they bought most then."""

    product_id: int
    title: str
    customers: int
    repeat_customers: int
    repeat_rate: Decimal
    next_products: list[dict[str, int | str]]


def basket_build(session: Session, scope: Scope) -> BasketBuild | None:
    """Ask for the last rebuild; None before the first."""
    row = session.execute(_BUILD, scope.parameters).mappings().one_or_none()
    return BasketBuild(**row) if row else None


def product_pairs(
    session: Session,
    scope: Scope,
    search: str = "",
    fewest: int = 1,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[PairKey] = MOST_TOGETHER,
) -> tuple[Pair, ...]:
    """List the pairs of at least `fewest` orders; `search` is a part of either title."""
    parameters = {**scope.parameters, "search": f.containing(search), "fewest": fewest, "limit": limit}
    rows = session.execute(text(pairs_statement(sort)), parameters | {"offset": offset})
    return tuple(Pair(**row) for row in rows.mappings())


def count_pairs(session: Session, scope: Scope, search: str = "", fewest: int = 1) -> int:
    """Count the `product_pairs` there are without a limit."""
    parameters = {**scope.parameters, "search": f.containing(search), "fewest": fewest}
    return session.execute(_COUNT_PAIRS, parameters).scalar_one()


def first_products(session: Session, scope: Scope, limit: int | None = None) -> tuple[FirstProduct, ...]:
    """List the products that at least `FEWEST_CUSTOMERS` customers began with, the most first."""
    rows = session.execute(text(FIRST_PRODUCTS), {**scope.parameters, "limit": limit})
    return tuple(FirstProduct(**{name: row[name] for name in FirstProduct.__slots__}) for row in rows.mappings())


def _title(product_id: str) -> str:
    """The catalogue's title; of a product that it lacks, one from a line that sold it."""
    return f"""coalesce(
        (SELECT p.title FROM products p WHERE {f.of_store("p")} AND p.product_id = {product_id}),
        'Product ' || {product_id})"""


_BUILD = text(f"""
SELECT built_at, "start", "end", orders, large_orders, first_start, first_end, customers, repeat_customers
FROM basket_builds b WHERE {f.of_store("b")}
""")

_PAIRS = f"""
    SELECT pair.product_id, {_title("pair.product_id")} AS title, pair.other_id, {_title("pair.other_id")} AS other,
           pair.orders, pair.orders::numeric / one.orders AS share, pair.orders::numeric / two.orders AS other_share,
           pair.orders::numeric * b.orders / (one.orders::numeric * two.orders) AS lift
    FROM product_pairs pair
    JOIN basket_builds b ON {f.of_store("b")}
    JOIN basket_products one ON {f.of_store("one")} AND one.product_id = pair.product_id
    JOIN basket_products two ON {f.of_store("two")} AND two.product_id = pair.other_id
    WHERE {f.of_store("pair")} AND pair.orders >= :fewest"""
_FOUND = (
    f"SELECT * FROM ({_PAIRS}) pairs WHERE :search = '%' OR lower(title) LIKE :search OR lower(other) LIKE :search"
)
_SORTED = {
    PairKey.TITLE: by_text("title"),
    PairKey.OTHER: by_text("other"),
    PairKey.TOGETHER: "orders {}",
    PairKey.SHARE: nullable("greatest(share, other_share)"),
    PairKey.LIFT: "lift {}",
}


def pairs_statement(sort: Sort[PairKey] = MOST_TOGETHER) -> str:
    """The SQL of `product_pairs`."""
    return f"{_FOUND} {order_by(_SORTED, sort, 'orders DESC, product_id, other_id')} LIMIT :limit OFFSET :offset"


_COUNT_PAIRS = text(f"SELECT count(*) FROM ({_FOUND}) found")

FIRST_PRODUCTS = f"""
SELECT fp.product_id, {_title("fp.product_id")} AS title, fp.customers, fp.repeat_customers,
       fp.repeat_customers::numeric / fp.customers AS repeat_rate,
       coalesce(nexts.products, '[]') AS next_products, nexts.names AS next_names
FROM first_products fp
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('title', title, 'customers', customers) ORDER BY customers DESC, next_id)
               AS products,
           string_agg(title || ' (' || customers || ')', ', ' ORDER BY customers DESC, next_id) AS names
    FROM (
        SELECT n.next_id, n.customers, {_title("n.next_id")} AS title
        FROM next_products n WHERE {f.of_store("n")} AND n.product_id = fp.product_id
    ) named
) nexts ON true
WHERE {f.of_store("fp")} AND fp.customers >= {FEWEST_CUSTOMERS}
ORDER BY fp.customers DESC, fp.product_id
LIMIT :limit
"""
