"""Webhooks that were not applied, or not in full, on the Data health page: how many, for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.domain import Refusal
from core.metrics.deliveries import RefusalCount
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_records

_REASONS = {
    Refusal.STALE: ("Nothing new", "Xeno already had this version, or a newer one."),
    Refusal.DELETED_BEFORE: ("Deleted before", "Shopify had deleted the order, customer, product or checkout."),
    Refusal.REDACTED: ("Customer forgotten", "Amounts were applied. Names and addresses were left out."),
    Refusal.UNMAPPED_TOPIC: ("Unused topic", "Xeno does not use this topic yet. The webhook is stored."),
    Refusal.NO_KEY: ("No number", "It does not say which record it is about. A sync reads that."),
    Refusal.UNREADABLE: ("Unreadable", "A field is missing or wrong: see the Webhook log. It is retried."),
    Refusal.OTHER_CURRENCY: ("Other currency", "Applied, but in no figure: the order is in another currency."),
    Refusal.DENIED: ("Not confirmed", "Shopify, when asked, did not confirm it, so nothing was changed."),
    Refusal.GAVE_UP: ("Not written", "The database refused it: see the Webhook log. It is retried."),
}


def draw_refusals(counts: Sequence[RefusalCount], filters: Filters) -> None:
    """Draw the number of webhooks of the period for each reason, the most frequent first."""
    draw_records(
        "Webhooks not applied",
        _records(counts),
        {
            "reason": Column("Reason"),
            "webhooks": Column("Webhooks", Kind.COUNT),
            "last": Column("Last on"),
            "meaning": Column("Meaning"),
        },
        filters.store,
        csv=csv_address("webhooks-not-applied", filters.store.store_id, filters.period),
        empty="Every webhook of this period was applied in full.",
    )


def _records(counts: Sequence[RefusalCount]) -> list[Record]:
    totals: Counter[Refusal] = Counter()
    for count in counts:
        totals[count.refusal] += count.deliveries
    last_days = {count.refusal: count.day for count in counts}
    return [
        {
            "reason": _REASONS[refusal][0],
            "webhooks": webhooks,
            "last": formats.day(last_days[refusal]),
            "meaning": _REASONS[refusal][1],
        }
        for refusal, webhooks in totals.most_common()
    ]
