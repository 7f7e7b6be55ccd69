"""Rates are set by owners alone, for their own business, and every change stays on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core import exchange, stores
from core.database import tenant_session
from core.database.models import ExchangeRate
from core.errors import InvalidFile, InvalidInput, NotAllowed
from core.stores import StoreView
from tests.cast import NOW, Cast, Person

DAY = date(2026, 11, 20)


def set_rate(member: Person, rate: str = "0.92", currency: str = "USD") -> None:
    exchange.set_fixed_rate(member.actor, currency, "EUR", Decimal(rate), NOW)


def tables(tenant_id: int) -> exchange.RateTable:
    return exchange.rate_tables(tenant_id, "EUR", ["USD"], DAY, DAY + timedelta(days=30))["USD"]


def of_dollars(cast: Cast) -> list[StoreView]:
    store = stores.find(cast.acme.key)
    return [store, replace(store, currency="USD")]


def test_a_changed_rate_counts_and_the_former_one_is_on_record(cast: Cast) -> None:
    tenant_id = cast.acme.tenant_id
    for rate in ("0.92", "0.92", "0.95"):
        set_rate(cast.alice, rate)
    assert tables(tenant_id).fixed == Decimal("0.95")
    (now,) = exchange.fixed_rates(tenant_id, "EUR").values()
    assert (now.rate, now.entered_by) == (Decimal("0.95"), "Alice Archer")
    exchange.remove_fixed_rate(cast.alice.actor, "USD", "EUR", NOW)
    exchange.remove_fixed_rate(cast.alice.actor, "USD", "EUR", NOW)
    assert tables(tenant_id).fixed is None
    changes = exchange.list_rate_changes(tenant_id)
    assert [(change.rate, change.replaced_by) for change in changes] == [
        (Decimal("0.95"), "Alice Archer"),
        (Decimal("0.92"), "Alice Archer"),
    ]


def test_a_file_that_is_uploaded_again_changes_what_differs(cast: Cast) -> None:
    content = "date,currency,rate\n2026-11-19,USD,0.9\n2026-11-20,USD,{}\n"
    actor, listed = cast.alice.actor, of_dollars(cast)
    assert exchange.save_file(actor, content.format("0.91").encode(), "EUR", listed, NOW) == 2
    assert exchange.save_file(actor, content.format("0.91").encode(), "EUR", listed, NOW) == 0
    assert exchange.save_file(actor, content.format("0.93").encode(), "EUR", listed, NOW) == 1
    assert tables(actor.tenant_id).days == ((date(2026, 11, 19), Decimal("0.9")), (DAY, Decimal("0.93")))
    uploaded = exchange.uploaded_rates(actor.tenant_id, "EUR")["USD"]
    assert (uploaded.days, uploaded.first, uploaded.last) == (2, date(2026, 11, 19), DAY)
    exchange.remove_uploaded_rates(actor, "USD", "EUR", NOW)
    assert tables(actor.tenant_id).days == ()


def test_a_file_with_a_fault_saves_nothing(cast: Cast) -> None:
    content = b"date,currency,rate\n2026-11-19,USD,0.9\n2026-11-20,USD,none\n"
    with pytest.raises(InvalidFile, match="Line 3"):
        exchange.save_file(cast.alice.actor, content, "EUR", of_dollars(cast), NOW)
    assert exchange.uploaded_rates(cast.acme.tenant_id, "EUR") == {}


def test_the_report_currency_is_the_chosen_one_else_that_of_most_stores(cast: Cast) -> None:
    euro, dollar = of_dollars(cast)
    assert exchange.report_currency(cast.acme.tenant_id, [dollar, euro, dollar]) == "USD"
    for currency in ("CHF", "GBP"):
        exchange.set_report_currency(cast.alice.actor, currency, NOW)
    assert exchange.report_currency(cast.acme.tenant_id, [dollar, euro]) == "GBP"


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_that_is_not_above_zero_is_refused(cast: Cast, rate: str) -> None:
    with pytest.raises(InvalidInput, match="above zero"):
        set_rate(cast.alice, rate)
    assert exchange.fixed_rates(cast.acme.tenant_id, "EUR") == {}


def test_a_currency_has_three_capital_letters_and_is_not_converted_into_itself(cast: Cast) -> None:
    for currency in ("usd", "US", "U$D", "", "EUR"):
        with pytest.raises(InvalidInput):
            set_rate(cast.alice, currency=currency)
    with pytest.raises(InvalidInput):
        exchange.set_report_currency(cast.alice.actor, "euro", NOW)


def test_a_viewer_changes_no_rate(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="set exchange rates"):
        set_rate(cast.bob)
    actor = cast.bob.actor
    with pytest.raises(NotAllowed):
        exchange.set_report_currency(actor, "USD", NOW)
    with pytest.raises(NotAllowed):
        exchange.remove_fixed_rate(actor, "USD", "EUR", NOW)
    with pytest.raises(NotAllowed):
        exchange.remove_uploaded_rates(actor, "USD", "EUR", NOW)
    with pytest.raises(NotAllowed):
        exchange.save_file(actor, b"", "EUR", of_dollars(cast), NOW)


def test_no_business_sees_or_ends_the_rates_of_another(cast: Cast) -> None:
    set_rate(cast.alice)
    set_rate(cast.charlie, "0.5")
    exchange.remove_fixed_rate(cast.charlie.actor, "USD", "EUR", NOW)
    assert tables(cast.acme.tenant_id).fixed == Decimal("0.92")
    assert tables(cast.charlie.actor.tenant_id).fixed is None
    with tenant_session(cast.charlie.actor.tenant_id) as session:
        owners = session.scalars(select(ExchangeRate.tenant_id).distinct()).all()
    assert owners == [cast.charlie.actor.tenant_id]
