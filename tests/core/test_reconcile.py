"""Each day is compared with Shopify's own count: what is missing is fetched, what is gone is taken out, and named."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import delete, text, update

from core import ingest, reconcile, stores
from core.clients import store_client
from core.db import tenant_session
from core.demo.model import Order
from core.demo.simulator import Simulator
from core.demo.truth import truth
from core.errors import InvalidInput, NotAllowed, NotFound
from core.metrics import Scope, health
from core.metrics.health import Day, NamedOrder
from core.models import Checkout, CheckRun, Customer, Deletion, Product, Store, UnreadableRecord
from core.models import Order as StoredOrder
from core.periods import Period
from core.reconcile import runs
from core.records import Deleted, Kind
from core.shopify import reading
from core.shopify.documents import load
from tests.cast import NOW, Cast
from tests.core.shopify.fakes import graphql_error, reply
from tests.core.transports import Wire, always
from tests.factories import checkout, order
from tests.stored import row, rows, write

SCOPES = ["read_orders", "read_products", "read_customers", "read_all_orders", "read_reports"]
LAST = date(2026, 11, 19)
"""The day before the present of these tests."""
SHOWN = Period(date(2026, 1, 1), LAST, ZoneInfo("Europe/Berlin"))


@pytest.fixture
def equal(connected: Cast, shopify: Simulator) -> Cast:
    """Acme's store, with all that its shop has, and scopes for everything."""
    cast = connected
    with store_client(cast.acme.tenant_id, cast.acme.store_id) as client:
        pages = list(_everything(client))
    with tenant_session(cast.acme.tenant_id) as session:
        for page in pages:
            ingest.write(session, cast.acme.tenant_id, cast.acme.store_id, page.records, NOW)
    _change_store(cast, complete_until=NOW, scopes=SCOPES, shop_created_at=shopify.live().shop.created_at)
    return cast


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
    real = truth(shopify.live().shop)
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
        known = health.counted(session, Scope(equal.acme.tenant_id, equal.acme.store_id), SHOWN)
    assert sum(one.orders for one in known.values()) == len(
        [order for order in shopify.live().shop.orders.values() if local(shopify, order) <= LAST]
    )


def test_what_is_repaired_of_an_order_puts_right_the_later_day_of_its_refund_too(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    lost = some_order(shopify)
    shopify.refund(lost.order_id, at=datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC))
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", lost.order_id)
    check(equal)
    assert day_of(equal, shopify, lost).state == "repaired"
    its_refunds = compared(equal)[-1]
    assert (its_refunds.day, its_refunds.state) == (LAST, "equal")
    assert its_refunds.our_total == truth(shopify.live().shop).by_day[LAST].total_sales


def test_who_asks_has_today_compared_too_and_the_night_leaves_it_for_the_next(equal: Cast) -> None:
    by_hand = ask(equal)
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert (run.days, run.last_day) == (60, LAST + timedelta(days=1))
    assert runs.recent_days(stores.find(equal.acme.tenant_id, equal.acme.store_id), NOW) == 60
    runs.finish(equal.acme.tenant_id, by_hand, NOW)
    reconcile.request_due(equal.acme.tenant_id, equal.acme.store_id, NOW)
    (by_schedule, _) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert (by_schedule.trigger, by_schedule.last_day) == ("schedule", LAST)


def test_customers_and_products_that_are_gone_without_a_word_are_taken_out(equal: Cast, shopify: Simulator) -> None:
    shop = shopify.live().shop
    with shopify.live().lock:
        left = next(
            each for each in shop.customers if all(order.customer_id != each for order in shop.orders.values())
        )
        del shop.customers[left]
        sold = {line.product_id for order in shop.orders.values() for line in order.lines}
        product_id = next(iter(shop.products))
        del shop.products[product_id]
        shop.revision += 1
    assert product_id in sold, "what it sold stays in the numbers"
    check(equal)
    assert gone(equal, Customer) == {left}
    assert gone(equal, Product) == {product_id}
    before = revision(equal)
    check(equal)
    assert revision(equal) == before


