"""Builds the statement of a question from the whitelist of `sources`. Values of filters are parameters."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.explore.kept import kept_orders, kept_sums
from core.metrics.explore.question import Dimension, Measure, Question, ResultKey
from core.metrics.explore.sources import COUNTS, JOINS, SOURCES, SUMS, TAGS, UNITS, Join, needs, value
from core.metrics.scope import Scope
from core.metrics.sorting import Sort

NAMES = ("first", "second")
"""The columns of the dimensions' values."""


def parameters(scope: Scope, period: Period, question: Question) -> dict[str, object]:
    """The parameters of a question's statement, but limit and offset."""
    return scope.within(period) | filter_parameters(question)


def filter_parameters(question: Question) -> dict[str, object]:
    """The parameters of a question's filters."""
    return {
        name: value
        for number, each in enumerate(question.filters)
        for name, value in (
            (f"values_{number}", [value for value in each.values if value is not None]),
            (f"without_{number}", None in each.values),
        )
    }


def own_sort(question: Question) -> Sort[ResultKey]:
    """The order of a result without another one: along the calendar, else the largest first measure."""
    if question.dimensions[0].is_time:
        return Sort(ResultKey.FIRST)
    return Sort(ResultKey(question.measures[0]), is_descending=True)


def answer_statement(question: Question, sort: Sort[ResultKey]) -> str:
    """The SQL of the rows of a question, each with the `row_count` of all; `:limit` and `:offset` cut them."""
    names = NAMES[: len(question.dimensions)]
    titles = "".join(
        f", {_title(dimension, name)} AS {name}_title"
        for name, dimension in zip(names, question.dimensions, strict=True)
    )
    return f"""
SELECT listed.*{titles}
FROM (
    SELECT {", ".join(names)}, {", ".join(f"{value(measure)} AS {measure}" for measure in question.measures)},
           count(*) OVER () AS row_count
    FROM ({_grouped(question, names)}) grouped
    {_order_by(question, sort)} LIMIT :limit OFFSET :offset
) listed
{_order_by(question, sort)}
"""


def count_statement(question: Question) -> str:
    """The SQL of the number of a question's rows."""
    return f"SELECT count(*) FROM ({_grouped(question, NAMES[: len(question.dimensions)])}) grouped"


def whole_statement(question: Question) -> str:
    """The SQL of the measures over all rows: not the sum of the rows, because customers and tags are in several."""
    values = ", ".join(f"{value(measure)} AS {measure}" for measure in question.measures)
    return f"SELECT {values} FROM ({_grouped(question, ())}) grouped"


def values_statement(dimension: Dimension) -> str:
    """The SQL of a dimension's values in the period, those with most net sales first, each with its title."""
    only = Question((Measure.NET_SALES,), (dimension,))
    return f"""
SELECT first, {_title(dimension, "first")} AS title
FROM (SELECT * FROM ({_grouped(only, ("first",))}) grouped ORDER BY net_sales DESC, first LIMIT :limit) listed
ORDER BY net_sales DESC, first
"""


def _grouped(question: Question, names: tuple[str, ...]) -> str:
    """The sums and counts of each group. A group may have sales without an order, or an order without sales."""
    needed = {need for measure in question.measures for need in needs(measure)}
    sums = {name: formula for name, formula in SUMS.items() if name in needed}
    counts = {name: formula for name, formula in COUNTS.items() if name in needed}
    split = question.dimensions[: len(names)]
    parts = []
    if sums:
        rest = [f"0 AS {name}" for name in counts]
        kept, beside = kept_sums(question, split, sums), ""
        if kept:
            columns = [f"coalesce(sum(s.{name}), 0) AS {name}" for name in sums]
            rows = f"FROM {kept.rows} {_joined(_without_orders(question, names), 's')} WHERE true"
            parts.append(_select(question, names, columns + rest, rows, in_orders=False))
            beside = f"AND s.business_date > {f.last_whole_day()}"
        if not (kept and kept.is_whole):
            columns = [f"{formula} AS {name}" for name, formula in sums.items()]
            rows = f"{_sales(question, names)} {beside}"
            parts.append(_select(question, names, columns + rest, rows, in_orders=False))
    if counts:
        rest, beside = [f"0 AS {name}" for name in sums], ""
        if placed := kept_orders(question, split, counts):
            columns = ["coalesce(sum(o.orders), 0)::bigint AS orders"]
            rows = f"FROM {placed.rows} WHERE true"
            parts.append(_select(question, names, rest + columns, rows, in_orders=True))
            beside = f"AND {placed.beside}"
        columns = [f"{formula} AS {name}" for name, formula in counts.items()]
        parts.append(_select(question, names, rest + columns, f"{_orders(question, names)} {beside}", in_orders=True))
    totals = ", ".join(_total(name) for name in (*sums, *counts))
    if not names:
        return f"SELECT {totals} FROM ({' UNION ALL '.join(parts)}) parts"
    # Shipping has no product: of net sales by product it would be a row of nothing.
    any_value = " OR ".join(f"sum({name}) <> 0" for name in (*sums, *counts))
    keys = ", ".join(names)
    return f"SELECT {keys}, {totals} FROM ({' UNION ALL '.join(parts)}) parts GROUP BY {keys} HAVING {any_value}"


def _total(name: str) -> str:
    kind = "::bigint" if name in COUNTS or name in UNITS else ""
    return f"coalesce(sum({name}), 0){kind} AS {name}"


