"""How long does the stock last? Variants with their stock of now, what sold of them lately, and what to order.

Units are of orders in any currency: a unit leaves the shelf whatever it was paid in. Stock and costs are the present
ones.
The rate is that of the days in stock: a variant that was out for half of them sells twice as fast. The share of a
location in the units sold is its share of the units that left shelves, as far as the stock of single days is known;
without, it would serve all orders. Both are counted each night (`core.database.models.RecentStock`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.products.changes import RECENT, class_parameters, classes
from core.metrics.products.sums import product_sums
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by

RATE_DAYS = 28
"""Complete days whose units sold give the rate at which stock leaves."""
NO_LOCATION = 0


class StockKey(StrEnum):
    """What the list of stock can be sorted by."""

    TITLE = "title"
    SKU = "sku"
    STOCK = "stock"
    DAYS_LEFT = "days_left"
    UNITS_LATELY = "units_lately"
    SELL_THROUGH = "sell_through"
    CLASS = "class"
    TO_ORDER = "to_order"
    VALUE = "value"


SOONEST_FIRST = Sort(StockKey.DAYS_LEFT)


class Shown(StrEnum):
    """Which variants a list of stock has."""

    ALL = "all"
    TO_ORDER = "to-order"


@dataclass(frozen=True, slots=True)
class Plan:
    """When to order, and how much: goods arrive after `lead_days`, and then last for `cover_days`."""

    lead_days: int = 14
    cover_days: int = 30


PLAN = Plan()
"""The plan of a reader who chose none."""


@dataclass(frozen=True, slots=True)
class StockQuestion:
    """Which stock to answer with: sold in `period`, as of `today`, at one location or at all (`NO_LOCATION`)."""

    period: Period
    today: date
    location_id: int = NO_LOCATION
    plan: Plan = PLAN
    shown: Shown = Shown.ALL
    search: str = ""
    sort: Sort[StockKey] = SOONEST_FIRST
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class StockRow:
    """A variant. `stock` is None where Shopify does not count it, below zero where more was sold.

    `days_in_stock` are those of the last 28 whole days, in which `units_lately` were sold. `days_left` is None if
    none were, `sell_through` (a fraction) without stock and sales, `to_order` where the stock outlasts the delivery,
    `value` (at unit cost) where no cost is known. `locations` has the units of each location, the most first.
    """

    product_id: int
    variant_id: int
    title: str
    variant: str | None
    sku: str | None
    stock: int | None
    units_lately: int
    days_in_stock: int
    days_left: Decimal | None
    units_sold: int
    sell_through: Decimal | None
    abc: str
    to_order: int | None
    value: Decimal | None
    locations: list[dict[str, int | str | None]]


@dataclass(frozen=True, slots=True)
class StockSummary:
    """The stock of all variants. `inventory_value` is of units whose cost is known, `units_with_cost` counts them."""

    stock_units: int
    units_with_cost: int
    inventory_value: Decimal | None
    units_sold: int
    out_of_stock: int
    to_reorder: int

    @property
    def sell_through(self) -> Decimal | None:
        """Units sold ÷ (units sold + units left); None without both."""
        whole = self.units_sold + self.stock_units
        return Decimal(self.units_sold) / whole if whole else None


@dataclass(frozen=True, slots=True)
class Location:
    """A place with stock; `name` is None where the app may not read locations."""

    location_id: int
    name: str | None


def stock(session: Session, scope: Scope, question: StockQuestion) -> tuple[StockRow, ...]:
    """List the variants of the catalogue."""
    rows = session.execute(text(stock_statement(question.sort)), _parameters(scope, question)).mappings()
    names = [one.name for one in fields(StockRow)]
    return tuple(StockRow(**{name: row[name] for name in names}) for row in rows)


def count_stock(session: Session, scope: Scope, question: StockQuestion) -> int:
    """Count the rows of `stock` without a limit."""
    return session.execute(_COUNT, _parameters(scope, question)).scalar_one()


def stock_summary(session: Session, scope: Scope, question: StockQuestion) -> StockSummary:
    """Sum up the stock at the question's location; search and `shown` do not narrow it."""
    return StockSummary(**session.execute(_SUMMARY, _parameters(scope, question)).mappings().one())


