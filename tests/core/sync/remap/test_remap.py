"""After an upgrade, orders that an older mapping made are re-read, in the background, until none is left."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from core import rollups, stores
from core.database import StoreKey, tenant_session
from core.database.models import LineItem, Order, Sale
from core.domain import MAPPING_VERSION, Source
from core.rollups import deferral
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.defaults import SCOPES
from core.simulator.webhooks.order_bodies import order_body
from core.sync import remap
from tests.core.shopify.fakes import reply
from tests.core.sync.remap.conftest import OLD, Upgraded, jobs, make_wrong
from tests.core.sync.syncing import ask, work
from tests.core.transports import Killed, Wire, always, killed_before
from tests.factories import line, order
from tests.shopify_sends import store_delivery
from tests.stored import rows, total_sales, write

BY_BULK, BY_IDS = {"few": 0}, {"few": 10_000}


@pytest.mark.parametrize("path", [BY_BULK, BY_IDS], ids=["by bulk operations", "by ids"])
def test_rows_that_an_older_mapping_made_wrong_come_right_by_themselves(
    upgraded: Upgraded, path: dict[str, int], database_url: str
) -> None:
    assert total_sales(upgraded.acme) != upgraded.shopify.truth().totals.total_sales

    assert upgraded.ask()
    assert jobs(database_url) == [("long", 1)]
    upgraded.finish(**path)

    assert upgraded.ledger() == upgraded.right
    assert total_sales(upgraded.acme) == upgraded.shopify.truth().totals.total_sales
    assert {each["mapping_version"] for each in rows(upgraded.acme, Order)} == {MAPPING_VERSION}
    assert upgraded.store_version() == MAPPING_VERSION
    assert not upgraded.ask(), "once is enough"
    assert not deferral.is_deferred(upgraded.acme.key)
    assert rollups.audit(upgraded.acme.key, datetime.now(UTC)) == {}


def test_many_orders_come_by_bulk_operations_and_incomplete_ones_by_their_ids(
    upgraded: Upgraded,
) -> None:
    upgraded.ask()
    wire = Wire()
    while upgraded.work(wire, few=5) is not None:
        pass

    assert len(wire.of("bulk_run")) == 1
    by_ids = {gid for asked in wire.of("order_details") for gid in asked["ids"]}
    assert 0 < len(by_ids) < len(rows(upgraded.acme, Order)) / 2


def test_a_bulk_operation_is_started_again_without_a_scope_that_was_taken_away(upgraded: Upgraded) -> None:
    live_shop = upgraded.shopify.live_shop()
    live_shop.change_scopes((scope for scope in SCOPES if scope != "read_locations"), None)
    before = len(live_shop.bulk.by_number)
    upgraded.ask()

    upgraded.finish(few=5)

    refused, repeated = list(live_shop.bulk.by_number.values())[before:]
    assert (refused.status, repeated.status) == ("FAILED", "COMPLETED")
    assert "retailLocation" in refused.text
    assert repeated.text == refused.text.replace("        retailLocation { id name }  # read_locations\n", "")
    assert "read_locations" not in stores.find(upgraded.acme.key).scopes
    assert upgraded.ledger() == upgraded.right


def test_figures_stay_until_they_are_replaced_and_progress_says_how_far_it_is(upgraded: Upgraded) -> None:
    before = total_sales(upgraded.acme)
    upgraded.ask()
    every = len(rows(upgraded.acme, Order))
    assert upgraded.progress() == remap.Progress(0, every, None)
    assert total_sales(upgraded.acme) == before

    under_way = upgraded.work(slice_length=timedelta(0), **BY_IDS)

    assert under_way is not None
    assert 0 < under_way.done < every == under_way.total
    improved = [each for each in rows(upgraded.acme, Order) if each["mapping_version"] == MAPPING_VERSION]
    assert len(improved) == under_way.done
    untouched = {each["order_id"] for each in rows(upgraded.acme, Order)} - {each["order_id"] for each in improved}
    as_wrong_as_before = {one["order_id"] for one in rows(upgraded.acme, Sale)} & untouched
    assert as_wrong_as_before == {one["order_id"] for one in upgraded.right["sales"]} & untouched


@pytest.mark.parametrize(("path", "request_no"), [(BY_BULK, 2), (BY_BULK, 4), (BY_IDS, 3)])
def test_a_killed_process_repeats_only_unwritten_orders(
    upgraded: Upgraded, path: dict[str, int], request_no: int
) -> None:
    upgraded.ask()
    with pytest.raises(Killed):
        upgraded.finish(wire=killed_before(request_no), slice_length=timedelta(minutes=1), **path)

    upgraded.finish(**path)
    assert upgraded.ledger() == upgraded.right


def test_a_lost_job_is_queued_again_and_a_waiting_one_is_not(upgraded: Upgraded, database_url: str) -> None:
    now = datetime.now(UTC)
    upgraded.ask(now)

    assert not upgraded.ask(now + timedelta(minutes=5))
    assert upgraded.ask(now + timedelta(minutes=25))
    assert len(jobs(database_url)) == 1


@pytest.mark.parametrize("fate", [BulkOutcome.PARTIAL, BulkOutcome.URL_EXPIRED])
def test_orders_of_a_bulk_operation_that_came_to_nothing_are_read_by_their_ids(
    upgraded: Upgraded, fate: BulkOutcome
) -> None:
    upgraded.ask()
    upgraded.shopify.live_shop().bulk.set_next([fate])

    upgraded.finish(few=5)
    assert upgraded.ledger() == upgraded.right


def test_trouble_with_shopify_is_waited_out_and_shown(upgraded: Upgraded) -> None:
    upgraded.ask()
    stop = threading.Event()

    waits = upgraded.work(always(lambda: reply({"errors": "away"}, status=402)), stop=stop, **BY_IDS)

    assert waits is not None
    assert waits.error is not None
    upgraded.finish(**BY_IDS)
    assert upgraded.ledger() == upgraded.right


def test_a_sync_and_webhooks_go_on_meanwhile_and_nothing_is_lost(upgraded: Upgraded) -> None:
    upgraded.ask()
    upgraded.work(slice_length=timedelta(0), **BY_IDS)
    sold = upgraded.shopify.sell(at=datetime.now(UTC))
    body = order_body(upgraded.shopify.live_shop().shop, upgraded.shopify.live_shop().shop.orders[sold])
    store_delivery(upgraded.acme, "orders/create", body)
    assert work(upgraded.acme, ask(upgraded.acme), slice_length=timedelta(minutes=1)).state == "succeeded"

    upgraded.finish(**BY_IDS)

    assert sold in {each["order_id"] for each in rows(upgraded.acme, Order)}
    assert total_sales(upgraded.acme) == upgraded.shopify.truth().totals.total_sales


def test_an_imported_order_is_recomputed_from_its_rows_and_counts_no_tip_as_goods(
    upgraded: Upgraded,
) -> None:
    """Shopify shows no such order. That its line was a tip is seen from the line itself."""
    tip = line(12, price="8.00", quantity=1, tax="0", title="Tip", product_id=None, variant_id=None)
    old = order(order_id=42, line_items=(line(), tip), tip=Decimal("8.00"), source=Source.CSV)
    write(upgraded.acme, old)
    make_wrong(upgraded.acme)
    with tenant_session(upgraded.acme.tenant_id) as session:
        session.execute(update(LineItem).where(LineItem.order_id == 42).values(is_tip=False))
    upgraded.ask()

    upgraded.finish(**BY_BULK)

    sold = {each["line_type"]: each["net"] for each in rows(upgraded.acme, Sale) if each["order_id"] == 42}
    assert sold == {"product": Decimal("40.00"), "shipping": Decimal("5.00"), "tip": Decimal("8.00")}
    (kept,) = [each for each in rows(upgraded.acme, Order) if each["order_id"] == 42]
    assert (kept["mapping_version"], kept["ledger_version"]) == (OLD, MAPPING_VERSION)


def test_an_order_that_was_computed_only_is_replaced_once_shopify_shows_it(upgraded: Upgraded) -> None:
    hidden = order(order_id=42)
    write(upgraded.acme, hidden)
    make_wrong(upgraded.acme)
    upgraded.ask()
    upgraded.finish(**BY_IDS)
    (kept,) = [each for each in rows(upgraded.acme, Order) if each["order_id"] == 42]
    assert kept["total"] == Decimal("0.01"), "Shopify does not show it: what was stored of it stays"

    write(upgraded.acme, hidden)

    (kept,) = [each for each in rows(upgraded.acme, Order) if each["order_id"] == 42]
    assert (kept["total"], kept["mapping_version"]) == (hidden.total, MAPPING_VERSION)


def test_a_store_that_is_read_from_the_start_or_not_connected_has_its_turn_later(upgraded: Upgraded) -> None:
    stores.mark_reconnect(upgraded.acme.key, "Connect it again.")
    assert not upgraded.ask()


def test_a_new_store_has_nothing_to_improve(upgraded: Upgraded) -> None:
    with tenant_session(upgraded.acme.tenant_id) as session:
        session.execute(update(Order).values(mapping_version=MAPPING_VERSION, ledger_version=MAPPING_VERSION))

    assert not upgraded.ask()
    assert upgraded.store_version() == MAPPING_VERSION


def test_another_tenant_improves_nothing_here(upgraded: Upgraded) -> None:
    upgraded.ask()
    remap.work_on(StoreKey(upgraded.cast.globex.tenant_id, upgraded.acme.store_id))

    assert upgraded.progress() == remap.Progress(0, len(rows(upgraded.acme, Order)), None)
    assert remap.progress(StoreKey(upgraded.cast.globex.tenant_id, upgraded.acme.store_id)) is None


def test_a_bulk_operation_that_takes_hours_holds_no_thread(upgraded: Upgraded, database_url: str) -> None:
    upgraded.ask()
    upgraded.shopify.live_shop().bulk.set_next(seconds=3600)
    wire = Wire()

    upgraded.work(wire, slice_length=timedelta(minutes=1), few=5)

    assert len(wire.sent) <= 2, "it was started, and not waited for"
    assert upgraded.progress() is not None
    assert len(jobs(database_url)) == 1
