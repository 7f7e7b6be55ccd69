"""How orders came about: the visits before them, their tags, their till, and the fees of their payments.

Drawn from random streams of their own, so that they change nothing else of a shop.
"""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from core.simulator.shop.amounts import rounded
from core.simulator.shop.inventory import locations
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop
from core.simulator.shop.visits import Visit

_TAGS = (("gift", 0.08), ("wholesale", 0.03), ("newsletter", 0.12))
_WAYS: tuple[tuple[str, str | None, str | None, str | None, str | None], ...] = (
    ("direct", None, None, None, None),
    ("Google", "SEO", "https://www.google.com/", None, None),
    ("Google", "AD", "https://www.google.com/", "cpc", "brand"),
    ("Facebook", "AD", "https://m.facebook.com/", "paid_social", "autumn-sale"),
    ("Instagram", "POST", "https://l.instagram.com/", None, None),
    ("email", "NEWSLETTER", None, "email", "newsletter-11"),
    ("unknown", None, None, None, None),
)
"""Source, kind of marketing, linking page, and the labels of the campaign."""
_OFTEN = (30, 26, 12, 10, 8, 9, 5)
_WITHOUT_VISITS, _ONE_VISIT, _WITH_FEES = 0.06, 0.6, 0.7


def add_origin(shop: Shop, order: Order) -> None:
    """Give a new order its tags and, by its channel, its visits or its till."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/origin/{order.number}")
    order.tags = tuple(tag for tag, chance in _TAGS if rng.random() < chance)
    if order.source_name == "pos":
        order.location_id = locations(shop)[1].location_id
    elif order.source_name == "web" and rng.random() >= _WITHOUT_VISITS:
        last = _visit(order, rng, 2, timedelta(minutes=rng.randrange(2, 90)))
        is_only = rng.random() < _ONE_VISIT
        order.visits = last if is_only else _visit(order, rng, 1, timedelta(days=rng.randrange(1, 28))), last


def payment_fee(shop: Shop, order: Order, amount: Decimal) -> Decimal | None:
    """Return what the payment provider keeps of a payment; None for tills and other providers, which report none."""
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/fees/{order.number}")
    if order.source_name != "web" or rng.random() >= _WITH_FEES:
        return None
    return rounded(amount * Decimal("0.019") + Decimal("0.25"), order.tender.currency)


def _visit(order: Order, rng: random.Random, place: int, before: timedelta) -> Visit:
    source, kind, referrer, medium, campaign = rng.choices(_WAYS, _OFTEN)[0]
    at = order.processed_at - before
    return Visit(4 * order.order_id + place, at, source, kind, referrer, medium, campaign)