def _select(question: Question, names: tuple[str, ...], columns: list[str], rows: str, *, in_orders: bool) -> str:
    keys = [
        f"{_text(dimension, in_orders)} AS {name}"
        for name, dimension in zip(names, question.dimensions, strict=False)
    ]
    filters = [
        f"AND {_matches(_text(each.dimension, in_orders), number, each.dimension)}"
        for number, each in enumerate(question.filters)
    ]
    group = f"GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}" if keys else ""
    return f"SELECT {', '.join([*keys, *columns])} {rows} {' '.join(filters)} {group}"


def _sales(question: Question, names: tuple[str, ...]) -> str:
    joins = _joins(question, names)
    return f"FROM sales s {_joined(joins, 's')} WHERE {f.SALES_IN_PERIOD}"


def _orders(question: Question, names: tuple[str, ...]) -> str:
    """Of goods, an order counts wherever it was placed with such goods."""
    joins = [join for join in _joins(question, names) if join is not Join.ORDERS]
    goods = ""
    if question.is_of_goods:
        goods = f"""JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = o.order_id
                     AND s.reason = 'order' AND s.line_type = 'product'"""
    return f"FROM orders o {goods} {_joined(joins, 'o')} WHERE {f.ORDERS_IN_PERIOD}"


def _without_orders(question: Question, names: tuple[str, ...]) -> list[Join]:
    """The tables beside kept sums, which have what they need of the orders."""
    return [join for join in _joins(question, names) if join is not Join.ORDERS]


def _joins(question: Question, names: tuple[str, ...]) -> list[Join]:
    """The tables of the dimensions and filters, each once, in the order of their dependence.

    A filter by tags asks without a join, because a product with two of them would count twice.
    """
    split = question.dimensions[: len(names)]
    needed = {join for dimension in split for join in SOURCES[dimension].joins}
    repeating = {join for join, _ in TAGS.values()}
    needed |= {join for each in question.filters for join in SOURCES[each.dimension].joins if join not in repeating}
    return [join for join in Join if join in needed]


def _joined(joins: Sequence[Join], row: str) -> str:
    return " ".join(JOINS[join].format(row=row) for join in joins)


def _text(dimension: Dimension, in_orders: bool) -> str:
    source = SOURCES[dimension]
    return source.in_orders if in_orders else source.in_sales


def _matches(text: str, number: int, dimension: Dimension) -> str:
    values, without = f"CAST(:values_{number} AS text[])", f":without_{number}"
    if dimension in TAGS:
        tags = f"EXISTS (SELECT FROM unnest({TAGS[dimension][1]}) t WHERE"
        return f"({tags} btrim(t) = ANY({values})) OR ({without} AND NOT {tags} btrim(t) <> '')))"
    return f"({text} = ANY({values}) OR ({without} AND {text} IS NULL))"


def _order_by(question: Question, sort: Sort[ResultKey]) -> str:
    """The ORDER BY: weekdays and hours by number, other dimensions as text; ties by all dimensions."""
    allowed = {ResultKey(measure) for measure in question.measures} | {ResultKey.FIRST}
    allowed |= {ResultKey.SECOND} if len(question.dimensions) > 1 else set()
    chosen = sort if sort.key in allowed else own_sort(question)
    direction = "DESC" if chosen.is_descending else "ASC"
    keys = [f"{_sortable(chosen.key, question)} {direction} NULLS LAST"]
    names = NAMES[: len(question.dimensions)]
    keys += [_sortable(ResultKey(name), question) for name in names if name != chosen.key]
    return f"ORDER BY {', '.join(keys)}"


def _sortable(key: ResultKey, question: Question) -> str:
    if key not in (ResultKey.FIRST, ResultKey.SECOND):
        return str(key)
    dimension = question.dimensions[0 if key is ResultKey.FIRST else 1]
    return f"CAST({key} AS int)" if dimension in (Dimension.WEEKDAY, Dimension.HOUR) else str(key)


def _title(dimension: Dimension, name: str) -> str:
    """The title of a product or variant, looked up for the rows of the answer only."""
    if dimension is Dimension.PRODUCT:
        return f"""coalesce(
            (SELECT p.title FROM products p WHERE {f.of_store("p")} AND p.product_id = CAST(listed.{name} AS bigint)),
            {_line_title("product_id", name, "l.title")})"""
    if dimension is Dimension.VARIANT:
        return f"""coalesce(
            (SELECT concat_ws(' · ', p.title, nullif(v.title, 'Default Title')) FROM variants v
             JOIN products p ON {f.of_store("p")} AND p.product_id = v.product_id
             WHERE {f.of_store("v")} AND v.variant_id = CAST(listed.{name} AS bigint)),
            {_line_title("variant_id", name, "concat_ws(' · ', l.title, l.variant_title)")})"""
    if dimension is Dimension.LOCATION:
        number = f"CASE WHEN listed.{name} ~ '^[0-9]{{1,18}}$' THEN CAST(listed.{name} AS bigint) END"
        return f"""(SELECT o.location_name FROM orders o
            WHERE {f.of_store("o")} AND o.location_id = {number} AND o.location_name IS NOT NULL LIMIT 1)"""
    if dimension is Dimension.ORDER:
        return f"""(SELECT o.name FROM orders o
            WHERE {f.of_store("o")} AND o.order_id = CAST(listed.{name} AS bigint))"""
    return "CAST(NULL AS text)"


def _line_title(column: str, name: str, title: str) -> str:
    """The title as sold, of goods that the catalogue does not have."""
    return f"""(SELECT {title} FROM sales s
            JOIN line_items l ON {f.of_store("l")} AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id
            WHERE {f.SALES_IN_PERIOD} AND s.{column} = CAST(listed.{name} AS bigint) LIMIT 1)"""
