"""Profit: what is left of sales after costs, and how much of it is known; and the costs themselves."""

from __future__ import annotations

import streamlit as st

from dashboard import reads
from dashboard.parts import notices, profit
from dashboard.parts.costs import entered, unit_costs
from dashboard.parts.figures import comparable
from dashboard.parts.page import begin_report

FIGURES, COSTS, UNIT_COSTS = "Profit", "Costs", "Unit costs"
BY_PRODUCT, BY_ORDER = "By product", "By order"

viewer, filters = begin_report("Profit")
# The open section is in the address, so that it can be linked, and survives a reload.
section = st.segmented_control(
    "Section",
    [FIGURES, COSTS, UNIT_COSTS],
    default=FIGURES,
    required=True,
    key="section",
    bind="query-params",
    label_visibility="collapsed",
)
if section == COSTS:
    entered.draw_costs(viewer, filters)
    st.stop()
if section == UNIT_COSTS:
    unit_costs.draw_unit_costs(viewer, filters)
    st.stop()

period, compared = filters.period, filters.compared
report = reads.profit(*filters.cache_key, period, period.grain)
beside = reads.profit_beside(*filters.cache_key, compared, period, period.grain) if compared else None
earlier = comparable(beside.whole, filters) if beside else None
left_out = notices.draw_orders_left_out(filters)
sales = reads.report(*filters.cache_key, period, period.grain).whole
sales_before = None
if compared and report.whole.advertising:  # for the advertising per new customer alone
    sales_before = reads.report_beside(*filters.cache_key, compared, period, period.grain).whole
orders = sales.orders

profit.draw_profit_figures(report, earlier, sales, sales_before, filters)
if not report.whole.lines and not orders and not left_out:
    notices.draw_no_orders(filters)
profit.draw_unknown_costs(report.whole, filters)
profit.draw_profit_over_time(filters)
profit.draw_profit_steps(report.whole, earlier, filters)

rows = st.segmented_control(
    "Rows", [BY_PRODUCT, BY_ORDER], default=BY_PRODUCT, key="rows", bind="query-params", label_visibility="collapsed"
)
if rows == BY_ORDER:
    profit.draw_orders(filters, orders, st.query_params.to_dict())
else:
    profit.draw_products(filters, st.query_params.to_dict())
