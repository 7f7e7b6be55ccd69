"""The shops of `make run`: two merchants who differ in currency, tax, time zone, assortment, size and age."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.config import DEMO_TOKENS
from core.simulator.http.live_shop import Setup
from core.simulator.shop.shop import ShopSpec


def demo_shops(now: datetime) -> list[Setup]:
    """Make the setups of the demo's shops. Each history ends with yesterday by the shop's own clock.

    Each shop has its own token. They share the client id and secret: both installed the same app, the operator's.
    """
    home_goods, coffee = DEMO_TOKENS
    specs = (
        ShopSpec(
            domain=home_goods,
            name="Fieldstone Goods",
            assortment="home goods",
            time_zone="Europe/Berlin",
            currency="EUR",
            taxes_included=True,
            seed=1,
            customers=900,
            orders=3000,
        ),
        ShopSpec(
            domain=coffee,
            name="Tidewater Coffee",
            assortment="coffee",
            time_zone="America/Los_Angeles",
            currency="USD",
            taxes_included=False,
            seed=2,
            customers=350,
            orders=1200,
            days=500,
        ),
    )
    return [Setup(_until_yesterday(spec, now), token=DEMO_TOKENS[spec.domain]) for spec in specs]


def _until_yesterday(spec: ShopSpec, now: datetime) -> ShopSpec:
    return replace(spec, until=now.astimezone(spec.zone).date() - timedelta(days=1))
