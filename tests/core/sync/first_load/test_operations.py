"""Whatever becomes of Shopify's bulk operations, in the end everything is here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.database import tenant_session
from core.database.models import Order
from core.simulator.admin_api.bulk import BulkOutcome
from core.sync.first_load import work
from tests.core.sync.first_load.conftest import World
from tests.core.sync.first_load.whole import is_whole
from tests.core.sync.first_load.wire import Wire


@pytest.mark.parametrize(
    "fate",
    [
        BulkOutcome.FAILED,
        BulkOutcome.PARTIAL,
        BulkOutcome.EXPIRED,
        BulkOutcome.CANCELED,
        BulkOutcome.TRUNCATED,
        BulkOutcome.URL_EXPIRED,
    ],
)
def test_an_operation_that_comes_to_nothing_is_run_again(world: World, fate: BulkOutcome) -> None:
    world.shopify.live_shop().bulk.set_next([fate])
    run_id = world.ask()

    waiting = world.work(run_id)
    if fate is not BulkOutcome.URL_EXPIRED:
        assert waiting.state == "running"
        assert waiting.error is not None
        assert waiting.error.startswith("Waiting: ")
    if fate is BulkOutcome.TRUNCATED:
        world.operations[0].outcome = BulkOutcome.COMPLETED
        world.operations[0].status = "RUNNING"
        world.operations[0].objects = world.operations[0].roots = 0

    assert world.finish(run_id).state == "succeeded"
    assert is_whole(world)


def test_nothing_of_a_partial_file_is_written(world: World) -> None:
    """Any object in it may lack its children, and would then count as whole."""
    world.shopify.live_shop().bulk.set_next([BulkOutcome.PARTIAL])
    wire = Wire()

    world.work(world.ask(), wire)

    assert world.rows(Order) == []
    assert wire.files == [], "it is not even fetched"


def test_a_slice_that_takes_shopify_too_long_is_cut_in_two(world: World) -> None:
    run_id = world.ask()
    world.shopify.live_shop().bulk.set_next([BulkOutcome.PARTIAL])
    world.work(run_id)

    parts = [part for part in world.slices() if part.entity == "orders"]
    later, earlier = parts[0], parts[-1]
    assert later.since == earlier.until
    assert world.finish(run_id).state == "succeeded"
    assert is_whole(world)


def test_a_file_that_is_cut_on_its_way_is_not_taken_for_the_whole(world: World) -> None:
    world.shopify.live_shop().bulk.set_next([BulkOutcome.TRUNCATED])

    run = world.work(world.ask())

    assert world.rows(Order) == []
    assert run.error is not None
    assert "was incomplete" in run.error


def test_an_operation_whose_file_stays_incomplete_is_started_again(world: World) -> None:
    """Else one file that is damaged where it lies would keep the first load from ever ending."""
    world.shopify.live_shop().bulk.set_next([BulkOutcome.TRUNCATED])
    run_id = world.ask()

    assert world.finish(run_id).state == "succeeded"
    assert is_whole(world)
    first = world.operations[0].text
    assert sum(operation.text == first for operation in world.operations) == 2


def test_a_refused_entity_fails_the_run_with_the_scope_by_name(world: World) -> None:
    world.shopify.live_shop().bulk.set_next([BulkOutcome.ACCESS_DENIED])

    run = world.work(world.ask())

    assert run.state == "failed"
    assert run.error is not None
    assert "read_orders" in run.error


def test_a_load_that_failed_goes_on_where_it_was_with_the_next_run(world: World) -> None:
    world.shopify.live_shop().bulk.set_next([BulkOutcome.COMPLETED, BulkOutcome.ACCESS_DENIED])
    assert world.finish(world.ask()).state == "failed"
    done = [part.slice_no for part in world.slices() if part.state == "done"]
    assert done
    queries = [operation.text for operation in world.operations]

    assert world.finish(world.ask()).state == "succeeded"

    assert is_whole(world)
    assert [operation.text for operation in world.operations].count(queries[0]) == 1, "done is done"


def test_operations_of_others_are_waited_for(world: World) -> None:
    bulk = world.shopify.live_shop().bulk
    bulk.set_next(seconds=3600)
    for number in range(5):
        bulk.run(f'query Other {{ products(query: "id:{number}") {{ edges {{ node {{ id }} }} }} }}')
    run_id = world.ask()

    run = world.work(run_id)

    assert (run.state, run.error) == ("running", None), "this is no trouble"
    assert {part.state for part in world.slices()} == {"pending"}
    for number in list(bulk.by_number):
        bulk.cancel(number)
    bulk.set_next(seconds=0)
    assert world.finish(run_id).state == "succeeded"
    assert is_whole(world)


def test_an_operation_whose_start_was_not_noted_before_a_kill_is_taken_over(world: World) -> None:
    bulk = world.shopify.live_shop().bulk
    bulk.set_next(seconds=3600)
    run_id = world.ask()
    world.work(run_id, slice_length=timedelta(0))
    orphan = world.operations[0]
    with tenant_session(world.acme.tenant_id) as session:
        part = session.merge(world.slices()[0])
        part.state, part.operation_id = "pending", None
    for number in range(3):
        bulk.run(f'query Other {{ products(query: "id:{number}") {{ edges {{ node {{ id }} }} }} }}')

    world.work(run_id, slice_length=timedelta(0))

    assert world.slices()[0].operation_id == f"gid://shopify/BulkOperation/{orphan.number}"


def test_an_operation_that_shopify_no_longer_knows_is_run_again(world: World) -> None:
    run_id = world.ask()
    bulk = world.shopify.live_shop().bulk
    bulk.set_next(seconds=3600)
    world.work(run_id)
    bulk.by_number.clear()
    bulk.set_next(seconds=0)

    assert world.finish(run_id).state == "succeeded"
    assert is_whole(world)


def test_an_operation_that_is_stuck_for_a_day_is_ended_and_run_again(world: World) -> None:
    run_id = world.ask()
    bulk = world.shopify.live_shop().bulk
    bulk.set_next(seconds=36_000_000)
    world.work(run_id)
    with tenant_session(world.acme.tenant_id) as session:
        for part in world.slices():
            if part.state == "started":
                session.merge(part).started_at = datetime.now(UTC) - work.TOO_LONG
    bulk.set_next(seconds=0)

    assert world.finish(run_id).state == "succeeded"
    assert {operation.status for operation in world.operations[:2]} <= {"CANCELING", "CANCELED"}
    assert is_whole(world)


def test_a_slice_without_orders_is_done_without_a_file(world: World) -> None:
    run_id = world.ask()
    shop = world.shopify.live_shop().shop
    edge = datetime.now(UTC) - timedelta(days=30)
    for order in [order for order in shop.orders.values() if order.created_at >= edge]:
        del shop.orders[order.order_id]
    shop.revision += 1
    wire = Wire()

    world.work(run_id, wire, slice_length=timedelta(0))

    assert wire.files == []
    assert world.slices()[0].state == "done"