def test_orders_of_a_customer_who_was_merged_without_a_word_go_to_the_one_who_stayed(
    equal: Cast, shopify: Simulator
) -> None:
    shop = shopify.live().shop
    merged, kept = sorted({order.customer_id for order in shop.orders.values() if order.customer_id})[:2]
    theirs = {order.order_id for order in shop.orders.values() if order.customer_id == merged}
    with shopify.live().lock:
        for order_id in theirs:
            shop.orders[order_id].customer_id = kept
        del shop.customers[merged]
        shop.revision += 1
    check(equal)
    assert {each["customer_id"] for each in rows(equal.acme, StoredOrder) if each["order_id"] in theirs} == {kept}


def test_orders_of_a_customer_who_came_and_was_merged_unheard_of_go_to_the_one_who_stayed(
    equal: Cast, shopify: Simulator
) -> None:
    shop = shopify.live().shop
    unheard_of, kept = sorted({order.customer_id for order in shop.orders.values() if order.customer_id})[:2]
    theirs = {order.order_id for order in shop.orders.values() if order.customer_id == unheard_of}
    forget(equal, unheard_of)
    with shopify.live().lock:
        for order_id in theirs:
            shop.orders[order_id].customer_id = kept
        del shop.customers[unheard_of]
        shop.revision += 1
    check(equal)
    assert {each["customer_id"] for each in rows(equal.acme, StoredOrder) if each["order_id"] in theirs} == {kept}


def test_a_buyer_whom_shopify_has_and_nobody_here_knows_is_read(equal: Cast, shopify: Simulator) -> None:
    unheard_of = next(order.customer_id for order in shopify.live().shop.orders.values() if order.customer_id)
    forget(equal, unheard_of)
    check(equal)
    assert unheard_of in {each["customer_id"] for each in rows(equal.acme, Customer) if not each["deleted_at"]}


def test_what_somebody_left_who_came_and_went_unheard_of_is_nobodys(equal: Cast) -> None:
    write(equal.acme, checkout(customer_id=12345))
    check(equal)
    assert {each["customer_id"] for each in rows(equal.acme, Checkout)} == {None}


def test_after_a_buyer_whose_order_shopify_hides_it_is_asked_once(equal: Cast) -> None:
    """The order is too old to be shown, so whose it is now cannot be learned, however often it is asked for."""
    old = datetime(2025, 1, 1, 12, tzinfo=UTC)
    write(equal.acme, order(order_id=42, customer_id=12345, processed_at=old, created_at=old))
    first, second = Wire(), Wire()
    check(equal, transport=first)
    assert ["gid://shopify/Customer/12345"] in [asked["ids"] for asked in first.of("existing")]
    assert [asked["ids"] for asked in first.of("order_details")] == [["gid://shopify/Order/42"]]
    check(equal, transport=second)
    assert len(second.of("existing")) == 1, (
        "whether they are back, as is asked of all who were taken for gone at once"
    )
    assert second.of("order_details") == []
    assert [each["customer_id"] for each in rows(equal.acme, StoredOrder) if each["order_id"] == 42] == [12345]


def test_customers_and_products_that_were_only_taken_for_gone_come_back(equal: Cast, shopify: Simulator) -> None:
    customer_id = next(iter(shopify.live().shop.customers))
    product_id = next(iter(shopify.live().shop.products))
    before = rows(equal.acme, Customer), rows(equal.acme, Product)
    write(equal.acme, Deleted(Kind.CUSTOMER, customer_id, NOW, is_inferred=True))
    write(equal.acme, Deleted(Kind.PRODUCT, product_id, NOW, is_inferred=True))
    check(equal)
    assert (rows(equal.acme, Customer), rows(equal.acme, Product)) == before
    assert rows(equal.acme, Deletion) == []


