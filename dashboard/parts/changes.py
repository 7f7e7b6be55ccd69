"""Parts of the What changed page: the splits as bars, and the orders behind a term."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from core.domain.periods import Period
from core.metrics.bridges.bridge import Sums, bridge
from core.metrics.bridges.split_orders import LARGEST_FIRST, SplitOrderKey
from core.metrics.bridges.split_rows import Split
from core.metrics.bridges.splits import Terms
from core.metrics.searching import MOST_COUNTED
from dashboard import reads
from dashboard.addresses import csv_address, order_address, page_address
from dashboard.drawing import formats, split_words
from dashboard.drawing.records import Record
from dashboard.drawing.split_words import TITLES, Address, term_name
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.cards import draw_bars
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import ROWS, draw_list, list_page

PATH = "changes"
BY, TERM = "by", "term"
_MOST = 8
"""Terms of a split on the page; its file has all."""
_AMOUNTS = {
    "earlier": Column("Before", Kind.MONEY),
    "current": Column("Now", Kind.MONEY),
    "change": Column("Change", Kind.MONEY),
}


def chosen_split() -> Split | None:
    """The split of the term in the address; None where it names none."""
    name = st.query_params.get(BY, "")
    return Split(name) if name in list(Split) else None


def draw_no_comparison() -> None:
    """Draw the way to a comparison."""
    with st.container(border=True):
        st.subheader(":material/difference: Choose what to compare with", anchor=False)
        st.markdown("This page explains a change. Choose a comparison above, such as the previous period.")


def draw_nothing_before(filters: Filters) -> None:
    """Draw why there is nothing to compare with, and the cure."""
    with st.container(border=True):
        if reads.first_day(*filters.cache_key) is None:
            st.subheader(":material/event_busy: No orders yet", anchor=False)
            st.markdown("The changes appear here after your first orders. The Stores page shows how far the sync is.")
        else:
            st.subheader(":material/event_busy: Nothing to compare with", anchor=False)
            st.markdown("Your first order is later than the compared days. Choose a later period above.")


def draw_causes(now: Sums, before: Sums, filters: Filters) -> None:
    """Draw the bridge by orders and basket in its card."""
    bars = split_words.cause_bars(bridge(now, before, filters.currency), _address(Split.CAUSE), filters.currency)
    rows = [{"name": bar.name, "change": bar.amount} for bar in bars]
    _draw_card(Split.CAUSE, bars, rows, filters)


def draw_split(split: Split, filters: Filters, compared: Period) -> None:
    """Draw a split in its card."""
    terms = reads.split_change(*filters.cache_key, filters.period, compared, split, _MOST)
    bars = split_words.term_bars(split, terms.shown, terms.others, _address(split), filters.currency)
    _draw_card(split, bars, _records(split, terms), filters)


def draw_orders(split: Split, filters: Filters, compared: Period) -> None:
    """Draw the orders behind the term in the address, with the way back to all splits."""
    key = _key()
    links.draw_page_link(page_address(PATH, st.query_params.to_dict()), "All that changed", ":material/arrow_back:")
    arguments = (*filters.cache_key, filters.period, compared, split, key)
    count = reads.count_split_orders(*arguments)
    query_of_list = (filters.store.store_id, filters.period, compared, split, key)
    page = list_page(LARGEST_FIRST, count, *query_of_list, most=MOST_COUNTED)
    rows = reads.split_orders(*arguments, ROWS, page.offset, page.sort)
    shop, query = filters.store.shop_domain, st.query_params.to_dict()
    name = term_name(split, key, _title(split, key, filters))
    st.subheader(f"{plain(TITLES[split])}: {plain(name)}", anchor=False)
    draw_list(
        page.title("order"),
        [asdict(row) for row in rows],
        {
            "name": Column(
                "Order", sort=SplitOrderKey.NAME, link=lambda row: order_address(shop, row["order_id"], query)
            ),
            "placed_at": Column("Placed", Kind.DAY, sort=SplitOrderKey.PLACED),
            "earlier": Column("Before", Kind.MONEY, _BEFORE, sort=SplitOrderKey.EARLIER),
            "current": Column("Now", Kind.MONEY, _NOW, sort=SplitOrderKey.CURRENT),
            "change": Column("Change", Kind.MONEY, "Now less before.", sort=SplitOrderKey.CHANGE),
        },
        page,
        filters,
        csv=_csv(f"orders-of-change-by-{split}", filters, term=key or "", sort=page.sort_parameter),
        empty="No order is behind this term. Go back and choose another one.",
    )


_BEFORE = "The order’s part of this term in the compared period."
_NOW = "The order’s part of this term in the period."


def _draw_card(split: Split, bars: list[split_words.Bar], rows: list[Record], filters: Filters) -> None:
    names = {"name": Column("Term")}
    amounts = {name: column for name, column in _AMOUNTS.items() if rows and name in rows[0]}
    draw_bars(
        TITLES[split],
        bars,
        _csv(f"changes-by-{split}", filters),
        unit=f"change of net sales in {filters.currency}",
        rows=ChartRows(TITLES[split], names | amounts, rows, filters.store.time_zone, filters.currency),
        empty="Nothing was sold in either period.",
    )


def _records(split: Split, terms: Terms) -> list[Record]:
    return [
        asdict(term) | {"name": term_name(split, term.key, term.title), "change": term.change} for term in terms.shown
    ] + [
        asdict(term) | {"name": f"{formats.count(term.parts)} others", "change": term.change}
        for term in filter(None, [terms.others])
    ]


def _address(split: Split) -> Address:
    query = st.query_params.to_dict()

    def address(key: str | None) -> str:
        return page_address(PATH, query, **{BY: str(split)}, **({} if key is None else {TERM: key}))

    return address


def _key() -> str | None:
    """The term in the address; none for rows without a value. PostgreSQL holds no NUL."""
    return st.query_params.get(TERM, "").replace("\0", "") or None


def _title(split: Split, key: str | None, filters: Filters) -> str | None:
    """The title of the product that is the term."""
    if split is not Split.PRODUCT or not key or not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    product = reads.product(*filters.cache_key, int(key), filters.period)
    return product.title if product else None


def _csv(name: str, filters: Filters, **parameters: str) -> str:
    filter_parameters = {"compare": filters.comparison, **filters.currency_filter, **parameters}
    return csv_address(name, filters.store.store_id, filters.period, **filter_parameters)
