"""Shopify dates changes by the second: two of them within one second both count, though their dates are equal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from core import ingest
from core.database import tenant_session
from core.database.models import Customer, InventoryLevel, Order, Product, UnsettledOrder, Variant
from core.domain import Record, Source
from core.simulator.http.simulator import Simulator
from core.simulator.webhooks.order_bodies import order_body
from core.sync import refetch
from core.webhooks import apply
from tests.cast import Cast
from tests.core.sync.syncing import ask, work
from tests.factories import PLACED, customer, level, order, product, refund, variant
from tests.shopify_sends import store_delivery
from tests.stored import row, rows, write


def apply_webhook(cast: Cast, shopify: Simulator, order_id: int) -> None:
    live = shopify.live_shop()
    store_delivery(
        cast.acme, "orders/updated", json.loads(json.dumps(order_body(live.shop, live.shop.orders[order_id])))
    )
    apply.apply_pending(cast.acme.key, datetime.now(UTC))


def settle(cast: Cast) -> None:
    refetch.work_on(cast.acme.key)


def change(shopify: Simulator, order_id: int, **values: datetime) -> None:
    """An order changes, dated as the values say."""
    live = shopify.live_shop()
    with live.lock:
        for name, value in values.items():
            setattr(live.shop.orders[order_id], name, value)
        live.shop.revision += 1


def test_an_order_that_changes_twice_within_a_second_is_read_back_as_it_is_at_last(
    connected: Cast, shopify: Simulator
) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    sold = shopify.sell(at=at)
    apply_webhook(connected, shopify, sold)
    settle(connected)
    assert row(connected.acme, Order)["cancelled_at"] is None

    change(shopify, sold, updated_at=at, cancelled_at=at)
    apply_webhook(connected, shopify, sold)
    settle(connected)

    assert row(connected.acme, Order)["updated_at"] == at
    assert row(connected.acme, Order)["cancelled_at"] == at
    assert rows(connected.acme, UnsettledOrder) == []


def test_a_store_that_hears_no_webhooks_has_both_changes_after_the_next_sync(
    connected: Cast, shopify: Simulator
) -> None:
    work(connected.acme, ask(connected.acme), slice_length=timedelta(minutes=1))
    live = shopify.live_shop()
    someone, goods = next(iter(live.shop.customers.values())), next(iter(live.shop.products.values()))
    with live.lock:
        someone.updated_at = goods.updated_at = datetime.now(UTC).replace(microsecond=0)
        live.shop.revision += 1
    work(connected.acme, ask(connected.acme), slice_length=timedelta(minutes=1))
    with live.lock:
        someone.first_name, goods.title, goods.variants[0].price = "Anew", "Another title", Decimal("77.00")
        live.shop.revision += 1

    work(connected.acme, ask(connected.acme), slice_length=timedelta(minutes=1))

    names = {each["customer_id"]: each["first_name"] for each in rows(connected.acme, Customer)}
    titles = {each["product_id"]: each["title"] for each in rows(connected.acme, Product)}
    prices = {each["variant_id"]: each["price"] for each in rows(connected.acme, Variant)}
    assert names[someone.customer_id] == "Anew"
    assert titles[goods.product_id] == "Another title"
    assert prices[goods.variants[0].variant_id] == Decimal("77.00")


def test_an_order_fetched_without_the_refund_of_a_webhook_stays_on_the_list(
    connected: Cast, shopify: Simulator
) -> None:
    """One of Shopify's own copies may be behind: it gives the order as it was before."""
    sold = shopify.sell(at=datetime.now(UTC))
    apply_webhook(connected, shopify, sold)
    settle(connected)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
    write(connected.acme, refund(order_id=sold, at=later, created_at=later, lines=()))
    with tenant_session(connected.acme.tenant_id) as session:
        refetch.request(session, connected.acme.key, [sold], datetime.now(UTC))

    settle(connected)
    (waiting,) = rows(connected.acme, UnsettledOrder)
    assert (waiting["order_id"], waiting["tries"]) == (sold, 1)

    change(shopify, sold, updated_at=later)
    make_due(connected)
    settle(connected)
    assert rows(connected.acme, UnsettledOrder) == []


def make_due(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(UnsettledOrder).values(due_at=PLACED))


SECONDS = timedelta(seconds=1)
PAIRS: dict[str, tuple[Record, Record]] = {
    "orders": (order(), order(financial_status="paid")),
    "customers": (customer(), customer(first_name="Grace")),
    "products": (product(), product(title="Blouse", variants=(variant(price="30.00"),))),
    "inventory_levels": (level(), level(available=3)),
}
MODELS = {"orders": Order, "customers": Customer, "products": Product, "inventory_levels": InventoryLevel}


@pytest.mark.parametrize("kind", PAIRS)
def test_of_two_readings_of_the_same_second_the_later_one_counts_whichever_is_written_first(
    cast: Cast, kind: str
) -> None:
    first, second = PAIRS[kind]
    early, late = ingest.Reading(PLACED + SECONDS), ingest.Reading(PLACED + 3 * SECONDS)
    write(cast.acme, second, reading=late)
    wanted = rows(cast.acme, MODELS[kind])

    write(cast.acme, first, reading=early)
    write(cast.globex, first, reading=early)
    write(cast.globex, second, reading=late)

    def said(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without whose it is, and on which of their days."""
        left_out = ("tenant_id", "store_id", "business_date")
        return [{name: value for name, value in one.items() if name not in left_out} for one in found]

    assert said(wanted) == said(rows(cast.acme, MODELS[kind])) == said(rows(cast.globex, MODELS[kind]))


@pytest.mark.parametrize("kind", PAIRS)
def test_a_version_that_was_read_long_after_its_change_is_final_and_written_once(
    cast: Cast, kind: str, database_url: str
) -> None:
    first, _ = PAIRS[kind]
    write(cast.acme, first, reading=ingest.Reading(PLACED + timedelta(hours=1)))
    again = write(cast.acme, first, reading=ingest.Reading(PLACED + timedelta(hours=2)))

    assert not again.changed
    with psycopg.connect(database_url) as owner:
        (read_at,) = owner.execute(f"SELECT read_at FROM {kind}").fetchone()  # type: ignore[misc]
    assert read_at == PLACED + timedelta(hours=1)


def test_a_webhook_of_the_same_second_does_not_replace_a_fetched_record(cast: Cast) -> None:
    """Its body holds less, and may be of the first change. The order is re-fetched; the next sync has all else."""
    write(cast.acme, order(), reading=ingest.Reading(PLACED + SECONDS))

    assert write(cast.acme, order(source=Source.WEBHOOK)).orders == 0
