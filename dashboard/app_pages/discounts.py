"""Discounts: what each code and automatic discount gave away, and whom it brought."""

from __future__ import annotations

from dashboard import reads
from dashboard.parts import discounts as parts
from dashboard.parts import notices
from dashboard.parts.figures import draw_figures
from dashboard.parts.page import begin_report

viewer, filters = begin_report("Discounts")
period, compared = filters.period, filters.compared
notices.draw_orders_left_out(filters)
totals = reads.discount_summary(*filters.cache_key, period)
before = reads.discount_summary(*filters.cache_key, compared) if compared else None
draw_figures(parts.FIGURES, totals, before, filters)
if totals.all_orders:
    parts.draw_over_time(filters)
parts.draw_discounts(filters)
parts.draw_tax_note(totals.contains_tax)
