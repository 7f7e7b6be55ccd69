"""Webhook: one webhook, when it came, what became of it and why, and a retry if it failed."""

from __future__ import annotations

from core.domain.ids import parse_id
from dashboard import live_reads
from dashboard.parts.deliveries import draw_delivery
from dashboard.parts.records import begin_record, draw_missing

page = begin_record("deliveries", "Webhook log")
delivery_id = parse_id(page.query.get("webhook", ""))
delivery = live_reads.delivery(page.store.key, delivery_id) if delivery_id else None
if delivery is None:
    draw_missing()
draw_delivery(page, delivery)
