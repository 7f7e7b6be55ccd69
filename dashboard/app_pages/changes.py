"""What changed: why net sales differ from those of the compared period, term by term, to the cent."""

from __future__ import annotations

import streamlit as st

from core.accounts import previous_visit
from core.metrics.bridges.split_rows import Split
from dashboard import reads
from dashboard.drawing import sentences
from dashboard.drawing.words import plain
from dashboard.parts import changes, late_changes, notices
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.page import begin_report

FIGURES = ("net_sales", "orders", "average_order_value", "returns")

viewer, filters = begin_report("What changed")
period, compared = filters.period, filters.compared
if late_changes.is_chosen():
    late_changes.draw_page(filters, previous_visit(viewer.actor, filters.store.store_id))
    st.stop()
if compared is None:
    changes.draw_no_comparison()
    st.stop()
notices.draw_orders_left_out(filters)
totals = reads.period_sums(*filters.cache_key, period)
before = reads.period_sums(*filters.cache_key, compared)
if comparable(before, filters) is None:
    changes.draw_nothing_before(filters)
    st.stop()

st.markdown(f"**{plain(sentences.net_sales_change(totals, before, filters.currency))}**")
chosen = changes.chosen_split()
if chosen:
    changes.draw_orders(chosen, filters, compared)
    st.stop()

draw_figures(FIGURES, totals, before, filters)
left, right = st.columns(2)
with left:
    changes.draw_causes(totals, before, filters)
with right:
    changes.draw_split(Split.STEP, filters, compared)
for pair in (
    (Split.CUSTOMER, Split.CHANNEL),
    (Split.PRODUCT, Split.COUNTRY),
    (Split.SOURCE, Split.CAMPAIGN),
):
    for column, split in zip(st.columns(2), pair, strict=True):
        with column:
            changes.draw_split(split, filters, compared)
changes.draw_split(Split.CODE, filters, compared)
late_changes.draw_link(filters)
