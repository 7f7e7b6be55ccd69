"""Where sales come from: by country, channel, visit and campaign, and of new and returning customers over time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from core.domain.periods import Grain
from core.metrics.definitions import DEFINITIONS
from core.metrics.sales.origins import Origin, OriginSales
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import charts, formats, frames, world_map
from dashboard.drawing.bar_list import Bar
from dashboard.drawing.channels import channel_name
from dashboard.drawing.countries import country_name
from dashboard.drawing.plot import Look
from dashboard.drawing.world_map import Area
from dashboard.filters import Filters
from dashboard.parts.card_grid import Card, ChartRows
from dashboard.parts.cards import bars_card, figure_card
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import comparable
from dashboard.parts.over_time import over_time_csv

_MOST = 7
_TITLES = {
    Origin.COUNTRY: "Sales by country",
    Origin.CHANNEL: "Sales by channel",
    Origin.SOURCE: "Sales by visit source",
    Origin.CAMPAIGN: "Sales by campaign",
}
_WITHOUT = {Origin.SOURCE: "Without a known visit", Origin.CAMPAIGN: "Without a campaign"}
_KINDS = {"new_sales": Look.SECOND, "returning_sales": Look.THIS}


def kinds_card(filters: Filters, grain: Grain) -> Card:
    """The card of the sales of new and of returning customers over time."""
    report = reads.sales_by_kind(*filters.cache_key, filters.period, grain)
    title, period, currency = "New and returning sales", filters.period, filters.currency
    points = frames.parts_over_time(report.points, _KINDS, period, filters.now, grain)
    columns = {"name": Column(grain.capitalize()), **{metric: metric_column(metric) for metric in _KINDS}}
    looks = {metric: (DEFINITIONS[metric].label, look) for metric, look in _KINDS.items()}
    new, returning = report.whole.new_sales, report.whole.returning_sales
    return figure_card(
        title,
        over_time_csv("new-and-returning-sales", filters, grain=grain),
        charts.stacked(points, looks, grain, currency),
        alt=f"Net sales of new customers {formats.money(new, currency)}, of returning customers "
        f"{formats.money(returning, currency)}",
        unit=_shares(new, returning, currency),
        rows=ChartRows(title, columns, frames.columns_of(points, columns), period.zone, currency),
    )


def origins_card(filters: Filters, origin: Origin) -> Card:
    """The card of net sales by one property of the orders."""
    rows = reads.sales_by_origin(*filters.cache_key, filters.period, origin)
    earlier = comparable(_earlier(filters, origin), filters) or {}
    title, currency = _TITLES[origin], filters.currency
    records = [{"value": _name(origin, row.value), "net_sales": row.net_sales} for row in rows]
    columns = {"value": Column(origin.capitalize()), "net_sales": metric_column("net_sales", Kind.MONEY)}
    bars = _bars(rows, earlier, origin, currency)
    drawn = bars_card(
        title,
        bars,
        csv=csv_address(f"sales-by-{origin}", filters.store.store_id, filters.period, **filters.currency_filter),
        unit=f"net sales in {currency}",
        rows=ChartRows(title, columns, records, filters.store.time_zone, currency),
        empty="No sales in this period.",
    )
    if origin is not Origin.COUNTRY or not drawn.kind:
        return drawn
    return replace(drawn, kind="map", content=world_map.payload(title, _areas(rows, currency), bars))


def _areas(rows: tuple[OriginSales, ...], currency: str) -> list[Area]:
    return [
        Area(row.value, _name(Origin.COUNTRY, row.value), row.net_sales, formats.short_money(row.net_sales, currency))
        for row in rows
        if row.value
    ]


def origins_cards(filters: Filters) -> list[Card]:
    """The cards of net sales by country and channel, and by source and campaign where the visits are known."""
    origins = [Origin.COUNTRY, Origin.CHANNEL]
    sources = reads.sales_by_origin(*filters.cache_key, filters.period, Origin.SOURCE)
    if any(row.value for row in sources):
        origins += [Origin.SOURCE, Origin.CAMPAIGN]
    return [origins_card(filters, origin) for origin in origins]


def _earlier(filters: Filters, origin: Origin) -> dict[str | None, Decimal] | None:
    if filters.compared is None:
        return None
    rows = reads.sales_by_origin(*filters.cache_key, filters.compared, origin)
    return {row.value: row.net_sales for row in rows}


def _bars(
    rows: tuple[OriginSales, ...], earlier: dict[str | None, Decimal], origin: Origin, currency: str
) -> list[Bar]:
    """The values with the highest net sales, and all others together."""
    bars = [
        Bar(
            _name(origin, row.value),
            row.net_sales,
            formats.short_money(row.net_sales, currency),
            note=f"from {formats.short_money(earlier.get(row.value, Decimal(0)), currency)}" if earlier else "",
        )
        for row in rows[:_MOST]
    ]
    others = rows[_MOST:]
    if others:
        total = sum((row.net_sales for row in others), Decimal(0))
        bars.append(Bar(formats.counted(len(others), "other"), total, formats.short_money(total, currency)))
    return bars


def _name(origin: Origin, value: str | None) -> str:
    if value is None:
        return _WITHOUT.get(origin, f"Unknown {origin}")
    match origin:
        case Origin.CHANNEL:
            return channel_name(value)
        case Origin.COUNTRY:
            return country_name(value) or value
        case _:
            return value


def _shares(new: Decimal, returning: Decimal, currency: str) -> str:
    """New €400.00 (40.0%) · returning €600.00 (60.0%), net sales in EUR."""
    total = new + returning
    parts = [
        f"{name} {formats.short_money(amount, currency)}"
        + (f" ({formats.percent(amount / total)})" if total > 0 else "")
        for name, amount in (("new", new), ("returning", returning))
    ]
    return f"{' · '.join(parts).capitalize()}, net sales in {currency}"