def stock_locations(session: Session, scope: Scope) -> tuple[Location, ...]:
    """List the locations that have stock."""
    return tuple(Location(**row) for row in session.execute(_LOCATIONS, scope.parameters).mappings())


def plan_parameters(today: date, location_id: int, plan: Plan, shown: Shown) -> dict[str, object]:
    """The parameters of a question beside its period and search."""
    return {
        **class_parameters(today),
        "location_id": location_id,
        "lead_days": plan.lead_days,
        "cover_days": plan.cover_days,
        "shown": shown.value,
    }


def _parameters(scope: Scope, question: StockQuestion) -> dict[str, object]:
    return {
        **scope.within(question.period),
        **plan_parameters(question.today, question.location_id, question.plan, question.shown),
        "search": f.containing(question.search),
        "limit": question.limit,
        "offset": question.offset,
    }


_IN_STOCK = "CASE WHEN stock > 0 THEN stock WHEN stock <= 0 THEN 0 END"
"""NULL where it is not counted, which is not zero: `greatest` would ignore the NULL."""
_VARIANTS = f"""
WITH recent AS MATERIALIZED ({RECENT}
), lately AS (
    SELECT variant_id, sum(units)::bigint AS units FROM recent GROUP BY variant_id
), sold AS (
    SELECT variant_id, units_sold AS units
    FROM ({product_sums(key="variant_id", only="variant_id <> 0", currency="")}) sums
), levels AS (
    SELECT i.inventory_item_id, sum(i.available) FILTER (WHERE i.location_id = :location_id)::bigint AS there,
           jsonb_agg(jsonb_build_object('name', n.name, 'units', i.available) ORDER BY i.available DESC) AS locations
    FROM inventory_levels i
    LEFT JOIN locations n ON {f.of_store("n")} AND n.location_id = i.location_id
    WHERE {f.of_store("i")} AND i.available IS NOT NULL
    GROUP BY i.inventory_item_id
), history AS MATERIALIZED (
    SELECT r.variant_id, max(r.days_out) FILTER (WHERE r.location_id = :location_id) AS days_out,
           coalesce(sum(r.units_left) FILTER (WHERE r.location_id = :location_id), 0)
               / nullif(sum(r.units_left) FILTER (WHERE r.location_id = {NO_LOCATION}), 0) AS share
    FROM recent_stock r WHERE {f.of_store("r")} AND r.location_id IN ({NO_LOCATION}, :location_id)
    GROUP BY r.variant_id
), classes AS ({classes("recent")}
), counted AS (
    SELECT p.product_id, v.variant_id, p.title, nullif(v.title, 'Default Title') AS variant, v.sku,
           CASE WHEN :location_id = {NO_LOCATION} THEN v.inventory_quantity ELSE levels.there END AS stock,
           coalesce(lately.units, 0) AS units_everywhere,
           coalesce(lately.units, 0) * coalesce(history.share, 1) AS rated_units,
           round(coalesce(lately.units, 0) * coalesce(history.share, 1))::bigint AS units_lately,
           round(coalesce(sold.units, 0) * coalesce(history.share, 1))::bigint AS units_sold,
           greatest({RATE_DAYS} - coalesce(history.days_out, 0), 1) AS days_in_stock,
           coalesce(classes.abc, 'C') AS abc, coalesce(levels.locations, '[]') AS locations,
           CASE WHEN v.currency = {f.STORE_CURRENCY} THEN v.unit_cost END AS unit_cost
    FROM products p
    JOIN variants v ON {f.of_store("v")} AND v.product_id = p.product_id
    LEFT JOIN lately ON lately.variant_id = v.variant_id
    LEFT JOIN sold ON sold.variant_id = v.variant_id
    LEFT JOIN history ON history.variant_id = v.variant_id
    LEFT JOIN levels ON levels.inventory_item_id = v.inventory_item_id
    LEFT JOIN classes ON classes.product_id = p.product_id
    WHERE {f.of_store("p")} AND p.deleted_at IS NULL
), rated AS (
    SELECT counted.*, ({_IN_STOCK}) * unit_cost AS value,
           CASE WHEN rated_units > 0 THEN ({_IN_STOCK}) * days_in_stock / rated_units END AS days_left,
           units_sold::numeric / nullif(units_sold + ({_IN_STOCK}), 0) AS sell_through
    FROM counted
), planned AS (
    SELECT rated.*, CASE WHEN days_left <= :lead_days
        THEN greatest(1, ceil(rated_units * (:lead_days + :cover_days) / days_in_stock) - stock)::bigint
        END AS to_order
    FROM rated
)"""
_FOUND = """
    SELECT * FROM planned
    WHERE (CAST(:shown AS text) = 'all' OR to_order IS NOT NULL)
      AND (:search = '%' OR lower(title) LIKE :search OR lower(variant) LIKE :search OR lower(sku) LIKE :search)"""
