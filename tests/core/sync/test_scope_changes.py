"""Scopes that a shop grants or takes away later: what is read again, and what goes on without them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from core.database import tenant_session
from core.database.models import (
    Customer,
    LineItem,
    Order,
    Product,
    Refund,
    Sale,
    Store,
)
from core.shopify.auth import NEEDED_SCOPES
from core.simulator.defaults import SCOPES
from core.simulator.http.simulator import Simulator
from core.sync import refetch, runs
from tests.cast import Business, Cast
from tests.core.sync.syncing import ask, work
from tests.core.sync.test_scopes import change_scopes, connect, view
from tests.stored import rows, total_sales


def test_a_scope_that_webhooks_say_was_granted_has_the_store_read_from_the_start(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify, ["read_customers"])
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    assert view(cast.acme).complete_until is not None

    change_scopes(cast, shopify, SCOPES)
    assert view(cast.acme).complete_until is None
    connect(cast, shopify)

    assert work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1)).state == "succeeded"
    assert {each["customer_id"] for each in rows(cast.acme, Customer)} == set(shopify.live_shop().shop.customers)


def test_a_scope_that_is_granted_during_the_first_load_has_it_begin_again(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify, ["read_customers"])
    first = work(cast.acme, ask(cast.acme), slice_length=timedelta(0))
    assert first.state == "running"
    change_scopes(cast, shopify, SCOPES)

    (ended,) = runs.recent(cast.acme.key)
    assert (ended.state, ended.error) == (
        "failed",
        "The app's permissions grew during the first load; the next sync starts it again.",
    )
    assert work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1)).state == "succeeded"
    assert {each["customer_id"] for each in rows(cast.acme, Customer)} == set(shopify.live_shop().shop.customers)
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales


def test_a_sync_that_was_canceled_before_more_was_granted_does_not_keep_the_schedule_away(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify, ["read_customers"])
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    work(cast.acme, ask(cast.acme), slice_length=timedelta(0))
    assert runs.cancel(cast.alice.actor, cast.acme.store_id, datetime.now(UTC))
    change_scopes(cast, shopify, SCOPES)

    assert not runs.is_on_hold(cast.acme.key)


@pytest.mark.parametrize("gained", ["read_reports", "read_customer_merge", "write_orders"])
def test_a_scope_that_shows_no_past_records_causes_no_re_fetch(cast: Cast, shopify: Simulator, gained: str) -> None:
    connect(cast, shopify, [gained])
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    change_scopes(cast, shopify, [*shopify.live_shop().shop.scopes, gained])

    assert view(cast.acme).complete_until is not None
    assert gained in view(cast.acme).scopes


@pytest.mark.parametrize("lost", ["read_products", "read_orders", "read_inventory"])
def test_a_scope_lost_in_the_middle_of_a_sync_ends_it_without_its_records(
    cast: Cast, shopify: Simulator, lost: str
) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    shopify.sell(at=datetime.now(UTC))
    run_id = ask(cast.acme)
    work(cast.acme, run_id, slice_length=timedelta(0))

    change_scopes(cast, shopify, [scope for scope in SCOPES if scope != lost])

    run = work(cast.acme, run_id, slice_length=timedelta(minutes=1))
    assert (run.state, run.error) == ("succeeded", None)


def test_a_scope_lost_between_two_of_its_pages_does_not_keep_the_sync_from_its_end(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    for _ in range(51):
        shopify.sell(at=datetime.now(UTC))
    run_id = ask(cast.acme)
    for _ in ("products", "customers", "the first page of orders"):
        assert work(cast.acme, run_id, slice_length=timedelta(0)).active

    change_scopes(cast, shopify, [scope for scope in SCOPES if scope != "read_orders"])

    assert work(cast.acme, run_id).state == "succeeded"
    change_scopes(cast, shopify, SCOPES)
    assert view(cast.acme).complete_until is None, "what was not read is read from the start"


def test_a_sync_of_which_nothing_is_left_to_read_ends(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    run_id = ask(cast.acme)
    work(cast.acme, run_id, slice_length=timedelta(0))

    change_scopes(cast, shopify, [])

    assert work(cast.acme, run_id).state == "succeeded"
    with tenant_session(cast.acme.tenant_id) as session:
        store = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert store is not None
        assert set(store.missing_scopes) == set(NEEDED_SCOPES)


def test_a_scope_that_goes_in_the_middle_of_a_first_load_does_not_keep_it_from_ending(
    cast: Cast, shopify: Simulator
) -> None:
    connect(cast, shopify)
    shopify.live_shop().bulk.set_next(seconds=3600)
    run_id = ask(cast.acme)
    work(cast.acme, run_id, slice_length=timedelta(0))
    shopify.live_shop().bulk.set_next(seconds=0)
    for operation in shopify.live_shop().bulk.by_number.values():
        operation.ends_at = datetime.now(UTC)

    change_scopes(cast, shopify, [scope for scope in SCOPES if scope != "read_customers"])

    assert work(cast.acme, run_id, slice_length=timedelta(minutes=1)).state == "succeeded"
    assert rows(cast.acme, Customer) == []


def customers_of_orders(business: Business) -> dict[int, int | None]:
    return {each["order_id"]: each["customer_id"] for each in rows(business, Order)}


def products_of_lines(business: Business) -> dict[int, tuple[int | None, int | None]]:
    return {each["line_item_id"]: (each["product_id"], each["variant_id"]) for each in rows(business, LineItem)}


def read_back(business: Business, order_ids: Iterable[int]) -> None:
    """As after their webhooks: read by their ids, with Shopify's ledger."""
    with tenant_session(business.tenant_id) as session:
        refetch.request(session, business.key, order_ids, datetime.now(UTC))
    refetch.work_on(business.key)


