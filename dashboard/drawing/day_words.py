"""Days compared with Shopify in words: the verdict on a period, and the days as rows of tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.domain.finding import Finding
from core.metrics.health import Day, DayState, NamedOrder
from dashboard.drawing import formats
from dashboard.drawing.calendar_chart import LABELS, SIGNS
from dashboard.drawing.records import Record

_FINDINGS = {
    Finding.MISSING: "was missing here and was fetched",
    Finding.CHANGED: "was out of date here and was fetched again",
    Finding.MOVED: "is on another day now",
    Finding.NOT_AT_SHOPIFY: "was deleted in Shopify and was removed here",
    Finding.REWRITTEN: "had wrong amounts here and was fetched again",
    Finding.UNREADABLE: "is in Shopify, but cannot be read",
    Finding.DELETED: "is in Shopify’s list, but Shopify reported its deletion",
    Finding.TAKEN_FOR_DELETED: "is in Shopify’s list, but counts as deleted, as Shopify returned nothing for it",
    Finding.NOT_FETCHED: "is in Shopify’s list, but could not be fetched",
    Finding.NOT_LISTED: "is here, but not in Shopify’s list",
    Finding.REFUSED: "is in Shopify, but not here",
}
_STORED = frozenset({Finding.MISSING, Finding.CHANGED, Finding.MOVED, Finding.REWRITTEN, Finding.NOT_LISTED})
"""Findings about an order that is stored here, so it has a page."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence on the days of a period; `is_good` unless a day needs attention."""

    sentence: str
    is_good: bool


def verdict(days: Sequence[Day], past_days: int) -> Verdict:
    """Judge the compared days of a period that has this many days up to today.

    Every day of this period equals Shopify's count; totals compared for 25 of 31 days.
    """
    states = Counter(day.state for day in days)
    differing, uncompared = states[DayState.DIFFERS], states[DayState.UNCOMPARED]
    unchecked = past_days - len(days)
    verb = "is" if unchecked == 1 else "are"
    rest = f" {formats.counted(unchecked, 'day')} of this period {verb} not checked yet." if unchecked > 0 else ""
    if differing or uncompared:
        equal = f"the other {formats.count(len(days) - differing - uncompared)} are equal"
        return Verdict(f"{_problems(differing, uncompared)}; {equal}.{rest}", False)
    totals = sum(day.their_total is not None for day in days)
    which = "Every checked day" if rest else "Every day of this period"
    amounts = (
        f"; totals compared for {formats.count(totals)} of {formats.counted(len(days), 'day')}" if totals else ""
    )
    repaired = states[DayState.REPAIRED]
    repairs = f" {formats.counted(repaired, 'day')} had faults here that were repaired." if repaired else ""
    return Verdict(f"{which} equals Shopify’s count{amounts}.{repairs}{rest}", True)


def day_records(days: Sequence[Day]) -> list[Record]:
    """The days, the latest first: `name` and `label` are the day and its state in words."""
    return [_record(day) for day in reversed(days)]


def finding_records(days: Sequence[Day]) -> list[Record]:
    """A row for each order that made a day differ, the latest day first; a day without one has one row.

    `order` is the order's name, `finding` what was found, and `order_id` is None for an order without a page.
    """
    return [
        _record(day) | finding
        for day in reversed(days)
        if day.state != DayState.EQUAL
        for finding in ([_found(order) for order in day.orders] or [_found_none(day)])
    ]


def fault(reason: str) -> str:
    """What is wrong with a record, without its source: "the API's order: name is missing" → "name is missing"."""
    return reason.partition(": ")[2] or reason


def _problems(differing: int, uncompared: int) -> str:
    """3 days differ from Shopify and 1 day could not be compared."""
    parts = []
    if differing:
        parts.append(f"{formats.counted(differing, 'day')} {'differs' if differing == 1 else 'differ'} from Shopify")
    if uncompared:
        parts.append(f"{formats.counted(uncompared, 'day')} could not be compared")
    return formats.listed(parts)


def _record(day: Day) -> dict[str, Any]:
    return asdict(day) | {"name": formats.weekday(day.day), "label": f"{SIGNS[day.state]} {LABELS[day.state]}"}


def _found(order: NamedOrder) -> Record:
    reason = f" ({fault(order.reason)})" if order.reason else ""
    is_stored = order.what in _STORED
    return {
        "order": order.name,
        "order_id": order.order_id if is_stored else None,
        "finding": _FINDINGS[order.what] + reason,
    }


def _found_none(day: Day) -> Record:
    only_total = "Only the total differs" if day.state == DayState.DIFFERS and day.ours == day.theirs else ""
    return {"order": "", "order_id": None, "finding": day.reason or only_total}
