"""The stores of a business side by side, and their sum in one currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core import exchange
from core.domain.periods import Grain
from core.exchange.side_by_side import StoreFigures, StoreRow, Together, sum_stores
from core.exports.all_stores import NAME, days_parameter
from core.metrics.changes import change
from core.stores import StoreView
from dashboard import reads
from dashboard.addresses import csv_address, page_address, store_handle
from dashboard.drawing import formats, rate_words, tiles
from dashboard.drawing.records import Record
from dashboard.drawing.tiles import Tile
from dashboard.drawing.words import plain
from dashboard.filters import Days
from dashboard.parts.card_head import draw_head
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import draw_tiles
from dashboard.parts.tables import draw_rows

SUMMED = ("net_sales", "total_sales", "orders", "average_order_value")


def load_stores(tenant_id: int, stores: tuple[StoreView, ...], days: Days, into: str) -> Together:
    """Ask for the figures of each store, and sum them in the currency `into`."""
    figures = [_figures(store, days) for store in stores]
    currencies = {store.currency for store in stores}
    periods = [figure.period for figure in figures] + [
        compared for store in stores if (compared := days.compared_of(store)) is not None
    ]
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    return sum_stores(figures, exchange.rate_tables(tenant_id, into, currencies, first, last))


def _figures(store: StoreView, days: Days) -> StoreFigures:
    key, period, compared = (
        (store.key, store.revision, store.currency),
        days.period_of(store),
        days.compared_of(store),
    )
    first = reads.first_day(*key)
    is_comparable = compared is not None and first is not None and first <= compared.end
    earlier = reads.report_beside(*key, compared, period, Grain.DAY) if compared and is_comparable else None
    return StoreFigures(store, period, reads.report(*key, period, Grain.DAY), earlier)


def draw_sum(together: Together, into: str) -> None:
    """Draw the sum of all stores; without a rate for one of them, the sentence that says so."""
    if len(together.rows) < 2:
        return
    st.subheader(f"All stores together, in {into}", anchor=False)
    if together.current is None:
        missing = rate_words.missing_rates(together.rows, into)
        st.warning(f"{plain(missing)} Enter the rate below.", icon=":material/currency_exchange:")
        return
    draw_tiles(
        "All stores",
        [tiles.metric_tile(metric, together.current, together.earlier, into) for metric in SUMMED],
    )
    converted = rate_words.all_rates(together.rows, into)
    if converted:
        st.caption(f"Each day at the rate of its day: {plain(converted)}.")


def draw_stores(together: Together, days: Days, query: Mapping[str, str]) -> None:
    """Draw the net sales of each store over time, in its own currency; a click opens the store's Overview."""
    draw_tiles("Stores", [_tile(row, days, query) for row in together.rows])


def draw_table(together: Together, into: str, query: Mapping[str, str]) -> None:
    """Draw a row for each store, in its own currency and in the currency of the sum."""
    is_converted = any(row.figures.store.currency != into for row in together.rows)
    with st.container(border=True):
        draw_head("Stores side by side", file_address(NAME, together, into))
        columns = {
            "store": Column("Store", link=lambda record: _overview(record["handle"], query)),
            "net_sales": metric_column("net_sales"),
            "change": Column("Change", Kind.CHANGE, "The change of net sales since the compared period."),
            "orders": metric_column("orders", Kind.COUNT),
            "average_order_value": metric_column("average_order_value"),
            "returns": metric_column("returns"),
            "rate": Column(f"Rate to {into}", help="Each day counts at the rate of its day."),
            "converted": Column(
                f"Net sales in {into}",
                Kind.MONEY,
                "Net sales of each day at the rate of that day; empty where a day has none.",
                currency=into,
            ),
            "share": Column("Share", Kind.SHARE, "The store's part of the sum of net sales."),
        }
        if not is_converted:
            del columns["rate"], columns["converted"]
        records = [_record(row, together, into) for row in together.rows]
        draw_rows("Stores side by side", records, columns, together.rows[0].figures.period.zone, into)


def draw_left_out(together: Together) -> None:
    """Draw how many orders no figure here has, because they are in another currency than their store's."""
    for row in together.rows:
        store, period = row.figures.store, row.figures.period
        if len(store.currencies) > 1:
            left_out = reads.left_out(store.key, store.revision, store.currency, period)
            if left_out:
                st.caption(f"{plain(store.name)}: {formats.orders_left_out(left_out)}")


def _tile(row: StoreRow, days: Days, query: Mapping[str, str]) -> Tile:
    store, period = row.figures.store, row.figures.period
    report = reads.report(store.key, store.revision, store.currency, period, period.grain)
    points = tiles.tile_points(report.points, "net_sales", period, store.currency, days.now)
    earlier = row.figures.earlier.whole if row.figures.earlier else None
    href = _overview(store_handle(store.shop_domain), query)
    tile = tiles.metric_tile("net_sales", row.headline, earlier, store.currency, points, href)
    note = f"{formats.counted(row.headline.orders, 'order')} · {formats.period(period)}"
    return replace(tile, name=f"store {store.store_id}", label=store.name, note=note)


def file_address(name: str, together: Together, into: str, grain: str = "") -> str:
    """The address of a file with the days of all stores."""
    periods = {row.figures.store.store_id: row.figures.period for row in together.rows}
    first = together.rows[0].figures
    days = days_parameter(periods)
    return csv_address(name, first.store.store_id, first.period, days=days, into=into, grain=grain)


def _record(row: StoreRow, together: Together, into: str) -> Record:
    store, current, earlier = row.figures.store, row.headline, row.figures.earlier
    whole = together.current.net_sales if together.current else None
    return {
        "store": store.name,
        "handle": store_handle(store.shop_domain),
        "currency": store.currency,
        "net_sales": current.net_sales,
        "change": change(current.net_sales, earlier.whole.net_sales) if earlier else None,
        "orders": current.orders,
        "average_order_value": current.average_order_value,
        "returns": current.returns,
        "rate": rate_words.rate_range(row.converted) if store.currency != into else "",
        "converted": None if row.converted.missing else row.converted.sums.net_sales,
        "share": row.converted.sums.net_sales / whole if whole and not row.converted.missing else None,
    }


def _overview(handle: str, query: Mapping[str, str]) -> str:
    return page_address("", query, store=handle)
