"""Parts of the Stock page: the choice of location and plan, the notes below the figures, the columns of the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date

import streamlit as st

from core.domain.periods import local_day
from core.metrics.products.stock import (
    NO_LOCATION,
    PLAN,
    RATE_DAYS,
    Location,
    Plan,
    Shown,
    StockKey,
    StockQuestion,
    StockRow,
    StockSummary,
)
from dashboard.addresses import csv_address, product_address
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_download
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.products import CLASS

FIGURES = ("stock_units", "inventory_value", "sell_through", "out_of_stock", "to_reorder")
_ALL = "All locations"
_SHOWN = {"All": Shown.ALL, "To reorder": Shown.TO_ORDER}
_MOST_DAYS = 365


def today(filters: Filters) -> date:
    """The store's present day."""
    return local_day(filters.now, filters.store.time_zone)


def draw_location(locations: Sequence[Location]) -> int:
    """Draw the choice of a location, if there are several; return its id, or `NO_LOCATION` for all."""
    if len(locations) < 2:
        return NO_LOCATION
    by_name = {_ALL: NO_LOCATION} | {_name(location): location.location_id for location in locations}
    chosen = st.selectbox("Location", list(by_name), key="location", bind="query-params", width=220)
    return by_name.get(chosen, NO_LOCATION)


def draw_plan() -> Plan:
    """Draw how long a delivery takes, and how long its goods are to last."""
    lead = _draw_days("Days until delivery", PLAN.lead_days, "lead", "From your order until the goods are here.")
    cover = _draw_days("Days to cover", PLAN.cover_days, "cover", "How long the goods are to last after that.")
    return Plan(lead, cover)


def draw_shown() -> Shown:
    """Draw the choice between all variants and those to reorder."""
    chosen = st.segmented_control(
        "Variants", list(_SHOWN), default="All", required=True, key="variants", bind="query-params"
    )
    return _SHOWN.get(chosen or "", Shown.ALL)


def title_end(shown: Shown) -> str:
    """What follows the number of variants in the title."""
    return " to reorder" if shown is Shown.TO_ORDER else ""


def draw_notes(summary: StockSummary, location_id: int) -> None:
    """Draw what the figures leave out and suppose."""
    notes = [f"Stock is that of now. Days left are at the rate of the days in stock of the last {RATE_DAYS}."]
    without = summary.stock_units - summary.units_with_cost
    if without and summary.stock_units:
        notes.append(f"Inventory value leaves out {formats.counted(without, 'unit')} without a unit cost in Shopify.")
    if location_id != NO_LOCATION:
        notes.append(
            "A location has the share of the sales that left its shelves, by its stock of each day; before the first "
            "days are kept, as if it served all orders."
        )
    st.caption(" ".join(notes))


def stock_records(rows: Iterable[StockRow]) -> list[Record]:
    """The rows of the list, with the units of each location below those of all."""
    return [
        asdict(row)
        | {
            "days": None if row.days_left is None else int(row.days_left),
            "out": f"{formats.counted(RATE_DAYS - row.days_in_stock, 'day')} out of stock"
            if row.days_in_stock < RATE_DAYS
            else None,
            "by_location": " · ".join(
                f"{location['name'] or 'Location'} {location['units']}" for location in row.locations
            )
            if len(row.locations) > 1
            else None,
        }
        for row in rows
    ]


def stock_columns(filters: Filters, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list; `query` is the address's, for the links."""
    shop = filters.store.shop_domain
    return {
        "title": Column(
            "Product",
            sort=StockKey.TITLE,
            link=lambda row: product_address(shop, row["product_id"], query),
            note="variant",
        ),
        "stock": Column("Stock", Kind.COUNT, "Units that can be sold now.", StockKey.STOCK, note="by_location"),
        "days": Column("Days left", Kind.COUNT, _DAYS, StockKey.DAYS_LEFT),
        "to_order": Column("Order now", Kind.COUNT, _ORDER, StockKey.TO_ORDER),
        "units_lately": Column(
            f"Sold in {RATE_DAYS} days",
            Kind.COUNT,
            "Units of these whole days.",
            StockKey.UNITS_LATELY,
            note="out",
        ),
        "sell_through": metric_column("sell_through", Kind.SHARE, StockKey.SELL_THROUGH),
        "abc": Column("Class", Kind.CODE, CLASS, StockKey.CLASS),
        "sku": Column("SKU", Kind.CODE, sort=StockKey.SKU),
        "value": Column("Value", Kind.MONEY, "Units in stock times their present unit cost.", StockKey.VALUE),
    }


def draw_location_file(locations: Sequence[Location], filters: Filters, question: StockQuestion) -> None:
    """Draw the download of the stock of each location, with the days that it lasts."""
    if locations:
        address = csv_of("stock-by-location", filters, question)
        draw_download("Stock by location", address, "Stock by location")


def csv_of(name: str, filters: Filters, question: StockQuestion, **parameters: str) -> str:
    """The address of the file `name` with the choices of the page."""
    choices = {
        "location": question.location_id,
        "lead": question.plan.lead_days,
        "cover": question.plan.cover_days,
        "shown": question.shown,
        "search": question.search,
    }
    return csv_address(name, filters.store.store_id, filters.period, **choices, **parameters)  # type: ignore[arg-type]


_DAYS = (
    f"Stock by the units sold a day, on the days in stock of the last {RATE_DAYS} whole days. Blank where nothing "
    "sold, or where Shopify does not count the stock."
)
_ORDER = (
    "Units that last until the delivery and for the days to cover after it, less the stock. Blank where the stock "
    "outlasts the delivery. Goods already under way are not known here."
)


def _name(location: Location) -> str:
    return location.name or f"Location {location.location_id}"


def _draw_days(label: str, default: int, key: str, help: str) -> int:
    return int(st.number_input(label, 0, _MOST_DAYS, default, key=key, bind="query-params", help=help, width=180))
