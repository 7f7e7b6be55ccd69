"""The first load of a store brings everything, once, whatever the machine does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import ingest
from core.database import tenant_session
from core.database.models import (
    Checkout,
    CheckoutLine,
    Customer,
    Deletion,
    InventoryLevel,
    Location,
    Order,
    OrderToRead,
    Variant,
)
from core.domain import Deleted, Kind
from core.errors import RunLost, Stopping
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.shop import inventory
from core.sync import first_load, runs
from core.sync.first_load import work
from core.sync.first_load.plan import spans
from tests.core.sync.first_load.conftest import World
from tests.core.sync.first_load.whole import COMMERCE, LONG_AGO, STOCK, is_whole
from tests.core.sync.first_load.wire import Killed, killed_before


def test_the_first_load_brings_everything_to_the_cent(world: World) -> None:
    run = world.finish(world.ask())

    shop = world.shopify.live_shop().shop
    assert (run.state, run.error) == ("succeeded", None)
    assert is_whole(world)
    assert run.records_done == run.records_total == len(shop.orders) + len(shop.customers) + len(shop.products)
    assert world.slices() == [], "nothing is left of the plan"


def test_bulk_operations_and_pages_write_the_same_rows(world: World) -> None:
    world.finish(world.ask())
    globex = world.connect(world.cast.globex, LONG_AGO)

    by_pages = world.work(world.ask(globex), business=globex, slice_length=timedelta(minutes=5))

    assert by_pages.state == "succeeded"
    for model in (*COMMERCE, *STOCK):
        assert world.rows(model) == world.rows(model, globex), model.__tablename__


def test_stock_and_unit_costs_come_with_the_products(world: World) -> None:
    world.finish(world.ask())

    shop_variants = {
        variant.variant_id: variant
        for product in world.shopify.live_shop().shop.products.values()
        for variant in product.variants
    }
    stored = {row["variant_id"]: row for row in world.rows(Variant)}
    assert {key: (row["inventory_quantity"], row["unit_cost"]) for key, row in stored.items()} == {
        key: (variant.stock, variant.unit_cost) for key, variant in shop_variants.items()
    }
    assert any(row["unit_cost"] is None for row in stored.values()), "a cost nobody entered is not zero"


def test_stock_levels_come_with_the_names_of_their_locations(world: World) -> None:
    world.finish(world.ask())

    shop = world.shopify.live_shop().shop
    shop_levels = [level for item in inventory.items(shop).values() for level in inventory.levels(shop, item)]
    stored = {(row["inventory_item_id"], row["location_id"]): row for row in world.rows(InventoryLevel)}
    assert {key: (row["available"], row["on_hand"], row["updated_at"]) for key, row in stored.items()} == {
        (level.item.variant.inventory_item_id, level.location.location_id): (
            level.units,
            level.units,
            level.updated_at,
        )
        for level in shop_levels
    }
    assert len(stored) == len(shop_levels) > 50
    assert [row["name"] for row in world.rows(Location)] == ["Warehouse", "Shop window"]


def test_checkouts_that_were_left_come_with_their_lines(world: World) -> None:
    world.finish(world.ask())

    shop_checkouts = make_abandoned_checkouts(world.shopify.live_shop().shop)
    stored = {row["checkout_id"]: row for row in world.rows(Checkout)}
    assert stored.keys() == shop_checkouts.keys()
    assert len(shop_checkouts) > 2
    for number, checkout in shop_checkouts.items():
        assert stored[number]["completed_at"] == checkout.completed_at
        assert stored[number]["subtotal"] == sum(line.total for line in checkout.lines)
        assert stored[number]["customer_id"] == checkout.customer.customer_id
    assert len(world.rows(CheckoutLine)) == sum(len(checkout.lines) for checkout in shop_checkouts.values())


def test_recent_orders_are_there_first(world: World) -> None:
    run_id = world.ask()
    world.work(run_id, slice_length=timedelta(0))

    shop = world.shopify.live_shop().shop
    edge = datetime.now(UTC) - timedelta(days=30)
    assert {row["order_id"] for row in world.rows(Order)} == {
        order.order_id for order in shop.orders.values() if order.created_at >= edge
    }
    assert world.run(run_id).state == "running"


def test_after_the_first_load_only_changes_are_read(world: World) -> None:
    world.finish(world.ask())
    new = world.shopify.sell(at=datetime.now(UTC))
    started = len(world.operations)

    run = world.work(world.ask())

    assert run.state == "succeeded"
    assert run.records_done < 10
    assert new in {row["order_id"] for row in world.rows(Order)}
    assert len(world.operations) == started, "no bulk operation for a few changes"


def test_the_store_is_complete_as_of_when_the_load_was_planned_not_when_it_ended(world: World) -> None:
    before = datetime.now(UTC)
    run_id = world.ask()
    world.work(run_id, slice_length=timedelta(0))
    planned = world.slices()[0].planned_at
    missed = world.shopify.sell(at=datetime.now(UTC))  # in a slice that is done already
    world.finish(run_id)

    until = world.complete_until()
    assert until is not None
    assert before - timedelta(minutes=3) < until < planned
    world.work(world.ask())
    assert missed in {row["order_id"] for row in world.rows(Order)}


def test_no_thread_waits_while_shopify_collects(world: World) -> None:
    world.shopify.live_shop().bulk.set_next(seconds=3600)
    run_id = world.ask()

    started = datetime.now(UTC)
    run = world.work(run_id)

    assert datetime.now(UTC) - started < timedelta(seconds=5)
    assert (run.state, run.records_done) == ("running", 0)
    assert len(world.operations) == work.AHEAD
    assert {part.state for part in world.slices()[:2]} == {"started"}


@pytest.mark.parametrize("request_number", [2, 3, 4, 6, 9, 13])
def test_killed_anywhere_it_repeats_one_slice_at_most_and_the_rows_are_right(
    world: World, request_number: int
) -> None:
    run_id = world.ask()
    with pytest.raises(Killed):
        world.work(run_id, killed_before(request_number))
    done = {part.slice_no for part in world.slices() if part.state == "done"}
    started = len(world.operations)

    run = world.finish(run_id)

    assert run.state == "succeeded"
    assert is_whole(world)
    assert run.records_done == run.records_total
    planned = len(spans(datetime.now(UTC), world.shopify.live_shop().shop.created_at, first_load.ENTITIES))
    assert len(world.operations) - started <= planned - len(done), "what was done was not asked for again"


def test_stopped_between_two_batches_the_slice_is_repeated_and_nothing_is_twice(world: World) -> None:
    run_id = world.ask()
    with pytest.raises(Stopping):
        world.load_first(run_id, _StopAfter(1))
    assert len(world.rows(Order)) == 5
    operations = len(world.operations)
    for operation in world.operations:
        operation.ends_at = datetime.now(UTC)

    run = world.finish(run_id)

    assert run.state == "succeeded"
    assert is_whole(world)
    assert run.records_done == run.records_total
    texts = [operation.text for operation in world.operations]
    assert len(set(texts)) == len(texts) > operations, "Shopify collected nothing twice"


class _StopAfter(threading.Event):
    """Is set once it was asked so often."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_a_missing_scope_leaves_out_its_entities(world: World) -> None:
    world.connect(world.acme, None, "read_customers")

    run = world.finish(world.ask())

    assert run.state == "succeeded"
    assert world.rows(Customer) == []
    assert len(world.rows(Order)) == len(world.shopify.live_shop().shop.orders)
    assert run.records_total == len(world.shopify.live_shop().shop.orders) + len(
        world.shopify.live_shop().shop.products
    )