_SORTED = {
    StockKey.TITLE: by_text("title"),
    StockKey.SKU: by_text("sku"),
    StockKey.STOCK: nullable("stock"),
    StockKey.DAYS_LEFT: nullable("days_left"),
    StockKey.UNITS_LATELY: "units_lately {}",
    StockKey.SELL_THROUGH: nullable("sell_through"),
    StockKey.CLASS: "abc {}",
    StockKey.TO_ORDER: nullable("to_order"),
    StockKey.VALUE: nullable("value"),
}


def stock_statement(sort: Sort[StockKey] = SOONEST_FIRST) -> str:
    """The SQL of `stock`."""
    order = order_by(_SORTED, sort, "units_lately DESC, title, variant_id")
    return f"{_VARIANTS}{_FOUND} {order} LIMIT :limit OFFSET :offset"


STOCK_BY_LOCATION = f"""{_VARIANTS}
SELECT planned.product_id, planned.variant_id, planned.title, planned.variant, planned.sku,
       i.location_id, n.name AS location,
       i.available AS units, i.on_hand, round(units_everywhere * part.share)::bigint AS units_lately,
       greatest(i.available, 0) * part.days_in_stock / nullif(units_everywhere * part.share, 0) AS days_left
FROM planned
JOIN variants v ON {f.of_store("v")} AND v.variant_id = planned.variant_id
JOIN inventory_levels i ON {f.of_store("i")} AND i.inventory_item_id = v.inventory_item_id
LEFT JOIN locations n ON {f.of_store("n")} AND n.location_id = i.location_id
LEFT JOIN recent_stock own
    ON {f.of_store("own")} AND own.variant_id = planned.variant_id AND own.location_id = i.location_id
LEFT JOIN recent_stock whole
    ON {f.of_store("whole")} AND whole.variant_id = planned.variant_id AND whole.location_id = {NO_LOCATION}
CROSS JOIN LATERAL (
    SELECT coalesce(coalesce(own.units_left, 0)::numeric / nullif(whole.units_left, 0), 1) AS share,
           greatest({RATE_DAYS} - coalesce(own.days_out, 0), 1) AS days_in_stock
) part
ORDER BY planned.title, planned.variant_id, i.location_id
"""
"""A row a variant and location, for the file."""

_COUNT = text(f"{_VARIANTS} SELECT count(*) FROM ({_FOUND}) found")

_SUMMARY = text(f"""{_VARIANTS}
SELECT coalesce(sum({_IN_STOCK}), 0)::bigint AS stock_units,
       coalesce(sum({_IN_STOCK}) FILTER (WHERE unit_cost IS NOT NULL), 0)::bigint AS units_with_cost,
       sum(value) AS inventory_value,
       coalesce(sum(units_sold) FILTER (WHERE stock IS NOT NULL), 0)::bigint AS units_sold,
       count(*) FILTER (WHERE stock <= 0 AND units_lately > 0) AS out_of_stock,
       count(to_order) AS to_reorder
FROM planned
""")

_LOCATIONS = text(f"""
SELECT i.location_id, n.name
FROM (SELECT DISTINCT i.location_id FROM inventory_levels i WHERE {f.of_store("i")}) i
LEFT JOIN locations n ON {f.of_store("n")} AND n.location_id = i.location_id
ORDER BY n.name, i.location_id
""")
