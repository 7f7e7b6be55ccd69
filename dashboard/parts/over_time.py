"""Cards with a chart over time: its metric and grain are chosen in the card, and its download follows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from core.domain.periods import Grain
from core.metrics.definitions import DEFINITIONS, Unit
from core.metrics.series import Series
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import charts, formats, frames
from dashboard.filters import Filters
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_figure
from dashboard.parts.chart_choices import draw_grain, draw_metric
from dashboard.parts.columns import Column, Kind
from dashboard.parts.figures import comparable


@dataclass(frozen=True, slots=True)
class OverTime:
    """A chart over time in its card: `metric` and `grain` as the reader chose them."""

    filters: Filters
    metric: str
    grain: Grain

    @property
    def label(self) -> str:
        """The metric's name."""
        return DEFINITIONS[self.metric].label

    @property
    def money(self) -> str | None:
        """The currency; None for a count."""
        return self.filters.currency if DEFINITIONS[self.metric].unit is Unit.MONEY else None

    @property
    def kind(self) -> Kind:
        """The kind of the metric's column."""
        return Kind.MONEY if self.money else Kind.COUNT

    @property
    def unit(self) -> str:
        """The unit of the chart's axis."""
        return f"in {self.money}" if self.money else f"number of {self.label.lower()}"

    def draw(self, report: Series, beside: Series | None) -> None:
        """Draw the line of the period, and that of the whole compared period (`beside`)."""
        filters, grain = self.filters, self.grain
        period, compared = filters.period, filters.compared and filters.compared.whole
        points = frames.over_time(self.metric, report, beside, period, compared, filters.now, grain)
        this, other = formats.period(period), formats.period(compared) if compared else ""
        total = formats.metric(self.metric, getattr(report.whole, self.metric), filters.currency)
        columns = {"name": Column(grain.capitalize()), "value": Column(self.label, self.kind)}
        if beside:
            columns |= {"compared_name": Column("Compared with"), "compared": Column(f"{self.label} then", self.kind)}
        draw_figure(
            charts.over_time(points, grain, self.money, this, other),
            alt=f"{self.label} by {grain}, {this}: {total}",
            unit=f"{self.unit}, by {grain}",
            rows=ChartRows(
                f"{self.label} over time", columns, frames.columns_of(points, columns), period.zone, filters.currency
            ),
        )


@contextmanager
def over_time_card(
    filters: Filters, csv: str, metrics: Sequence[str], title: str = "{} over time", **parameters: str | int
) -> Iterator[OverTime]:
    """Open the card of a chart over time; the first of `metrics` is the default, and `{}` in the title its name.

    `csv` is the name of its file, `parameters` are further filters of the file.
    """
    with st.container(border=True, height="stretch"):
        # The head stands first, but its download names what is chosen below it.
        head, choices = st.container(), st.container(horizontal=True, horizontal_alignment="distribute")
        with choices:
            chart = OverTime(filters, draw_metric(metrics), draw_grain(filters.period))
        with head:
            address = over_time_csv(csv, filters, grain=chart.grain, **parameters)
            draw_head(title.format(chart.label), address, DEFINITIONS[chart.metric].meaning)
        yield chart


def draw_report_over_time(filters: Filters, metrics: Sequence[str]) -> Grain:
    """Draw a metric of the store's report in its card, beside the whole compared period; return the chosen grain."""
    period, compared = filters.period, filters.compared and filters.compared.whole
    with over_time_card(filters, "sales-over-time", metrics) as chart:
        report = reads.report(*filters.cache_key, period, chart.grain)
        beside = reads.report_beside(*filters.cache_key, compared, period, chart.grain) if compared else None
        chart.draw(report, comparable(beside, filters))
    return chart.grain


def over_time_csv(name: str, filters: Filters, **parameters: str | int) -> str:
    """The address of the file `name` over time, with the filters of the page and further `parameters`."""
    given = {**compared_parameters(filters), **parameters}
    return csv_address(name, filters.store.store_id, filters.period, **given)


def compared_parameters(filters: Filters) -> dict[str, str | int]:
    """The parameters of a file that has the compared period beside the period."""
    return {"compare": filters.comparison, **filters.currency_filter}