def test_a_scope_that_is_granted_in_the_middle_is_used(world: World) -> None:
    world.connect(world.acme, None, "read_customers")
    first = world.ask()
    world.work(first, slice_length=timedelta(0))
    runs.cancel(world.cast.alice.actor, world.acme.store_id, datetime.now(UTC))
    world.connect(world.acme)

    assert world.finish(world.ask()).state == "succeeded"
    assert is_whole(world)


def test_a_worker_thought_dead_writes_no_batch_after_another_took_over(world: World) -> None:
    run_id = world.ask()
    with tenant_session(world.acme.tenant_id) as session:
        run = runs.claim(session, runs.key_of(world.acme.key, run_id), datetime.now(UTC))
    world.work(run_id, slice_length=timedelta(0))
    part = next(part for part in world.slices() if part.state == "started")
    with tenant_session(world.acme.tenant_id) as session:
        zombie = first_load.slices.begin_load(session, part)
    with tenant_session(world.acme.tenant_id) as session:
        first_load.slices.begin_load(session, part)

    with pytest.raises(RunLost), tenant_session(world.acme.tenant_id) as session:
        first_load.slices.note_batch(session, run, part, zombie, 10, datetime.now(UTC))


def test_news_by_webhook_is_not_undone_by_the_load(world: World) -> None:
    """A deletion and a newer version that come while the load is under way stay."""
    run_id = world.ask()
    world.work(run_id, slice_length=timedelta(0))
    deleted_id = min(world.shopify.live_shop().shop.orders)
    with tenant_session(world.acme.tenant_id) as session:
        deletion = Deleted(Kind.ORDER, deleted_id, datetime.now(UTC))
        ingest.write(session, world.acme.key, [deletion], datetime.now(UTC))

    assert world.finish(run_id).state == "succeeded"
    assert deleted_id not in {row["order_id"] for row in world.rows(Order)}
    assert len(world.rows(Deletion)) == 1


def test_an_order_deleted_before_it_is_fetched_by_id_leaves_the_list(world: World) -> None:
    run_id = world.ask()
    shop = world.shopify.live_shop().shop
    while world.rows(OrderToRead) == []:
        world.work(run_id, slice_length=timedelta(0))
    deleted_id = world.rows(OrderToRead)[0]["order_id"]
    del shop.orders[deleted_id]
    shop.revision += 1

    assert world.finish(run_id).state == "succeeded"
    assert world.rows(OrderToRead) == []


def test_progress_says_how_fast_and_how_long_yet(world: World) -> None:
    run_id = world.ask()
    world.work(run_id, slice_length=timedelta(0))
    run = world.run(run_id)

    assert run.started_at is not None
    later = run.started_at + timedelta(seconds=10)
    assert run.rate(later) == run.records_done / 10
    assert run.share is not None
    assert 0 < run.share < 1
    eta = run.eta(later)
    assert eta is not None
    assert eta == timedelta(seconds=10) * (1 / run.share - 1)
    assert runs.RunView(**{**_fields(run), "started_at": None}).rate(later) is None


def _fields(run: runs.RunView) -> dict[str, Any]:
    return {name: getattr(run, name) for name in run.__slots__}


def test_a_second_first_load_begins_from_the_start(world: World) -> None:
    """As when more may be read than before: then the store is not complete any more."""
    world.finish(world.ask())
    world.connect(world.acme, None)

    run = world.finish(world.ask())

    assert run.state == "succeeded"
    assert run.records_done == run.records_total
    assert is_whole(world)
