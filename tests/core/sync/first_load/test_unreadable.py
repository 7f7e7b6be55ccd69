"""An unreadable record keeps no other out: it is listed by its id until it can be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import ingest
from core.database import tenant_session
from core.database.models import Customer, InventoryLevel, Order, OrderToRead, Product, UnreadableRecord
from core.domain import Deleted, Kind
from core.simulator.shop import inventory
from core.simulator.shop.model import Order as ShopOrder
from core.sync.runs import RunView
from tests.core.sync.first_load.conftest import World
from tests.core.sync.first_load.wire import Spoiled, Wire


def finish(world: World, wire: Wire) -> RunView:
    run_id = world.ask()
    for _ in range(40):
        if not (run := world.work(run_id, wire)).active:
            return run
    raise AssertionError(f"the run does not end: {run}")


def unreadable_records(world: World) -> list[tuple[str, int, str]]:
    return [(row["kind"], row["shopify_id"], row["reason"]) for row in world.rows(UnreadableRecord)]


def without_name(order: ShopOrder) -> Spoiled:
    """Shopify leaves the order's name out."""
    return Spoiled(rb'"name": ?"%s"' % re.escape(order.name).encode(), b'"name":null')


def test_a_first_load_leaves_out_an_order_that_cannot_be_read_and_brings_all_others(world: World) -> None:
    orders = world.shopify.live_shop().shop.orders
    bad = next(iter(orders.values()))

    run = finish(world, without_name(bad))

    assert run.state == "succeeded"
    assert unreadable_records(world) == [("order", bad.order_id, "the API's order: name is missing")]
    assert {row["order_id"] for row in world.rows(Order)} == orders.keys() - {bad.order_id}
    assert world.complete_until() is not None


def test_orders_that_cannot_be_fetched_by_id_stay_as_the_bulk_operation_returned_them(world: World) -> None:
    orders = world.shopify.live_shop().shop.orders
    changed = {order.order_id for order in orders.values() if order.refunds or order.is_edited}

    run = finish(world, Spoiled(rb'"happenedAt": ?"[^"]+"', b'"happenedAt":null'))

    assert run.state == "succeeded"
    assert {order_id for _, order_id, _ in unreadable_records(world)} >= changed != set()
    assert {reason for _, _, reason in unreadable_records(world)} == {
        "the API's order: agreements.nodes[0].happenedAt is missing"
    }
    assert {row["order_id"] for row in world.rows(Order)} == orders.keys()
    assert world.rows(OrderToRead) == []


def test_of_stock_too(world: World) -> None:
    """Named by the item; all others come in."""
    items = inventory.items(world.shopify.live_shop().shop)
    bad = next(iter(items))
    pattern = rb'("id":"gid:[^"]+inventory_item_id=%d","updatedAt":)"[^"]+"' % bad

    run = finish(world, Spoiled(pattern, rb"\1null"))

    assert run.state == "succeeded"
    reason = "the API's inventory item: inventoryLevels.nodes[0].updatedAt is missing"
    assert unreadable_records(world) == [("inventory item", bad, reason)]
    here = {row["inventory_item_id"] for row in world.rows(InventoryLevel)}
    assert here == {number for number, item in items.items() if not item.product.is_gift_card} - {bad}


@pytest.mark.parametrize(
    ("model", "kind", "pattern"),
    [
        (Product, "product", rb'(?m)^(\{"id":"gid:[^"]+Product\\?/\d+".*?)"updatedAt":"[^"]+"'),
        (Customer, "customer", rb'(?m)^(\{"id":"gid:[^"]+Customer\\?/\d+".*?)"updatedAt":"[^"]+"'),
    ],
)
def test_of_products_and_customers_too(world: World, model: Any, kind: str, pattern: bytes) -> None:
    """None of them can be read here, and the orders come in without."""
    run = finish(world, Spoiled(pattern, rb'\1"updatedAt":"yesterday"'))

    assert run.state == "succeeded"
    assert {(name, reason) for name, _, reason in unreadable_records(world)} == {
        (kind, f"the API's {kind}: updatedAt is not a time")
    }
    assert world.rows(model) == []
    assert len(world.rows(Order)) == len(world.shopify.live_shop().shop.orders)


def test_the_sync_that_reads_it_takes_the_remark_back(world: World) -> None:
    bad = next(order for order in world.shopify.live_shop().shop.orders.values() if not order.refunds)
    finish(world, without_name(bad))
    world.shopify.edit(bad.order_id, at=datetime.now(UTC) - timedelta(seconds=20))

    assert finish(world, without_name(bad)).state == "succeeded"
    assert [order_id for _, order_id, _ in unreadable_records(world)] == [bad.order_id], (
        "nor does a page of the API with it end a sync"
    )

    world.shopify.edit(bad.order_id, at=datetime.now(UTC) - timedelta(seconds=10))
    assert finish(world, Wire()).state == "succeeded"
    assert unreadable_records(world) == []
    assert bad.order_id in {row["order_id"] for row in world.rows(Order)}


def test_a_deleted_record_is_no_longer_listed_as_unreadable(world: World) -> None:
    bad = next(iter(world.shopify.live_shop().shop.orders.values()))
    finish(world, without_name(bad))
    with tenant_session(world.acme.tenant_id) as session:
        deletion = Deleted(Kind.ORDER, bad.order_id, datetime.now(UTC))
        ingest.write(session, world.acme.key, [deletion], datetime.now(UTC))
    assert unreadable_records(world) == []
