"""Scopes that a shop takes away while the webhook about it is late, or lost: Shopify's refusal is the first sign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep

import pytest

from core.database import tenant_session
from core.database.models import Customer, InventoryLevel, Location, Order, ReturnLine
from core.simulator.defaults import SCOPES
from core.simulator.http.simulator import Simulator
from core.sync import refetch
from tests.cast import Cast
from tests.core.shopify.fakes import reply
from tests.core.sync.syncing import ask, work
from tests.core.sync.test_scopes import connect, levels, true_levels, view
from tests.core.transports import Wire
from tests.stored import rows, total_sales

OPTIONAL = ("read_locations", "read_returns", "read_inventory")


def take_away(shopify: Simulator, *lost: str, webhook_after: float | None = None) -> None:
    shopify.live_shop().change_scopes((scope for scope in SCOPES if scope not in lost), webhook_after)


def returned_order(shopify: Simulator) -> int:
    """Sell an order, and take back all of it, in the last minute."""
    now = datetime.now(UTC)
    order_id = shopify.sell(at=now - timedelta(seconds=60))
    shopify.live_shop().trigger("return", {"order_id": order_id}, now - timedelta(seconds=30))
    return order_id


@pytest.mark.parametrize("lost", [*((scope,) for scope in OPTIONAL), OPTIONAL])
def test_a_first_load_goes_on_without_an_optional_scope_that_was_taken_away(
    cast: Cast, shopify: Simulator, lost: tuple[str, ...]
) -> None:
    connect(cast, shopify)
    take_away(shopify, *lost)

    run = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    store = view(cast.acme)
    assert set(store.scopes) == set(SCOPES) - set(lost)
    assert (store.refused_entities, store.withheld_fields, store.missing_scopes) == ((), (), ())
    assert len(rows(cast.acme, Order)) == len(shopify.live_shop().shop.orders)
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales > 0
    assert levels(cast.acme) == ({} if "read_inventory" in lost else true_levels(shopify))


@pytest.mark.parametrize("lost", [*((scope,) for scope in OPTIONAL), OPTIONAL])
def test_pages_go_on_without_an_optional_scope_that_was_taken_away(
    cast: Cast, shopify: Simulator, lost: tuple[str, ...]
) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    new = returned_order(shopify)
    take_away(shopify, *lost)
    wire = Wire()

    run = work(cast.acme, ask(cast.acme), wire, slice_length=timedelta(minutes=1))

    assert (run.state, run.error) == ("succeeded", None)
    assert new in {each["order_id"] for each in rows(cast.acme, Order)}
    store = view(cast.acme)
    assert set(store.scopes) == set(SCOPES) - set(lost)
    assert (store.refused_entities, store.withheld_fields) == ((), ())
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales
    assert bool(wire.of("inventory_items")) == (lost == ("read_locations",)), "stock comes with products instead"
    sent = len(wire.sent)
    work(cast.acme, ask(cast.acme), wire, slice_length=timedelta(minutes=1))
    assert not any("query Scopes" in str(each.get("query")) for each in wire.sent[sent:]), "they are known now"


def test_a_re_fetch_reads_an_order_without_the_returns_that_were_taken_away(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    order_id = returned_order(shopify)
    take_away(shopify, "read_returns")

    with tenant_session(cast.acme.tenant_id) as session:
        refetch.request(session, cast.acme.key, [order_id], datetime.now(UTC))
    refetch.work_on(cast.acme.key)

    (stored,) = [each for each in rows(cast.acme, Order) if each["order_id"] == order_id]
    assert stored["source"] == "api"
    assert "read_returns" not in view(cast.acme).scopes
    assert order_id not in {each["order_id"] for each in rows(cast.acme, ReturnLine)}


def test_a_webhook_about_scopes_that_comes_late_changes_nothing_more(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    take_away(shopify, "read_locations", webhook_after=0.01)
    run = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    complete_until = view(cast.acme).complete_until
    sleep(0.05)

    assert (run.state, run.error) == ("succeeded", None)
    assert work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1)).state == "succeeded"
    assert complete_until is not None
    assert (view(cast.acme).complete_until or complete_until) >= complete_until
    assert {each["name"] for each in rows(cast.acme, Location)} <= {"Warehouse", "Shop window"}
    assert rows(cast.acme, InventoryLevel) != []


@pytest.mark.parametrize("lost", ["read_orders", "read_customers", "read_products"])
def test_a_needed_scope_that_was_taken_away_fails_the_run_with_its_name(
    cast: Cast, shopify: Simulator, lost: str
) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    shopify.sell(at=datetime.now(UTC))
    take_away(shopify, lost)

    run = work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert run.state == "failed"
    assert run.error is not None
    assert f"the scope {lost} is missing" in run.error
    assert view(cast.acme).missing_scopes == (lost,)


def test_a_needed_scope_that_goes_during_the_first_load_fails_it_with_its_name(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify)
    run_id = ask(cast.acme)
    work(cast.acme, run_id, slice_length=timedelta(0))
    take_away(shopify, "read_customers", "read_locations")

    run = work(cast.acme, run_id, slice_length=timedelta(minutes=1))

    assert run.state == "failed"
    assert run.error is not None
    assert "the store's customers: the scope read_customers is missing" in run.error
    assert rows(cast.acme, Customer) == []
    assert work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1)).state == "succeeded"
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales > 0


def test_scopes_are_re_read_once_where_shopify_refuses_what_it_grants(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    message = "Access denied for orders field. Required access: `read_orders` access scope."
    error = {"message": message, "path": ["orders"], "extensions": {"code": "ACCESS_DENIED"}}
    wire = Wire(lambda _: reply({"errors": [error], "data": None}) if "query Orders(" in asked(wire) else None)

    run = work(cast.acme, ask(cast.acme), wire, slice_length=timedelta(minutes=1))

    assert run.state == "failed"
    assert run.error is not None
    assert "read_orders" in run.error
    assert len(wire.of("scopes")) == 1
    assert set(view(cast.acme).scopes) == set(SCOPES)


def asked(wire: Wire) -> str:
    return str(wire.sent[-1].get("query"))
