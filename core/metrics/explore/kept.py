"""The kept sums that answer a question of Explore without the ledger, where its dimensions and measures allow.

A source has the columns that dimensions read from a ledger row `s`, so that the same texts serve both. Days that are
over come from the source, and the day that `until` cuts from the rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.domain.periods import Grain
from core.metrics import formulas as f
from core.metrics.explore import goods_orders
from core.metrics.explore.goods_orders import ON_LIVE_DAYS, kept_orders_by_goods
from core.metrics.explore.question import Dimension, Question
from core.metrics.products.sums import product_sums

_DAYS = frozenset({Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.WEEKDAY})
_GOODS = frozenset({Dimension.PRODUCT, Dimension.VARIANT, Dimension.VENDOR, Dimension.TYPE, Dimension.TAG})
_SALES = ("gross_sales", "discounts", "returns", "net_sales")
_UNITS = ("units_sold", "units_returned")


@dataclass(frozen=True, slots=True)
class Kept:
    """Sums in place of the ledger: their rows, called `s`, and the columns that they have.

    `is_whole` is whether they include the day that `until` cuts.
    """

    rows: str
    sums: frozenset[str]
    dimensions: frozenset[Dimension]
    is_whole: bool = False

    def answers(self, dimensions: Collection[Dimension], needed: Collection[str]) -> bool:
        """Whether it has these sums by these dimensions."""
        return self.sums.issuperset(needed) and self.dimensions.issuperset(dimensions)


def _of_days(columns: str, table: str, condition: str = "") -> str:
    return f"""(
        SELECT k.business_date, {columns} FROM {table} k
        WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY} {condition}
          AND k.business_date BETWEEN :start AND {f.last_whole_day()})"""


def _of_origin(dimension: str, column: str) -> Kept:
    """Net sales by a property of the order, which dimensions read from an order `o`."""
    rows = _of_days(
        f"nullif(k.value, '') AS {column}, k.net_sales", "sales_by_origin", f"AND k.dimension = '{dimension}'"
    )
    return Kept(f"{rows} s CROSS JOIN LATERAL (SELECT s.{column}) o", frozenset({"net_sales"}), _DAYS)


_BY_DAY = Kept(
    _of_days(
        f"""k.orders, k.shipping, k.taxes, k.placed_value, {", ".join(f"k.{name}" for name in (*_SALES, *_UNITS))},
               k.net_sales + k.shipping + k.taxes + k.duties + k.fees AS total_sales""",
        "sales_by_day",
    )
    + " s",
    frozenset({*_SALES, *_UNITS, "shipping", "taxes", "total_sales", "placed_value"}),
    _DAYS,
)


def _by_span(key: str, dimensions: frozenset[Dimension]) -> Kept:
    named = ", ".join(f"nullif({name}, 0) AS {name}" for name in key.split(", "))
    return Kept(
        f"(SELECT {named}, {', '.join((*_SALES, *_UNITS))} FROM ({product_sums(key=key)}) sums) s",
        frozenset({*_SALES, *_UNITS}),
        dimensions,
        is_whole=True,
    )


_OF_PRODUCTS_BY_SPAN = _by_span("product_id", _GOODS - {Dimension.VARIANT})
_OF_VARIANTS_BY_SPAN = _by_span("product_id, variant_id", _GOODS)
_OF_GOODS = Kept(
    _of_days(
        f"""nullif(k.product_id, 0) AS product_id, nullif(k.variant_id, 0) AS variant_id,
               {", ".join(f"k.{name}" for name in (*_SALES, *_UNITS))}""",
        "product_sales_by_day",
    )
    + " s",
    frozenset({*_SALES, *_UNITS}),
    _DAYS | _GOODS,
)
_OF_ORIGINS = {
    Dimension.COUNTRY: _of_origin("country", "country"),
    Dimension.CHANNEL: _of_origin("channel", "source_name"),
}


@dataclass(frozen=True, slots=True)
class KeptOrders:
    """Numbers of orders in place of the orders: their rows, called `o`, and the orders `o` to be counted beside."""

    rows: str
    beside: str


_BY_DAY_PLACED = KeptOrders(_of_days("k.orders", "sales_by_day") + " o", f"o.business_date > {f.last_whole_day()}")
_COUNTED_GOODS = {Dimension.PRODUCT: goods_orders.PRODUCT, Dimension.VARIANT: goods_orders.VARIANT}


def kept_sums(question: Question, split: Collection[Dimension], needed: Collection[str]) -> Kept | None:
    """The kept sums that answer a question split by these dimensions; None if only the ledger can."""
    dimensions = {*split, *(each.dimension for each in question.filters)}
    for source in (_BY_DAY, _OF_PRODUCTS_BY_SPAN, _OF_VARIANTS_BY_SPAN, _OF_GOODS):
        if source.answers(dimensions, needed):
            return source
    for dimension, source in _OF_ORIGINS.items():
        if dimension in dimensions and source.answers(dimensions - {dimension}, needed):
            return source
    return None


def kept_orders(question: Question, split: Collection[Dimension], needed: Collection[str]) -> KeptOrders | None:
    """The rows that answer the number of orders; None if only the orders do."""
    dimensions = {*split, *(each.dimension for each in question.filters)}
    if set(needed) != {"orders"} or not dimensions <= _DAYS | _GOODS:
        return None
    if not question.is_of_goods:
        return _BY_DAY_PLACED
    counted = _counted_goods(question, split)
    if counted is None:
        return None
    times = dimensions & _DAYS
    grain = Grain.DAY if times - {Dimension.MONTH} else Grain.MONTH if times else None
    return KeptOrders(kept_orders_by_goods(counted, grain), ON_LIVE_DAYS)


def _counted_goods(question: Question, split: Collection[Dimension]) -> str | None:
    """By what goods each order counts in one row at most; None where no kept number does.

    An order with two vendors, or with two products of a filter, would count twice.
    """
    values = {each.dimension: len(each.values) for each in question.filters}
    goods = {each for each in (*split, *values) if each.is_of_goods}
    if not goods:
        return goods_orders.ALL
    only = goods.pop()
    if goods or not (only in split or values[only] == 1):
        return None
    return _COUNTED_GOODS.get(only)
