"""Cards of counts by the day on which they began, such as checkouts and carts, as stacked columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.domain.periods import Grain
from dashboard.addresses import csv_address
from dashboard.drawing import formats, frames
from dashboard.drawing.plot import Plot
from dashboard.drawing.records import Record
from dashboard.filters import Filters
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_figure
from dashboard.parts.chart_choices import draw_grain
from dashboard.parts.columns import Column


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted: `noun` names it in the plural, and the file of it.

    The first of `columns` is the whole, the others are its parts; those named `unsettled` may still change.
    `read` returns a row for each point, `draw` their chart.
    """

    noun: str
    columns: Mapping[str, Column]
    unsettled: str
    read: Callable[[Grain], Sequence[Record]]
    draw: Callable[[Sequence[Record], Grain], Plot]


def draw_counts_over_time(counts: Counts, filters: Filters, grain: Grain | None = None) -> Grain:
    """Draw the card; without a `grain`, the reader chooses it in the card. Return the grain."""
    noun, name = counts.noun, counts.noun.capitalize()
    with st.container(border=True):
        # The head stands first, but its download names what is chosen below it.
        head = st.container()
        grain = grain or draw_grain(filters.period)
        chosen = filters.currency_filter | {"grain": str(grain)}
        with head:
            address = csv_address(f"{noun}-over-time", filters.store.store_id, filters.period, **chosen)
            draw_head(f"{name} by the day they began", address)
        rows = counts.read(grain)
        columns = {"name": Column(grain.capitalize()), **counts.columns}
        whole, column = next(iter(counts.columns.items()))
        total = formats.count(sum(row[whole] for row in rows))
        draw_figure(
            counts.draw(rows, grain),
            alt=f"{name} by {grain}: {total} {column.header.lower()}",
            unit=f"number of {noun}, by {grain}; {counts.unsettled} ones are not settled yet",
            rows=ChartRows(
                f"{name} over time",
                columns,
                frames.columns_of(rows, columns),
                filters.period.zone,
                filters.currency,
            ),
        )
    return grain
