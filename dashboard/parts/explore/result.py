"""The answer on Explore: its totals, its chart, and its table with the compared period beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.domain.periods import Period
from core.metrics.changes import change
from core.metrics.definitions import DEFINITIONS, Unit
from core.metrics.explore import Answer, Dimension, Measure, Question, ResultKey, Row, own_sort
from core.metrics.explore.answer import Value
from dashboard import reads
from dashboard.addresses import csv_address, order_address, product_address
from dashboard.drawing import explore_chart, explore_words, formats, tiles
from dashboard.drawing.explore_words import DIMENSIONS, value_name
from dashboard.drawing.records import Record
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_bar_list, draw_figure
from dashboard.parts.columns import Column, Kind
from dashboard.parts.explore import drill
from dashboard.parts.explore.split_chart import draw_split_chart
from dashboard.parts.figures import draw_tiles
from dashboard.parts.tables import ROWS, draw_list, list_page

_BARS = 12
_COMPARED_ROWS = 2000
"""Rows of the compared period that are read; with more of them, a row that is not found is unknown, not zero."""
_KINDS = {Unit.MONEY: Kind.MONEY, Unit.COUNT: Kind.COUNT, Unit.SHARE: Kind.SHARE, Unit.RATIO: Kind.RATIO}
_Keys = tuple[str | None, ...]


def draw_result(question: Question, filters: Filters) -> None:
    """Draw the answer.

    Raises:
        TooMuch: it takes too long.
    """
    period, compared, sort = filters.period, filters.compared, own_sort(question)
    # The first page of the table, whose rows are the bars: one answer serves all three.
    first = reads.explore(*filters.cache_key, period, question, sort, ROWS, 0)
    other = reads.explore(*filters.cache_key, compared, question, sort, _COMPARED_ROWS) if compared else None
    draw_tiles("Totals", [_tile(measure, first, other, filters) for measure in question.measures])
    draw_note(question)
    csv = _csv(question, filters)
    if len(question.dimensions) == 1:
        _draw_chart(question, first, other, filters, csv)
    else:
        draw_split_chart(question, filters, csv)
    _draw_table(question, first.count, other, filters)


def draw_note(question: Question) -> None:
    """Draw why rows may not add up to the totals above them, where that is so."""
    if Dimension.TAG in question.dimensions:
        st.caption("A product with two tags counts in both rows. The totals count it once.")
    elif Dimension.ORDER_TAG in question.dimensions:
        st.caption("An order with two tags counts in both rows. The totals count it once.")
    elif question.is_of_goods and {Measure.ORDERS, Measure.CUSTOMERS} & set(question.measures):
        st.caption("An order with two products counts in both rows. The totals count it once.")
    elif Measure.CUSTOMERS in question.measures:
        st.caption("A customer who ordered twice may count in two rows. The totals count each customer once.")


def _tile(measure: Measure, now: Answer, before: Answer | None, filters: Filters) -> tiles.Tile:
    return tiles.metric_tile(
        str(measure),
        _Whole(now.whole),
        _Whole(before.whole) if before else None,
        filters.currency,
    )


class _Whole:
    """The measures of an answer as attributes, as tiles read them."""

    def __init__(self, values: Mapping[Measure, Value]) -> None:
        for measure, value in values.items():
            setattr(self, str(measure), value)


def _draw_chart(question: Question, first: Answer, other: Answer | None, filters: Filters, csv: str) -> None:
    dimension, measure = question.dimensions[0], question.measures[0]
    name = explore_words.title(Question((measure,), question.dimensions))
    with st.container(border=True):
        draw_head(name, csv)
        if not dimension.is_series:
            address = _link("first", question, filters)
            draw_bar_list(name, explore_chart.bars(question, first.rows[:_BARS], filters.currency, address))
            if first.count > _BARS:
                st.caption(f"The first {_BARS} of {formats.count(first.count)}. The table has all.")
            return
        period, compared = filters.period, filters.compared
        keys = explore_chart.places(dimension, period)
        whole = reads.explore(*filters.cache_key, period, question, own_sort(question), len(keys))
        plot = explore_chart.line(
            question,
            keys,
            _by_key(whole, measure),
            _shifted(_by_key(other, measure), dimension, period, compared) if other and compared else None,
            filters.currency,
            (formats.period(period), formats.period(compared) if compared else ""),
            explore_chart.open_places(dimension, period, keys, filters.now),
        )
        draw_figure(plot, alt=f"{name}, {formats.period(period)}")


def _draw_table(question: Question, count: int, other: Answer | None, filters: Filters) -> None:
    page = list_page(own_sort(question), count, filters.store.store_id, filters.period, question, filters.currency)
    answer = reads.explore(*filters.cache_key, filters.period, question, page.sort, ROWS, page.offset)
    before = _before(question, other, filters)
    if Dimension.ORDER not in question.dimensions:
        st.caption("Click a row to see the orders that it is made of, in the same figures.")
    draw_list(
        explore_words.title(question),
        [_record(question, row, before, filters.currency) for row in answer.rows],
        _columns(question, filters),
        page,
        filters,
        csv=_csv(question, filters, sort=page.sort_parameter),
        empty="Nothing was sold that matches. Take a filter away, or choose a longer period.",
        has_choice=False,
    )


def _before(
    question: Question, other: Answer | None, filters: Filters
) -> Mapping[_Keys, Mapping[Measure, Value]] | None:
    """The compared rows by the keys of the period's; None without a comparison, or if not all rows were read."""
    if other is None or filters.compared is None or other.count > len(other.rows):
        return None
    if Dimension.ORDER in question.dimensions:
        # Each order is of one period only.
        return None
    maps = [
        _places_of(dimension, filters.period, filters.compared) if dimension.is_series else None
        for dimension in question.dimensions
    ]
    return {
        tuple(key if places is None else places.get(key or "") for key, places in zip(row.keys, maps, strict=True)): (
            row.values
        )
        for row in other.rows
    }


