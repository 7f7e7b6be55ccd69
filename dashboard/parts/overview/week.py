"""When customers buy: orders by weekday and hour; of one day, by hour."""

from __future__ import annotations

from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import week_grid
from dashboard.filters import Filters
from dashboard.parts.card_grid import Card, ChartRows
from dashboard.parts.columns import Column, Kind, metric_column

_WEEK, _DAY = "When customers buy", "When customers bought"


def week_card(filters: Filters) -> Card:
    """The card of the grid. One day has no pattern by weekday, so its hours are columns."""
    sums, period, currency = reads.week_hours(*filters.cache_key, filters.period), filters.period, filters.currency
    is_day = period.days == 1
    title = _DAY if is_day else _WEEK
    columns = {
        "name": Column("Weekday and hour"),
        "orders": metric_column("orders", Kind.COUNT),
        "net_sales": metric_column("net_sales"),
    }
    csv = csv_address("sales-by-weekday-and-hour", filters.store.store_id, period, **filters.currency_filter)
    rows = ChartRows(title, columns, week_grid.records(sums), filters.store.time_zone, currency)
    busiest = week_grid.busiest(sums)
    if is_day:
        return Card(
            title,
            csv,
            "chart",
            week_grid.day_plot(sums, _hours(filters)).payload(f"Orders by hour. {busiest}"),
            unit=f"Orders by hour, in the store’s time. {busiest}",
            rows=rows,
        )
    grid = week_grid.payload(sums, currency, week_grid.weekdays(period))
    unit = f"Orders by weekday and hour, in the store’s time. {busiest}"
    return Card(title, csv, "heat", grid, unit=unit, rows=rows)


def _hours(filters: Filters) -> int:
    """The number of hours of the day that have begun."""
    if not filters.is_today:
        return len(week_grid.HOURS)
    return filters.now.astimezone(filters.store.time_zone).hour + 1