def test_what_shopify_has_but_does_not_list_is_left_alone(equal: Cast) -> None:
    before = gone(equal, Customer), len(rows(equal.acme, Customer))
    check(equal, transport=_Hiding())
    assert (gone(equal, Customer), len(rows(equal.acme, Customer))) == before == (set(), 30)


class _Hiding(Wire):
    """Shopify neither counts nor lists one of the customers."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().send(request, *args, **kwargs)
        told = json.loads(answer.content)
        if "customersCount" in told["data"]:
            told["data"]["customersCount"]["count"] -= 1
        if "customers" in told["data"]:
            del told["data"]["customers"]["nodes"][3]
        answer._content = json.dumps(told).encode()
        return answer


def test_an_order_that_shopify_hides_but_still_has_is_not_taken_for_deleted(equal: Cast, shopify: Simulator) -> None:
    """An order with another day there than here is in nobody's list of the day, and is not gone."""
    moved = some_order(shopify)
    day = local(shopify, moved)
    with shopify.live().lock:
        moved.processed_at -= timedelta(days=400)
        shopify.live().shop.revision += 1
    check(equal)
    assert rows_of(equal, moved)["sales"] != []
    (found,) = [one for one in compared(equal) if one.day == day]
    assert [(one.name, one.what) for one in found.orders] == [(moved.name, "moved")]


def test_without_read_all_orders_days_that_shopify_hides_are_left_alone(equal: Cast) -> None:
    _change_store(equal, scopes=["read_orders", "read_products", "read_customers"])
    before = revision(equal)
    check(equal, whole=True)
    days = compared(equal)
    assert len(days) == 58
    assert {day.state for day in days} == {"equal"}
    assert revision(equal) == before


def test_where_reports_may_not_be_read_orders_are_counted_and_no_total_is_made_up(equal: Cast) -> None:
    _change_store(equal, scopes=["read_orders", "read_all_orders"])
    check(equal)
    assert {(day.our_total, day.their_total) for day in compared(equal)} == {(None, None)}


def test_an_order_that_shopify_said_was_deleted_does_not_come_back_and_makes_the_day_differ_by_name(
    equal: Cast, shopify: Simulator
) -> None:
    told = some_order(shopify)
    write(equal.acme, Deleted(Kind.ORDER, told.order_id, NOW))
    check(equal)
    day = day_of(equal, shopify, told)
    assert (day.state, day.theirs, day.ours) == ("differs", 1, 0)
    assert [(one.name, one.what) for one in day.orders] == [(told.name, "deleted")]
    assert rows_of(equal, told)["sales"] == []


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
    orders = dict(shopify.live().shop.orders)
    delete_in_shopify(shopify, hidden)
    check(equal)
    assert [one.what for one in day_of(equal, shopify, hidden).orders] == ["gone"]
    by_owner(
        database_url,
        "UPDATE deletions SET deleted_at = now() - interval '1 day' WHERE shopify_id = %s",
        hidden.order_id,
    )
    with shopify.live().lock:
        shopify.live().shop.orders = orders
        shopify.live().shop.revision += 1
    check(equal)
    assert rows_of(equal, hidden) == before
    assert day_of(equal, shopify, hidden).state == "repaired"


