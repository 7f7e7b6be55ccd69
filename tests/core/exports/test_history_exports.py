"""The files of exchange rates, costs and privacy requests: what counts, what counted, and who entered it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core import costs, exchange
from core.accounts import Action
from core.costs import CostBasis, CostEntry, CostKind
from core.database import tenant_session
from core.database.models import PrivacyRequest
from core.exports import action_of
from tests.cast import NOW, Cast
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import Shop, shop_of

LATER = NOW + timedelta(hours=1)
TODAY = "2026-11-20"


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def test_rates_that_count_come_before_those_that_counted(cast: Cast, acme: Shop) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.92"), NOW)
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.935"), LATER)
    now, before = download(acme, "exchange-rates", acme.days(TODAY))
    assert now == {
        "currency": "USD",
        "into": "EUR",
        "rate": "0.935",
        "entered_at": "2026-11-20 14:00:00",
        "entered_by": "Alice Archer",
        "replaced_at": "",
        "replaced_by": "",
        "time_zone": "Europe/Berlin",
    }
    assert (before["rate"], before["replaced_at"], before["replaced_by"]) == (
        "0.92",
        "2026-11-20 14:00:00",
        "Alice Archer",
    )


def test_costs_have_their_days_and_their_history(cast: Cast, acme: Shop) -> None:
    fees = CostEntry(CostKind.PAYMENT_FEES, Decimal("0.25"), CostBasis.ORDER, Decimal("1.4"))
    rent = CostEntry(CostKind.OTHER, Decimal(900), CostBasis.MONTH, name="=rent", valid_from=date(2026, 11, 1))
    costs.add_cost(cast.alice.actor, cast.acme.store_id, fees, NOW)
    costs.add_cost(cast.alice.actor, cast.acme.store_id, rent, NOW)
    cost_id = next(view.cost_id for view in costs.costs(cast.acme.key) if view.entry.kind is CostKind.OTHER)
    costs.remove_cost(cast.alice.actor, cast.acme.store_id, cost_id, LATER)
    counted, removed = download(acme, "costs", acme.days(TODAY))
    assert [counted[name] for name in ("kind", "amount", "percent", "basis", "currency", "valid_from")] == [
        "payment_fees",
        "0.25",
        "1.4",
        "order",
        "EUR",
        "",
    ]
    assert (removed["name"], removed["valid_from"], removed["valid_to"]) == ("'=rent", "2026-11-01", "")
    assert (removed["amount"], removed["replaced_at"]) == ("900.00", "2026-11-20 14:00:00")


def test_privacy_requests_have_their_outcome_and_are_for_owners(cast: Cast, acme: Shop) -> None:
    request = {"topic": "customers/redact", "webhook_id": "1", "received_at": NOW, "outcome": "Redacted: 2 orders."}
    with tenant_session(cast.acme.tenant_id) as session:
        key = cast.acme.key.parameters
        session.add(PrivacyRequest(**key, **request, customer_id=81, shop_domain="acme.myshopify.com"))
    assert download(acme, "privacy-requests", acme.days(TODAY)) == [
        {
            "received_at": "2026-11-20 13:00:00",
            "topic": "customers/redact",
            "customer_id": "gid://shopify/Customer/81",
            "outcome": "Redacted: 2 orders.",
            "done_at": "",
            "shop_domain": "acme.myshopify.com",
            "time_zone": "Europe/Berlin",
        }
    ]
    assert action_of("privacy-requests") is Action.MANAGE
