"""Checkout: one checkout with its state, its items, and the link by which its customer continues it."""

from __future__ import annotations

from core.domain.ids import parse_id
from core.metrics.checkouts.report import Aging
from dashboard import reads
from dashboard.parts import checkout as parts
from dashboard.parts.records import begin_record, draw_missing

page = begin_record("checkouts", "Checkouts")
checkout_id = parse_id(page.query.get("checkout", ""))
aging = Aging(page.store.abandoned_delay, page.now.replace(second=0, microsecond=0))
checkout = reads.checkout(*page.cache_key, aging, checkout_id) if checkout_id else None
if checkout is None:
    draw_missing()
parts.draw_head(page, checkout)
parts.draw_amounts(checkout)
parts.draw_recovery(page, checkout)
parts.draw_lines(page, checkout)
