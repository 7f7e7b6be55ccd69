"""Checkouts in words. Pure."""

from __future__ import annotations

from datetime import timedelta

from dashboard.drawing import formats

_HOUR = timedelta(hours=1)


def delay_text(delay: timedelta) -> str:
    """45 minutes · 1 hour · 24 hours."""
    if delay < _HOUR:
        return f"{delay // timedelta(minutes=1)} minutes"
    hours = delay // _HOUR
    return "1 hour" if hours == 1 else f"{hours} hours"


def unknown_orders(count: int) -> str:
    """Say how many recovered checkouts have a value that is not known."""
    which = "1 recovered checkout has" if count == 1 else f"{formats.count(count)} recovered checkouts have"
    return f"{which} no order here yet: the recovered value leaves it out."
