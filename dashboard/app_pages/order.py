"""Order: one order with its items, its refunds, and each change of sales on the day it counts on."""

from __future__ import annotations

from core.domain.ids import parse_id
from dashboard import reads
from dashboard.parts import order_profit, orders
from dashboard.parts.records import begin_record, draw_missing

page = begin_record("orders", "Orders")
order_id = parse_id(page.query.get("order", ""))
order = reads.order(*page.cache_key, order_id) if order_id else None
if order is None:
    draw_missing()
orders.draw_head(page, order)
orders.draw_amounts(page, order)
orders.draw_notes(page, order)
orders.draw_lines(page, order)
orders.draw_sums(page, order)
order_profit.draw_costs(page, order)
orders.draw_refunds(page, order)
orders.draw_returns(page, order)
orders.draw_visits(page, order)
orders.draw_ledger(page, order)
orders.draw_webhooks(page, order)