def _places_of(dimension: Dimension, period: Period, compared: Period) -> dict[str, str]:
    """Each day, week or month of the compared period, and that of the period which stands at its place."""
    return dict(zip(explore_chart.places(dimension, compared), explore_chart.places(dimension, period), strict=False))


def _shifted(
    values: Mapping[str, Value], dimension: Dimension, period: Period, compared: Period
) -> Mapping[str, Value]:
    places = _places_of(dimension, period, compared)
    return {places[key]: value for key, value in values.items() if key in places}


def _by_key(answer: Answer, measure: Measure) -> dict[str, Value]:
    return {row.keys[0] or "": row.values[measure] for row in answer.rows}


def _record(
    question: Question, row: Row, before: Mapping[_Keys, Mapping[Measure, Value]] | None, currency: str
) -> Record:
    record: dict[str, Any] = {"keys": row.keys, "titles": row.titles}
    for number, (dimension, key, title) in enumerate(zip(question.dimensions, row.keys, row.titles, strict=True)):
        record[("first", "second")[number]] = value_name(dimension, key, title)
    for measure in question.measures:
        record[measure] = row.values[measure]
        record[f"{measure} before"] = None
        if before is not None:
            earlier = before[row.keys][measure] if row.keys in before else 0
            growth = formats.change(change(row.values[measure], earlier))
            record[f"{measure} before"] = f"{formats.metric(measure, earlier, currency)} before, {growth}"
    return record


def _columns(question: Question, filters: Filters) -> dict[str, Column]:
    columns = {}
    for name, dimension in zip(("first", "second"), question.dimensions, strict=False):
        columns[name] = Column(DIMENSIONS[dimension], sort=ResultKey(name), link=_link(name, question, filters))
    for measure in question.measures:
        definition = DEFINITIONS[measure]
        columns[str(measure)] = Column(
            definition.label,
            _KINDS[definition.unit],
            definition.meaning,
            ResultKey(measure),
            note=f"{measure} before",
        )
    return columns


def _link(name: str, question: Question, filters: Filters) -> Callable[[Record], str | None] | None:
    """An order opens its page. The first cell of any other row opens what the row is made of.

    The page of a product has its sales of the period: those of a row that is of the product alone.
    """
    place, shop, query = ("first", "second").index(name), filters.store.shop_domain, st.query_params.to_dict()
    dimension = question.dimensions[place]
    is_whole_product = question.dimensions == (Dimension.PRODUCT,) and not question.filters

    def address(row: Record) -> str | None:
        key = row["keys"][place]
        if dimension is Dimension.ORDER:
            return order_address(shop, int(key), query)
        if is_whole_product and key:
            return product_address(shop, int(key), query)
        return drill.orders_address(question, row["keys"], row["titles"], filters.period, query)

    return address if not place or dimension is Dimension.ORDER else None


def _csv(question: Question, filters: Filters, **parameters: str) -> str:
    written = json.dumps(question.to_json(), separators=(",", ":"))
    parameters = {**filters.currency_filter, **parameters, "question": written}
    return csv_address("explore", filters.store.store_id, filters.period, **parameters)
