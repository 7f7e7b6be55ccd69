"""Finance: the figures for the accountant."""

from __future__ import annotations

import streamlit as st

from dashboard import reads
from dashboard.addresses import page_address
from dashboard.parts import finance, notices
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.page import begin_report
from dashboard.parts.sales_lines import draw_sales_lines

# Each of the first four leads to the orders behind it.
FIGURES = ("total_sales", "net_sales", "taxes", "shipping", "tips", "gift_cards_sold")

viewer, filters = begin_report("Finance")
period, compared = filters.period, filters.compared
report = reads.finance(*filters.cache_key, period, period.grain)
beside = reads.finance(*filters.cache_key, compared, compared.grain) if compared else None
left_out = notices.draw_orders_left_out(filters)
orders = page_address("orders", st.query_params.to_dict())
lists = dict.fromkeys(FIGURES[:4], orders)
draw_figures(FIGURES, report.whole, beside.whole if beside else None, filters, report.points, lists)
if not report.whole.orders and not report.whole.total_sales and not left_out:
    notices.draw_no_orders(filters)

draw_sales_lines(report.whole, comparable(beside.whole, filters) if beside else None, filters)
finance.draw_months(filters)
finance.draw_payments(filters)
finance.draw_gift_cards(filters)
finance.draw_taxes(filters)
