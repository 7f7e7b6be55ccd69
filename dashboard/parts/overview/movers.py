"""What moved most: the products whose net sales rose and fell most since the compared period."""

from __future__ import annotations

import streamlit as st

from core.metrics.products.movers import Mover
from dashboard import reads
from dashboard.addresses import csv_address, page_address, product_address
from dashboard.drawing import formats, split_words
from dashboard.drawing.bar_list import Bar
from dashboard.filters import Filters
from dashboard.parts.card_grid import Card
from dashboard.parts.cards import bars_card
from dashboard.parts.over_time import compared_parameters

_EACH_WAY = 4


def movers_card(filters: Filters) -> Card | None:
    """The card of the products, the largest rise first and the largest fall last; None if none moved."""
    if filters.compared is None:
        return None
    rows = reads.movers(*filters.cache_key, filters.period, filters.compared, _EACH_WAY)
    if not rows:
        return None
    return bars_card(
        "What moved most",
        [_bar(row, filters) for row in rows],
        csv=csv_address("product-changes", filters.store.store_id, filters.period, **compared_parameters(filters)),
        all_=page_address("changes", st.query_params.to_dict()),
        all_label="What changed",
        unit=f"change of net sales by product, in {filters.currency}",
    )


def _bar(row: Mover, filters: Filters) -> Bar:
    currency = filters.currency
    return Bar(
        row.title,
        row.change,
        split_words.signed_money(row.change, currency),
        product_address(filters.store.shop_domain, row.product_id, st.query_params.to_dict()),
        f"{formats.short_money(row.earlier_net_sales, currency)} → {formats.short_money(row.net_sales, currency)}",
        "good" if row.change > 0 else "bad",
    )
