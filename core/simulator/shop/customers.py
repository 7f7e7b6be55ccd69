"""The customers: made-up names at example.com and example.org, in the countries that the shop sells to."""

from __future__ import annotations

import random
import unicodedata
from datetime import datetime

from core.simulator.shop.countries import Country, foreign_markets
from core.simulator.shop.model import Address, Customer
from core.simulator.shop.shop import Shop

MAX_LOYALTY = 14.0

RFM_GROUPS = frozenset(
    (
        *("PROSPECTS", "NEW", "PROMISING", "ACTIVE", "LOYAL", "CHAMPIONS"),
        *("NEEDS_ATTENTION", "AT_RISK", "PREVIOUSLY_LOYAL", "ALMOST_LOST", "DORMANT"),
    )
)
SPEND_TIERS = frozenset(("HIGH", "MEDIUM", "LOW"))

_AT_HOME = 0.74


def add_customer(shop: Shop, rng: random.Random, at: datetime) -> Customer:
    """Add a customer who opens an account at `at`."""
    country = _country(shop, rng)
    first, last = rng.choice(country.first_names), rng.choice(country.last_names)
    customer = Customer(
        customer_id=shop.ids.next("customer"),
        first_name=first,
        last_name=last,
        email=_email(rng, first, last),
        locale=country.locale,
        address=_address(shop, rng, country),
        created_at=at,
        updated_at=at,
        # A long tail: most people buy once or twice, a few very often.
        loyalty=min(rng.paretovariate(1.1), MAX_LOYALTY),
        subscribed=rng.random() < 0.45,
        tags=tuple(tag for tag, chance in (("newsletter", 0.3), ("wholesale", 0.02)) if rng.random() < chance),
    )
    shop.customers[customer.customer_id] = customer
    return customer


def make_guest(shop: Shop, rng: random.Random) -> tuple[Address, str | None]:
    """Make a buyer without an account. Four in five leave an email, in the spelling of a hurried person."""
    country = _country(shop, rng)
    email = _email(rng, rng.choice(country.first_names), rng.choice(country.last_names))
    spelled = email.upper() if rng.random() < 0.1 else email
    return _address(shop, rng, country), spelled if rng.random() < 0.8 else None


def rfm_group(customer: Customer) -> str:
    """Return Shopify's own segment of a customer. How Shopify computes it is unknown; this shop goes by orders."""
    if customer.regrouped:
        return customer.regrouped[0]
    groups = ("PROSPECTS", "NEW", "PROMISING", "ACTIVE", "LOYAL")
    return groups[customer.orders_count] if customer.orders_count < len(groups) else "CHAMPIONS"


def spend_tier(customer: Customer) -> str | None:
    """Return what Shopify expects a customer to spend; None before the first order."""
    if customer.regrouped:
        return customer.regrouped[1]
    if not customer.orders_count:
        return None
    return "HIGH" if customer.orders_count > 4 else "MEDIUM" if customer.orders_count > 1 else "LOW"


def _country(shop: Shop, rng: random.Random) -> Country:
    if rng.random() < _AT_HOME:
        return shop.home
    abroad = foreign_markets(shop.home)
    return rng.choices(abroad, weights=range(len(abroad), 0, -1))[0]


def _address(shop: Shop, rng: random.Random, country: Country) -> Address:
    city = rng.choice(country.cities)
    return Address(
        address_id=shop.ids.next("address"),
        street=f"{rng.choice(country.streets)} {rng.randrange(1, 180)}",
        city=city.name,
        zip=city.zip,
        country=country.name,
        country_code=country.code,
        province=city.province,
        province_code=city.province_code,
    )


def _email(rng: random.Random, first: str, last: str) -> str:
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().replace("ß", "ss"))
    letters = "".join(char for char in plain if char.isascii())
    return f"{letters}.{rng.randrange(10, 100_000)}@example.{rng.choice(('com', 'org'))}"