@pytest.mark.parametrize("missing", [["read_customers"], ["read_products"], ["read_customers", "read_products"]])
def test_all_that_a_scope_shows_of_the_past_is_filled_in_once_it_is_granted(
    cast: Cast, shopify: Simulator, missing: list[str]
) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    people, goods = customers_of_orders(cast.acme), products_of_lines(cast.acme)
    right = rows(cast.acme, Sale)
    assert len(people) == 110
    begin_again(cast)
    connect(cast, shopify, missing)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    read_back(cast.acme, sorted(people)[-8:])
    if "read_customers" in missing:
        assert set(customers_of_orders(cast.acme).values()) == {None}
    if "read_products" in missing:
        assert set(products_of_lines(cast.acme).values()) == {(None, None)}

    connect(cast, shopify)
    assert view(cast.acme).complete_until is None
    assert work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1)).state == "succeeded"

    assert customers_of_orders(cast.acme) == people
    assert products_of_lines(cast.acme) == goods
    keys = {each["order_id"]: each["customer_key"] for each in rows(cast.acme, Order)}
    assert all(keys[order_id] == f"c:{customer_id}" for order_id, customer_id in people.items() if customer_id)
    sold = {(one["order_id"], one["line_item_id"], one["product_id"]) for one in rows(cast.acme, Sale)}
    assert sold == {(one["order_id"], one["line_item_id"], one["product_id"]) for one in right}
    assert [each["order_id"] for each in rows(cast.acme, Order) if each["withheld"]] == []


def test_a_scope_that_is_taken_away_blanks_nothing_that_was_known(cast: Cast, shopify: Simulator) -> None:
    connect(cast, shopify)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    people, goods = customers_of_orders(cast.acme), products_of_lines(cast.acme)
    known = [order_id for order_id, customer_id in people.items() if customer_id][-5:]

    change_scopes(cast, shopify, [scope for scope in SCOPES if scope not in ("read_customers", "read_products")])
    for order_id in known:
        shopify.refund(order_id)
    read_back(cast.acme, known)
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))

    assert customers_of_orders(cast.acme) == people
    assert products_of_lines(cast.acme) == goods
    hidden = {each["order_id"]: each["withheld"] for each in rows(cast.acme, Order) if each["withheld"]}
    assert set(hidden) == set(known)
    assert total_sales(cast.acme) == shopify.truth().totals.total_sales


def begin_again(cast: Cast) -> None:
    """As if nothing had been read."""
    with tenant_session(cast.acme.tenant_id) as session:
        for model in (Order, Customer, Product, Refund):
            session.execute(delete(model))
        store = session.get_one(Store, (cast.acme.tenant_id, cast.acme.store_id))
        store.complete_until = None