def test_an_order_that_is_listed_but_not_given_is_said_to_be_that(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    listed = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", listed.order_id)
    check(equal, transport=_Withholding(listed))
    assert [one.what for one in day_of(equal, shopify, listed).orders] == ["not fetched"]

    write(equal.acme, Deleted(Kind.ORDER, listed.order_id, NOW, is_inferred=True))
    check(equal, transport=_Withholding(listed))
    assert [one.what for one in day_of(equal, shopify, listed).orders] == ["taken for deleted"]


class _Withholding(Wire):
    """Of one order Shopify, asked for it by its id, says that there is none."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self._gid = f"gid://shopify/Order/{order.order_id}"

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().send(request, *args, **kwargs)
        told = json.loads(answer.content)
        if "nodes" in told["data"]:
            told["data"]["nodes"] = [
                node if node and node["id"] != self._gid else None for node in told["data"]["nodes"]
            ]
        answer._content = json.dumps(told).encode()
        return answer


def test_an_order_that_cannot_be_read_keeps_no_day_from_being_compared(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    damaged = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", damaged.order_id)
    check(equal, transport=_Damaging(damaged))
    day = day_of(equal, shopify, damaged)
    (told,) = rows(equal.acme, UnreadableRecord)
    assert (told["shopify_id"], told["kind"]) == (damaged.order_id, "order")
    assert day.state == "differs"
    assert day.orders == (NamedOrder(damaged.order_id, damaged.name, "unreadable", told["reason"]),)


class _Damaging(Wire):
    """Of one order Shopify tells no total."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self._gid = f"gid://shopify/Order/{order.order_id}"

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().send(request, *args, **kwargs)
        told = json.loads(answer.content)
        for node in told["data"].get("nodes") or ():
            if node and node["id"] == self._gid:
                node["totalPriceSet"] = None
        answer._content = json.dumps(told).encode()
        return answer


def test_a_repaired_day_stays_marked_with_what_was_repaired(
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


def test_all_days_are_compared_when_asked_from_the_first_order_on(equal: Cast, shopify: Simulator) -> None:
    check(equal, whole=True)
    first = min(local(shopify, order) for order in shopify.live().shop.orders.values())
    days = [day.day for day in compared(equal)]
    assert days[0] <= first
    assert len(days) == (LAST - days[0]).days + 1


def test_a_double_click_is_one_run(equal: Cast) -> None:
    first = ask(equal)
    assert ask(equal) == first
    assert len(runs.recent(equal.acme.tenant_id, equal.acme.store_id)) == 1


def test_a_run_that_is_stopped_goes_on_where_it_was(equal: Cast) -> None:
    run_id = ask(equal)
    stop = threading.Event()
    work(equal, run_id, transport=_StopsAfter(4, stop), stop=stop)
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert run.active
    assert 0 < run.days_done < run.days
    done = {day.day: day.checked_at for day in compared(equal)}
    work(equal, run_id)
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert (run.state, run.days_done) == ("succeeded", 60)
    after = {day.day: day.checked_at for day in compared(equal)}
    assert {day: after[day] for day in done} == done


def test_when_shopify_is_away_the_run_waits_and_says_so(equal: Cast) -> None:
    run_id = ask(equal)
    work(equal, run_id, transport=_Away())
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert run.active
    assert "Waiting to go on" in (run.error or "")
    work(equal, run_id)
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert (run.state, run.error) == ("succeeded", None)


def test_what_a_run_waited_for_is_forgiven_once_it_gets_on(equal: Cast) -> None:
    run_id = ask(equal)
    for _ in range(3):
        work(equal, run_id, transport=_Away())
        work(equal, run_id, transport=_Away())
        assert row(equal.acme, CheckRun)["attempts"] == 2
        work(equal, run_id, slice_length=timedelta(0))
        after = row(equal.acme, CheckRun)
        assert (after["attempts"], after["error"], after["state"]) == (0, None, "running")


def test_a_run_that_never_gets_on_is_given_up(equal: Cast) -> None:
    run_id = ask(equal)
    for _ in range(reconcile.TRIES):
        work(equal, run_id, transport=_Away())
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert run.state == "failed"


def test_an_answer_that_nobody_thought_of_fails_the_run_instead_of_ending_the_stores_checks(equal: Cast) -> None:
    run_id = ask(equal)
    work(equal, run_id, transport=always(lambda: reply({"data": {"d0": 5}})))
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert (run.state, run.error) == ("failed", reconcile.BROKEN)
    check(equal)


def test_a_report_of_another_shape_leaves_the_orders_to_be_counted(equal: Cast) -> None:
    table = {"columns": [{"name": "day"}, {"name": "total_sales"}], "rows": [["2026-11-01"]]}
    report = reply({"data": {"shopifyqlQuery": {"parseErrors": [], "tableData": table}}})
    check(equal, transport=_Instead("day_totals", report))
    assert {(day.state, day.their_total) for day in compared(equal)} == {("equal", None)}


def test_a_run_that_lost_its_job_gets_a_new_one(equal: Cast, database_url: str) -> None:
    tenant_id, store_id = equal.acme.tenant_id, equal.acme.store_id
    run_id = reconcile.request_due(tenant_id, store_id, datetime.now(UTC))
    assert run_id is not None
    work(equal, run_id, slice_length=timedelta(0))
    by_owner(database_url, "DELETE FROM procrastinate_jobs WHERE (args ->> 'run_id')::bigint = %s", run_id)

    now = datetime.now(UTC)
    assert reconcile.request(equal.alice.actor, store_id, now) == run_id
    assert reconcile.request_due(tenant_id, store_id, now) is None
    assert check_jobs(database_url) == 0, "somebody may be at it"
    assert reconcile.request_due(tenant_id, store_id, now + timedelta(minutes=31)) == run_id
    assert reconcile.request(equal.alice.actor, store_id, now + timedelta(minutes=32)) == run_id
    assert check_jobs(database_url) == 1, "and one only"
    work(equal, run_id)
    (run,) = runs.recent(tenant_id, store_id)
    assert (run.state, run.days_done) == ("succeeded", run.days)


def test_a_day_that_shopify_does_not_list_is_noted_with_the_reason_and_the_others_are_compared(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    lost = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", lost.order_id)
    check(equal, transport=_Instead("day_orders", graphql_error("BAD_REQUEST", "too long a list")))
    day = day_of(equal, shopify, lost)
    assert (day.state, day.theirs - day.ours if day.theirs else None) == ("uncompared", 1)
    assert "too long a list" in (day.reason or "")
    assert [one.state for one in compared(equal)].count("equal") == 58

    check(equal)
    day = day_of(equal, shopify, lost)
    assert (day.state, day.reason) == ("repaired", None)


def test_a_day_that_shopify_cannot_count_keeps_the_days_asked_for_with_it_from_nothing(equal: Cast) -> None:
    check(equal, transport=_Instead("day_counts", graphql_error("BAD_REQUEST", "not that day"), of="2026-11-02T"))
    odd = {day.day: (day.theirs, day.reason) for day in compared(equal) if day.state != "equal"}
    assert list(odd) == [date(2026, 11, 2), date(2026, 11, 3)], "whose bounds name it"
    assert all(theirs is None and "not that day" in (reason or "") for theirs, reason in odd.values())


def test_a_day_with_an_answer_that_nobody_thought_of_is_noted_and_the_others_are_compared(
    equal: Cast, shopify: Simulator, database_url: str
) -> None:
    lost = some_order(shopify)
    by_owner(database_url, "DELETE FROM orders WHERE order_id = %s", lost.order_id)
    check(equal, transport=_Instead("day_orders", reply({"data": {"orders": 5}})))
    assert day_of(equal, shopify, lost).state == "uncompared"
    assert [one.state for one in compared(equal)].count("equal") == 58


def test_a_run_that_is_no_longer_let_in_ends_at_once_with_the_reason(equal: Cast) -> None:
    run_id = ask(equal)
    work(equal, run_id, transport=always(lambda: reply({"errors": "Not Found"}, status=404)))
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert (run.state, run.days_done) == ("failed", 0)


def test_after_a_wait_what_was_looked_through_for_what_is_gone_is_not_looked_through_again(
    equal: Cast, shopify: Simulator
) -> None:
    shop = shopify.live().shop
    bought = {order.customer_id for order in shop.orders.values()}
    with shopify.live().lock:
        left = next(each for each in shop.customers if each not in bought)
        del shop.customers[left]
        product_id = next(iter(shop.products))
        del shop.products[product_id]
        shop.revision += 1
    run_id = ask(equal)
    work(equal, run_id, slice_length=timedelta(minutes=2), transport=_Instead("product_ids", reply({}, status=503)))
    assert (gone(equal, Customer), gone(equal, Product)) == ({left}, set())

    wire = Wire()
    work(equal, run_id, transport=wire)
    assert gone(equal, Product) == {product_id}
    assert wire.of("customer_ids") == wire.of("day_counts") == []
    (run,) = runs.recent(equal.acme.tenant_id, equal.acme.store_id)
    assert run.state == "succeeded"


class _Instead(Wire):
    """A document is answered so; where `of` is given, only if that is in its variables."""

    def __init__(self, document: str, answer: requests.Response, of: str = "") -> None:
        super().__init__()
        self._document, self._answer, self._of = load(document), answer, of

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        asked = json.loads(request.body or b"{}")
        if asked.get("query") != self._document or self._of not in json.dumps(asked["variables"]):
            return super().send(request, *args, **kwargs)
        self._answer.request, self._answer.url = request, request.url or ""
        return self._answer


def test_the_schedule_asks_once_a_night_and_for_all_days_once_a_week(equal: Cast) -> None:
    tenant_id, store_id = equal.acme.tenant_id, equal.acme.store_id
    evening = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    whole = []
    for hours in range(0, 24 * 9, 1):
        run_id = reconcile.request_due(tenant_id, store_id, evening + timedelta(hours=hours))
        if run_id is not None:
            (run, *_) = runs.recent(tenant_id, store_id)
            runs.finish(tenant_id, run_id, evening + timedelta(hours=hours))
            whole.append(run.days > 60)
    assert len(whole) == 10
    assert whole == [True, *[False] * 6, True, False, False] or whole == [True, *[False] * 7, True, False]


def test_only_who_may_sync_can_ask_and_only_for_a_store_of_theirs(equal: Cast) -> None:
    with pytest.raises(NotAllowed):
        reconcile.request(equal.bob.actor, equal.acme.store_id, NOW)
    with pytest.raises(NotFound):
        reconcile.request(equal.charlie.actor, equal.acme.store_id, NOW)
    assert runs.recent(equal.charlie.tenant_id, equal.acme.store_id) == ()


def test_a_store_that_is_not_complete_yet_is_not_compared(equal: Cast) -> None:
    _change_store(equal, complete_until=None)
    with pytest.raises(InvalidInput, match="first sync"):
        ask(equal)
    assert reconcile.request_due(equal.acme.tenant_id, equal.acme.store_id, NOW) is None
    _change_store(equal, complete_until=NOW, state="reconnect")
    with pytest.raises(InvalidInput, match="connect it again"):
        ask(equal)


def test_days_of_one_tenant_are_not_anothers(equal: Cast) -> None:
    check(equal)
    with tenant_session(equal.charlie.tenant_id) as session:
        assert health.days(session, Scope(equal.acme.tenant_id, equal.acme.store_id), SHOWN) == ()


class _StopsAfter(HTTPAdapter):
    """A network on which the worker is told to stop after some requests."""

    def __init__(self, requests_left: int, stop: threading.Event) -> None:
        super().__init__()
        self._left, self._stop = requests_left, stop

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._left -= 1
        if self._left <= 0:
            self._stop.set()
        return super().send(*args, **kwargs)


class _Away(HTTPAdapter):
    """A network on which Shopify asks to come back in an hour."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 503, request, request.url or ""
        answer.headers["Retry-After"] = "3600"
        answer._content = b"{}"
        return answer


def ask(cast: Cast, whole: bool = False) -> int:
    return reconcile.request(cast.alice.actor, cast.acme.store_id, NOW, whole)


def work(cast: Cast, run_id: int, **changes: Any) -> None:
    reconcile.work_on(cast.acme.tenant_id, cast.acme.store_id, run_id, **changes)


def check(cast: Cast, whole: bool = False, **changes: Any) -> None:
    """Compare the days before NOW, whatever was compared before."""
    run_id = ask(cast, whole)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(CheckRun).where(CheckRun.run_id == run_id).values(requested_at=datetime.now(UTC)))
    work(cast, run_id, slice_length=timedelta(minutes=2), **changes)
    (run, *_) = runs.recent(cast.acme.tenant_id, cast.acme.store_id)
    assert (run.state, run.error) == ("succeeded", None)


def gone(cast: Cast, model: type[Customer] | type[Product]) -> set[int]:
    """The ids of those that are marked as deleted."""
    key = "customer_id" if model is Customer else "product_id"
    return {each[key] for each in rows(cast.acme, model) if each["deleted_at"] is not None}


def forget(cast: Cast, customer_id: int) -> None:
    """As if the customer had never been read."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(delete(Customer).where(Customer.customer_id == customer_id))


def compared(cast: Cast) -> tuple[Day, ...]:
    with tenant_session(cast.acme.tenant_id) as session:
        return health.days(session, Scope(cast.acme.tenant_id, cast.acme.store_id), SHOWN)


def day_of(cast: Cast, shopify: Simulator, order: Order) -> Day:
    (found,) = [day for day in compared(cast) if day.day == local(shopify, order)]
    return found


def some_order(shopify: Simulator) -> Order:
    """A paid order of the last weeks, of which nothing came back."""
    return next(
        order
        for order in reversed(list(shopify.live().shop.orders.values()))
        if not order.test
        and not order.refunds
        and not order.is_edited
        and date(2026, 10, 1) < local(shopify, order) < LAST
    )


def local(shopify: Simulator, order: Order) -> date:
    return shopify.live().shop.local(order.processed_at).date()


def placed_by_day(shopify: Simulator) -> dict[date, list[Order]]:
    found: dict[date, list[Order]] = {}
    for each in shopify.live().shop.orders.values():
        found.setdefault(local(shopify, each), []).append(each)
    return found


def delete_in_shopify(shopify: Simulator, order: Order) -> None:
    with shopify.live().lock:
        del shopify.live().shop.orders[order.order_id]
        shopify.live().shop.revision += 1


def by_owner(database_url: str, statement: str, order_id: int) -> None:
    """As somebody at the database's own prompt, whom no policy binds."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(statement, (order_id,))


def check_jobs(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        found = owner.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_days'").fetchone()
        return found[0] if found else 0


def rows_of(cast: Cast, order: Order) -> dict[str, list[dict[str, Any]]]:
    found = {}
    with tenant_session(cast.acme.tenant_id) as session:
        for table in ("orders", "line_items", "shipping_lines", "sales"):
            query = text(f"SELECT * FROM {table} WHERE order_id = :order_id ORDER BY 4, 5")
            rows = session.execute(query, {"order_id": order.order_id}).mappings()
            # An order that is read by its id comes with Shopify's ledger; that is more, not something else.
            found[table] = [{name: row[name] for name in row if name != "agreements"} for row in rows]
    return found


def revision(cast: Cast) -> int:
    with tenant_session(cast.acme.tenant_id) as session:
        found = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert found is not None
        return found.revision


def _change_store(cast: Cast, **values: Any) -> None:
    mine = (Store.tenant_id == cast.acme.tenant_id, Store.store_id == cast.acme.store_id)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).where(*mine).values(**values))


def _everything(client: Any) -> Iterator[reading.Page]:
    for page_of in (reading.products_page, reading.customers_page, reading.orders_page):
        after = None
        while True:
            page = page_of(client, "", after, 50)
            yield page
            if not page.has_next:
                break
            after = page.end_cursor
