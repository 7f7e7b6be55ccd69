"""The rare kinds of orders: tips, imports, other currencies, midnight, cash, a surcharge that the API does not name.

Each is drawn from a random stream of its own, so that it changes nothing else of a shop. None changes an order whose
arguments are given in full.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.simulator.life.checkout import Purchase
from core.simulator.shop.catalogue import local_price
from core.simulator.shop.model import Tender
from core.simulator.shop.shop import Shop

_ABROAD = {
    "US": ("USD", "1.08"),
    "GB": ("GBP", "0.86"),
    "CH": ("CHF", "0.94"),
    "CA": ("CAD", "1.47"),
    "JP": ("JPY", "162.4"),
    "DE": ("EUR", "0.93"),
    "FR": ("EUR", "0.93"),
    "AT": ("EUR", "0.93"),
    "NL": ("EUR", "0.93"),
}
"""The currency that customers of a country pay in, and a made-up rate: the amount of it for one of the shop's."""
_FORMER_CURRENCY_PART = 36
"""A shop sold in another currency in the first such part of its history."""


def with_rare_features(shop: Shop, purchase: Purchase, *, is_live: bool) -> Purchase:
    """Return the purchase with random rare features. A live purchase cannot wait until midnight."""
    # The word in the seed is part of every shop that was made: another one would change them all.
    rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/turns/{shop.next_number}")
    for name, (share, add_feature) in _FEATURES.items():
        if rng.random() < share and name in shop.spec.rare_orders and not (is_live and name == "midnight"):
            purchase = add_feature(shop, rng, purchase)
    return purchase


def _with_tip(shop: Shop, rng: random.Random, purchase: Purchase) -> Purchase:
    return replace(purchase, tip=local_price(Decimal(rng.randrange(1, 9)), shop.currency))


def _imported(_shop: Shop, rng: random.Random, purchase: Purchase) -> Purchase:
    """Imported from another system long after the sale."""
    if purchase.created_at:
        return purchase
    sold_at = purchase.at - timedelta(days=rng.randrange(40, 400), seconds=rng.randrange(86_400))
    return replace(purchase, at=sold_at, created_at=purchase.at, is_paid=True)


def _at_midnight(shop: Shop, _rng: random.Random, purchase: Purchase) -> Purchase:
    """Return a purchase paid in the last second of a day, and created at Shopify in the next."""
    if purchase.created_at:
        return purchase
    midnight = shop.spec.midnight(shop.local(purchase.at).date() + timedelta(days=1))
    return replace(purchase, at=midnight - timedelta(seconds=1), created_at=midnight)


def _in_foreign_currency(shop: Shop, _rng: random.Random, purchase: Purchase) -> Purchase:
    """Paid in the currency of the customer's country."""
    presented, rate = _ABROAD.get(purchase.address.country_code if purchase.address else "", (shop.currency, "1"))
    return replace(purchase, tender=Tender(shop.currency, presented, Decimal(rate)))


def _in_former_currency(shop: Shop, _rng: random.Random, purchase: Purchase) -> Purchase:
    days = shop.spec.days - shop.spec.days // _FORMER_CURRENCY_PART
    if purchase.at >= shop.spec.midnight(shop.spec.until - timedelta(days=days - 1)):
        return purchase
    former = {"JPY": "KRW", "KWD": "BHD", "USD": "EUR"}.get(shop.currency, "USD")  # of as many decimals
    return replace(purchase, tender=Tender(former, former))


def _in_cash(_shop: Shop, _rng: random.Random, purchase: Purchase) -> Purchase:
    return replace(purchase, is_cash=purchase.source_name == "pos")


def _with_surcharge(shop: Shop, _rng: random.Random, purchase: Purchase) -> Purchase:
    return replace(
        purchase, surcharge=(local_price(Decimal(3), shop.currency), local_price(Decimal("0.57"), shop.currency))
    )


_FEATURES: dict[str, tuple[float, Callable[[Shop, random.Random, Purchase], Purchase]]] = {
    "tip": (0.03, _with_tip),
    "import": (0.01, _imported),
    "midnight": (0.01, _at_midnight),
    "abroad": (0.5, _in_foreign_currency),
    "former currency": (1.0, _in_former_currency),
    "cash": (0.3, _in_cash),
    "surcharge": (0.01, _with_surcharge),
}
