"""Segments in words: their names, and what to do about each. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.metrics.customers.segments import GRID, Segment, ShopifyReadings
from dashboard.drawing import formats

NAMES = {segment: segment.value.replace("_", " ").capitalize() for segment in Segment}
ADVICE = {
    Segment.CHAMPIONS: "Bought lately, often and for much. Thank them, and ask for a review.",
    Segment.LOYAL: "Buy often. Show them what is new first.",
    Segment.ACTIVE: "Bought lately, now and then. Suggest what goes with their order.",
    Segment.NEW: "Began lately, with a small order. Help them to a second one.",
    Segment.PROMISING: "Bought not long ago, once or little. Give a reason to return.",
    Segment.NEEDS_ATTENTION: "Neither lately nor long ago, and not much. Remind them.",
    Segment.AT_RISK: "Were good customers, some time ago. Win them back.",
    Segment.PREVIOUSLY_LOYAL: "Bought often or for much, long ago. Ask what changed.",
    Segment.ALMOST_LOST: "Bought little, some time ago. One last offer.",
    Segment.DORMANT: "Bought little, long ago. Do not spend much on them.",
}


def shopify_segment(group: str | None, tier: str | None) -> str:
    """Shopify's own segment of a customer in words, with the spending that it expects; empty without either."""
    named = group.replace("_", " ").capitalize() if group else ""
    return " · ".join(filter(None, (named, f"{tier} spend expected" if tier else "")))


def readings_sentence(readings: ShopifyReadings, now: datetime) -> str:
    """Say how long ago Shopify's own segments were read, in whole days, as of `now`."""
    longest, least = ((now - at) // timedelta(days=1) for at in (readings.first_at, readings.last_at))
    if least <= 0:
        days = longest + 1
        when = f"within the last {formats.counted(days, 'day') if days > 1 else '24 hours'}"
    elif least == longest:
        when = f"{formats.counted(least, 'day')} ago"
    else:
        when = f"between {least} and {longest} days ago"
    return f"Shopify’s segments were read {when}."


def grid_table() -> str:
    """The grid as a Markdown table, the latest customers first."""
    head = "| R ↓ · FM → | 1 | 2 | 3 | 4 | 5 |\n| --- | --- | --- | --- | --- | --- |\n"
    rows = [
        f"| **{number}** | {' | '.join(NAMES[segment] for segment in row)} |" for number, row in enumerate(GRID, 1)
    ]
    return head + "\n".join(rows[::-1])
