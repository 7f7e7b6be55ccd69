"""Each day is compared with Shopify's own count: missing orders are fetched, deleted ones deleted, both named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core import reconcile, stores
from core.database import tenant_session
from core.database.models import Deletion, UnreadableRecord
from core.domain import Deleted, Kind
from core.metrics import Scope, health
from core.metrics.health import NamedOrder
from core.reconcile import runs
from core.simulator.http.simulator import Simulator
from core.simulator.shop.model import Order
from core.simulator.shop.truth import truth
from tests.cast import NOW, Cast
from tests.core.reconcile.checking import (
    LAST,
    SHOWN,
    ask,
    by_owner,
    change_store,
    check,
    compared,
    day_of,
    delete_in_shopify,
    end_check,
    local,
    placed_by_day,
    revision,
    rows_of,
    some_order,
)
from tests.core.transports import Altering
from tests.stored import rows, write


def test_days_that_are_the_same_are_equal_and_nothing_is_written(equal: Cast) -> None:
    before = revision(equal)
    check(equal)
    days = compared(equal)
    assert len(days) == 59, "today is the sixtieth"
    assert {day.state for day in days} == {"equal"}
    assert days[-1].day == LAST
    assert revision(equal) == before


def test_a_day_holds_the_shops_own_count_and_its_own_total(equal: Cast, shopify: Simulator) -> None:
    check(equal)
    real = truth(shopify.live_shop().shop)
    placed = placed_by_day(shopify)
    for day in compared(equal):
        assert (day.ours, day.theirs) == (len(placed.get(day.day, ())), len(placed.get(day.day, ())))
        assert day.our_total == day.their_total == real.by_day[day.day].total_sales
    assert sum(day.theirs for day in compared(equal)) > 5


def test_an_order_whose_rows_were_lost_is_fetched_again_and_named(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    lost = some_order(shopify)
    before = rows_of(equal, lost)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", lost.order_id)
    check(equal)
    day = day_of(equal, shopify, lost)
    assert day.state == "repaired"
    assert [(one.name, one.what) for one in day.orders] == [(lost.name, "missing")]
    assert (day.ours, day.our_total) == (day.theirs, day.their_total)
    assert rows_of(equal, lost) == before
    assert [one.state for one in compared(equal)].count("repaired") == 1


def test_sales_that_were_lost_under_an_order_that_is_here_come_right_by_the_total(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    hurt = some_order(shopify)
    before = rows_of(equal, hurt)
    by_owner(database_url, "DELETE FROM sales WHERE order_id = %s", hurt.order_id)
    by_owner(database_url, "DELETE FROM line_items WHERE order_id = %s", hurt.order_id)
    check(equal)
    day = day_of(equal, shopify, hurt)
    assert (day.state, [(one.name, one.what) for one in day.orders]) == ("repaired", [(hurt.name, "rewritten")])
    assert rows_of(equal, hurt) == before


def test_an_order_that_was_deleted_in_shopify_while_no_webhook_came_leaves_the_numbers(
    equal: Cast, shopify: Simulator
) -> None:
    deleted = some_order(shopify)
    delete_in_shopify(shopify, deleted)
    check(equal)
    day = day_of(equal, shopify, deleted)
    assert (day.state, [(one.name, one.what) for one in day.orders]) == ("repaired", [(deleted.name, "gone")])
    assert rows_of(equal, deleted)["sales"] == []
    with tenant_session(equal.acme.tenant_id) as session:
        known = health.day_figures(session, Scope(equal.acme.key), SHOWN)
    assert sum(one.orders for one in known.values()) == len(
        [order for order in shopify.live_shop().shop.orders.values() if local(shopify, order) <= LAST]
    )


def test_the_repair_of_an_order_also_repairs_the_later_day_of_its_refund(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    lost = some_order(shopify)
    shopify.refund(lost.order_id, at=datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC))
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", lost.order_id)
    check(equal)
    assert day_of(equal, shopify, lost).state == "repaired"
    its_refunds = compared(equal)[-1]
    assert (its_refunds.day, its_refunds.state) == (LAST, "equal")
    assert its_refunds.our_total == truth(shopify.live_shop().shop).by_day[LAST].total_sales


def test_who_asks_has_today_compared_too_and_the_night_leaves_it_for_the_next(equal: Cast) -> None:
    by_hand = ask(equal)
    (run,) = runs.recent(equal.acme.key)
    assert (run.days, run.last_day) == (60, LAST + timedelta(days=1))
    assert runs.recent_days(stores.find(equal.acme.key), NOW) == 60
    end_check(equal.acme.key, by_hand, NOW)
    reconcile.request_due(equal.acme.key, NOW)
    (by_schedule, _) = runs.recent(equal.acme.key)
    assert (by_schedule.trigger, by_schedule.last_day) == ("schedule", LAST)


def test_an_order_that_shopify_hides_but_still_has_is_not_taken_for_deleted(equal: Cast, shopify: Simulator) -> None:
    """An order with another day at Shopify is in no list of its day here, and yet is not deleted."""
    moved = some_order(shopify)
    day = local(shopify, moved)
    with shopify.live_shop().lock:
        moved.processed_at -= timedelta(days=400)
        # An order and its sales share a day.
        moved.agreements[0] = replace(moved.agreements[0], happened_at=moved.processed_at)
        shopify.live_shop().shop.revision += 1
    check(equal)
    assert rows_of(equal, moved)["sales"] != []
    (found,) = [one for one in compared(equal) if one.day == day]
    assert [(one.name, one.what) for one in found.orders] == [(moved.name, "moved")]


def test_without_read_all_orders_days_that_shopify_hides_are_left_alone(equal: Cast) -> None:
    change_store(equal, scopes=["read_orders", "read_products", "read_customers"])
    before = revision(equal)
    check(equal, whole=True)
    days = compared(equal)
    assert len(days) == 58
    assert {day.state for day in days} == {"equal"}
    assert revision(equal) == before


def test_where_reports_may_not_be_read_orders_are_counted_and_no_total_is_made_up(equal: Cast) -> None:
    change_store(equal, scopes=["read_orders", "read_all_orders"])
    check(equal)
    assert {(day.our_total, day.their_total) for day in compared(equal)} == {(None, None)}


def test_an_order_that_shopify_said_was_deleted_does_not_come_back_and_makes_the_day_differ_by_name(
    equal: Cast, shopify: Simulator
) -> None:
    deleted = some_order(shopify)
    write(equal.acme, Deleted(Kind.ORDER, deleted.order_id, NOW))
    check(equal)
    day = day_of(equal, shopify, deleted)
    assert (day.state, day.theirs, day.ours) == ("differs", 1, 0)
    assert [(one.name, one.what) for one in day.orders] == [(deleted.name, "deleted")]
    assert rows_of(equal, deleted)["sales"] == []


def test_an_order_that_was_only_taken_for_deleted_comes_back_whole(equal: Cast, shopify: Simulator) -> None:
    lost = some_order(shopify)
    before = rows_of(equal, lost)
    write(equal.acme, Deleted(Kind.ORDER, lost.order_id, NOW, is_inferred=True))
    assert rows_of(equal, lost)["sales"] == []
    check(equal)
    assert day_of(equal, shopify, lost).state == "repaired"
    assert rows_of(equal, lost) == before
    assert rows(equal.acme, Deletion) == []


def test_an_incident_in_which_shopify_gives_no_order_costs_none_for_longer_than_it_lasts(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    """The order is in no list, and asked for by its id there is none; the next night there is."""
    hidden = some_order(shopify)
    before = rows_of(equal, hidden)
    orders = dict(shopify.live_shop().shop.orders)
    delete_in_shopify(shopify, hidden)
    check(equal)
    assert [one.what for one in day_of(equal, shopify, hidden).orders] == ["gone"]
    by_owner(
        database_url,
        "UPDATE deletions SET deleted_at = now() - interval '1 day' WHERE shopify_id = %s",
        hidden.order_id,
    )
    with shopify.live_shop().lock:
        shopify.live_shop().shop.orders = orders
        shopify.live_shop().shop.revision += 1
    check(equal)
    assert rows_of(equal, hidden) == before
    assert day_of(equal, shopify, hidden).state == "repaired"


def test_an_order_that_is_listed_but_not_given_is_said_to_be_that(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    listed = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", listed.order_id)
    check(equal, transport=withholding(listed))
    assert [one.what for one in day_of(equal, shopify, listed).orders] == ["not fetched"]

    write(equal.acme, Deleted(Kind.ORDER, listed.order_id, NOW, is_inferred=True))
    check(equal, transport=withholding(listed))
    assert [one.what for one in day_of(equal, shopify, listed).orders] == ["taken for deleted"]


def withholding(order: Order) -> Altering:
    """Of one order Shopify, asked for it by its id, says that there is none."""

    def alter(answer: dict[str, Any]) -> None:
        if "nodes" in answer:
            answer["nodes"] = [node if node and node["id"] != gid(order) else None for node in answer["nodes"]]

    return Altering(alter)


def test_an_order_that_cannot_be_read_keeps_no_day_from_being_compared(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    damaged = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", damaged.order_id)
    check(equal, transport=damaging(damaged))
    day = day_of(equal, shopify, damaged)
    (unreadable,) = rows(equal.acme, UnreadableRecord)
    assert (unreadable["shopify_id"], unreadable["kind"]) == (damaged.order_id, "order")
    assert day.state == "differs"
    assert day.orders == (NamedOrder(damaged.order_id, damaged.name, "unreadable", unreadable["reason"]),)


def damaging(order: Order) -> Altering:
    """Shopify sends no totals of one order."""

    def alter(answer: dict[str, Any]) -> None:
        for node in answer.get("nodes") or ():
            if node and node["id"] == gid(order):
                node |= dict.fromkeys(("totalPriceSet", "originalTotalPriceSet"))

    return Altering(alter)


def gid(order: Order) -> str:
    return f"gid://shopify/Order/{order.order_id}"


def test_a_repaired_day_stays_marked_with_its_repaired_orders(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    lost = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", lost.order_id)
    check(equal)
    first = day_of(equal, shopify, lost)
    check(equal)
    again = day_of(equal, shopify, lost)
    assert (again.state, again.orders, again.repaired_at) == ("repaired", first.orders, first.repaired_at)
    assert again.checked_at > first.checked_at


def test_a_day_with_an_order_in_another_currency_is_compared_by_its_orders_alone(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    other = some_order(shopify)
    for table in ("orders", "sales"):
        by_owner(database_url, f"UPDATE {table} SET currency = 'USD' WHERE order_id = %s", other.order_id)
    before = revision(equal)
    check(equal)
    day = day_of(equal, shopify, other)
    assert (day.state, day.ours, day.our_total, day.their_total) == ("equal", day.theirs, None, None)
    assert day.reason == (
        "1 order is in another currency than the store's: orders are counted, totals are not compared."
    )
    assert [each.reason for each in compared(equal)].count(None) == len(compared(equal)) - 1
    assert revision(equal) == before, "nothing was read again for a total that nobody can compare"
