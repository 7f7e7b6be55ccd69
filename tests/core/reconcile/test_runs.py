"""Runs of the check: who may ask, what they wait for, how they go on, and what ends them."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from core import reconcile
from core.database import StoreKey, tenant_session
from core.database.models import CheckRun, Customer, Product
from core.errors import InvalidInput, NotAllowed, NotFound
from core.metrics import Scope, health
from core.reconcile import runs
from core.reconcile.work import BROKEN
from core.shopify.documents import load
from core.simulator.http.simulator import Simulator
from core.sync.run_life import TRIES
from tests.cast import NOW, Cast
from tests.core.reconcile.checking import (
    LAST,
    SHOWN,
    ask,
    by_owner,
    change_store,
    check,
    check_jobs,
    compared,
    day_of,
    deleted_ids,
    end_check,
    local,
    some_order,
    work,
)
from tests.core.shopify.fakes import graphql_error, reply
from tests.core.transports import Wire, always
from tests.stored import row


def test_all_days_are_compared_when_asked_from_the_first_order_on(equal: Cast, shopify: Simulator) -> None:
    check(equal, whole=True)
    first = min(local(shopify, order) for order in shopify.live_shop().shop.orders.values())
    days = [day.day for day in compared(equal)]
    assert days[0] <= first
    assert len(days) == (LAST - days[0]).days + 1


def test_a_double_click_is_one_run(equal: Cast) -> None:
    first = ask(equal)
    assert ask(equal) == first
    assert len(runs.recent(equal.acme.key)) == 1


def test_a_run_that_is_stopped_goes_on_where_it_was(equal: Cast) -> None:
    run_id = ask(equal)
    stop = threading.Event()
    work(equal, run_id, transport=_StopsAfter(4, stop), stop=stop, slice_length=timedelta(minutes=2))
    (run,) = runs.recent(equal.acme.key)
    assert run.active
    assert 0 < run.days_done < run.days
    done = {day.day: day.checked_at for day in compared(equal)}
    work(equal, run_id, slice_length=timedelta(minutes=2))
    (run,) = runs.recent(equal.acme.key)
    assert (run.state, run.days_done) == ("succeeded", 60)
    after = {day.day: day.checked_at for day in compared(equal)}
    assert {day: after[day] for day in done} == done


def test_when_shopify_is_away_the_run_waits_and_says_so(equal: Cast) -> None:
    run_id = ask(equal)
    work(equal, run_id, transport=_Away())
    (run,) = runs.recent(equal.acme.key)
    assert run.active
    assert "Waiting: " in (run.error or "")
    work(equal, run_id, slice_length=timedelta(minutes=2))
    (run,) = runs.recent(equal.acme.key)
    assert (run.state, run.error) == ("succeeded", None)


def test_the_waits_of_a_run_no_longer_count_once_it_makes_progress(equal: Cast) -> None:
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
    for _ in range(TRIES):
        work(equal, run_id, transport=_Away())
    (run,) = runs.recent(equal.acme.key)
    assert run.state == "failed"


def test_an_unexpected_answer_fails_the_run_instead_of_ending_the_stores_checks(equal: Cast) -> None:
    run_id = ask(equal)
    work(equal, run_id, transport=always(lambda: reply({"data": {"d0": 5}})))
    (run,) = runs.recent(equal.acme.key)
    assert (run.state, run.error) == ("failed", BROKEN)
    check(equal)


def test_a_report_of_another_shape_leaves_the_orders_to_be_counted(equal: Cast) -> None:
    table = {"columns": [{"name": "day"}, {"name": "total_sales"}], "rows": [["2026-11-01"]]}
    report = reply({"data": {"shopifyqlQuery": {"parseErrors": [], "tableData": table}}})
    check(equal, transport=_Instead("day_totals", report))
    assert {(day.state, day.their_total) for day in compared(equal)} == {("equal", None)}


def test_a_run_that_lost_its_job_gets_a_new_one(equal: Cast, database_url: str) -> None:
    tenant_id, store_id = equal.acme.tenant_id, equal.acme.store_id
    run_id = reconcile.request_due(StoreKey(tenant_id, store_id), datetime.now(UTC))
    assert run_id is not None
    work(equal, run_id, slice_length=timedelta(0))
    by_owner(database_url, "DELETE FROM procrastinate_jobs WHERE (args ->> 'run_id')::bigint = %s", run_id)

    now = datetime.now(UTC)
    assert reconcile.request(equal.alice.actor, store_id, now) == run_id
    assert reconcile.request_due(StoreKey(tenant_id, store_id), now) is None
    assert check_jobs(database_url) == 0, "somebody may be at it"
    assert reconcile.request_due(StoreKey(tenant_id, store_id), now + timedelta(minutes=31)) == run_id
    assert reconcile.request(equal.alice.actor, store_id, now + timedelta(minutes=32)) == run_id
    assert check_jobs(database_url) == 1, "and one only"
    work(equal, run_id, slice_length=timedelta(minutes=2))
    (run,) = runs.recent(StoreKey(tenant_id, store_id))
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


def test_a_day_with_an_unexpected_answer_is_noted_and_the_others_are_compared(
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
    (run,) = runs.recent(equal.acme.key)
    assert (run.state, run.days_done) == ("failed", 0)


def test_after_a_wait_the_search_for_deleted_records_goes_on_where_it_was(equal: Cast, shopify: Simulator) -> None:
    shop = shopify.live_shop().shop
    bought = {order.customer_id for order in shop.orders.values()}
    with shopify.live_shop().lock:
        customer_id = next(number for number in shop.customers if number not in bought)
        del shop.customers[customer_id]
        product_id = next(iter(shop.products))
        del shop.products[product_id]
        shop.revision += 1
    run_id = ask(equal)
    work(equal, run_id, slice_length=timedelta(minutes=2), transport=_Instead("product_ids", reply({}, status=503)))
    assert (deleted_ids(equal, Customer), deleted_ids(equal, Product)) == ({customer_id}, set())

    wire = Wire()
    work(equal, run_id, transport=wire)
    assert deleted_ids(equal, Product) == {product_id}
    assert wire.of("customer_ids") == wire.of("day_counts") == []
    (run,) = runs.recent(equal.acme.key)
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
        run_id = reconcile.request_due(StoreKey(tenant_id, store_id), evening + timedelta(hours=hours))
        if run_id is not None:
            (run, *_) = runs.recent(StoreKey(tenant_id, store_id))
            end_check(StoreKey(tenant_id, store_id), run_id, evening + timedelta(hours=hours))
            whole.append(run.days > 60)
    assert len(whole) == 10
    assert whole == [True, *[False] * 6, True, False, False] or whole == [True, *[False] * 7, True, False]


def test_only_who_may_sync_can_ask_and_only_for_a_store_of_theirs(equal: Cast) -> None:
    with pytest.raises(NotAllowed):
        reconcile.request(equal.bob.actor, equal.acme.store_id, NOW)
    with pytest.raises(NotFound):
        reconcile.request(equal.charlie.actor, equal.acme.store_id, NOW)
    assert runs.recent(StoreKey(equal.charlie.tenant_id, equal.acme.store_id)) == ()


def test_a_store_that_is_not_complete_yet_is_not_compared(equal: Cast) -> None:
    change_store(equal, complete_until=None)
    with pytest.raises(InvalidInput, match="first sync"):
        ask(equal)
    assert reconcile.request_due(equal.acme.key, NOW) is None
    change_store(equal, complete_until=NOW, state="reconnect")
    with pytest.raises(InvalidInput, match="connect it again"):
        ask(equal)


def test_days_of_one_tenant_are_not_anothers(equal: Cast) -> None:
    check(equal)
    with tenant_session(equal.charlie.tenant_id) as session:
        assert health.days(session, Scope(equal.acme.key), SHOWN) == ()


class _StopsAfter(HTTPAdapter):
    """A network that stops the worker after some requests."""

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
