"""Checkouts in words. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.drawing import formats

_HOUR = timedelta(hours=1)


def delay_text(delay: timedelta) -> str:
    """45 minutes · 1 hour · 24 hours."""
    if delay < _HOUR:
        return f"{delay // timedelta(minutes=1)} minutes"
    hours = delay // _HOUR
    return "1 hour" if hours == 1 else f"{hours} hours"


def carts_known(oldest: date, kept: timedelta) -> str:
    """Say which carts are counted, and since when."""
    return (
        f"Shopify sends carts of the Online Store only, and names no customer. The oldest cart kept began on "
        f"{formats.day(oldest)}; Xeno deletes carts {kept.days} days after their last change."
    )


NO_CARTS = (
    ":material/shopping_cart: No carts yet. Shopify sends each cart of the Online Store when it is filled, from the "
    "day of the connection on. It sends no earlier carts, and none of other storefronts."
)


def unknown_orders(count: int) -> str:
    """Say how many recovered checkouts have a value that is not known."""
    which = "1 recovered checkout has" if count == 1 else f"{formats.count(count)} recovered checkouts have"
    return f"{which} no order here yet: the recovered value leaves it out."
