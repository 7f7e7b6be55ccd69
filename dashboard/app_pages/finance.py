"""Finance: the figures for the accountant."""

from __future__ import annotations

from dashboard import reads
from dashboard.parts import finance, notices
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.page import begin_report
from dashboard.parts.sales_lines import draw_sales_lines

FIGURES = ("total_sales", "net_sales", "taxes", "shipping", "tips", "gift_cards_sold")

viewer, filters = begin_report("Finance")
period, compared = filters.period, filters.compared
report = reads.finance(*filters.cache_key, period, period.grain)
beside = reads.finance(*filters.cache_key, compared, compared.grain) if compared else None
left_out = notices.draw_orders_left_out(filters)
draw_figures(FIGURES, report.whole, beside.whole if beside else None, filters, report.points)
if not report.whole.orders and not report.whole.total_sales and not left_out:
    notices.draw_no_orders(filters)

draw_sales_lines(report.whole, comparable(beside.whole, filters) if beside else None, filters)
finance.draw_months(filters)
finance.draw_taxes(filters)
