"""A first load that somebody cancels ends at once, and goes on when a person asks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.database.models import Order
from core.errors import NotAllowed, RunLost
from core.sync import runs
from tests.core.sync.first_load.conftest import World
from tests.core.sync.first_load.whole import is_whole


def test_canceled_while_shopify_collects_it_ends_at_once_and_shopify_too(world: World) -> None:
    world.shopify.live_shop().bulk.set_next(seconds=3600)
    run_id = world.ask()
    world.work(run_id)

    assert runs.cancel(world.cast.alice.actor, world.acme.store_id, datetime.now(UTC))
    assert world.run(run_id).state == "canceled"
    world.work(run_id)  # the job that canceling asked for

    assert {operation.status for operation in world.operations} <= {"CANCELING", "CANCELED"}
    assert {part.state for part in world.slices()} == {"pending"}


def test_canceled_in_the_middle_of_a_slice_no_batch_is_written_any_more(world: World) -> None:
    run_id = world.ask()

    with pytest.raises(RunLost):
        world.load_first(run_id, _CancelAfter(world, 2))

    assert len(world.rows(Order)) == 5, "what was written before stays"
    world.work(run_id)
    assert world.run(run_id).state == "canceled"
    assert world.complete_until() is None, "a canceled load is not a complete one"


class _CancelAfter(threading.Event):
    """Is never set; when it was asked so often, the run is canceled by somebody."""

    def __init__(self, world: World, times: int) -> None:
        super().__init__()
        self._world, self._left = world, times

    def is_set(self) -> bool:
        self._left -= 1
        if self._left == 0:
            runs.cancel(self._world.cast.alice.actor, self._world.acme.store_id, datetime.now(UTC))
        return False


def test_a_canceled_load_goes_on_when_a_person_asks_and_not_by_itself(world: World) -> None:
    run_id = world.ask()
    world.work(run_id, slice_length=timedelta(0))
    runs.cancel(world.cast.alice.actor, world.acme.store_id, datetime.now(UTC))
    assert runs.is_on_hold(world.acme.key)

    again = world.ask()
    assert not runs.is_on_hold(world.acme.key)
    assert world.finish(again).state == "succeeded"
    assert is_whole(world)


def test_a_viewer_may_not_cancel_and_no_tenant_cancels_the_run_of_another(world: World) -> None:
    run_id = world.ask()
    with pytest.raises(NotAllowed):
        runs.cancel(world.cast.bob.actor, world.acme.store_id, datetime.now(UTC))

    assert not runs.cancel(world.cast.charlie.actor, world.acme.store_id, datetime.now(UTC))
    assert world.run(run_id).state == "queued"


def test_canceling_an_ended_run_changes_nothing(world: World) -> None:
    run_id = world.ask()
    world.finish(run_id)

    assert not runs.cancel(world.cast.alice.actor, world.acme.store_id, datetime.now(UTC))
    assert world.run(run_id).state == "succeeded"
