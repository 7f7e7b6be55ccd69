"""Sync runs as rows: who may ask, that two are never at once, and what pages show of one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from core import stores
from core.accounts import Actor, Role
from core.database import StoreKey, tenant_session
from core.database.jobs import Task, enqueue
from core.database.models import SyncRun
from core.errors import InvalidInput, NotAllowed, RunLost
from core.sync import run_life, runs
from core.sync.runs import PageCounts, RunView
from tests.cast import NOW, Cast, add_member
from tests.stored import row

RUN = RunView(
    run_id=1,
    store_id=1,
    trigger="button",
    state="running",
    requested_at=NOW,
    started_at=NOW,
    finished_at=None,
    records_done=0,
    records_total=None,
    attempts=0,
    error=None,
)


def jobs(database_url: str) -> list[dict[str, int]]:
    with psycopg.connect(database_url) as owner:
        query = "SELECT args FROM procrastinate_jobs WHERE task_name = 'sync_store' ORDER BY id"
        return [args for (args,) in owner.execute(query)]


def waits(database_url: str) -> list[bool]:
    """Of each job, whether it waits for a later time."""
    with psycopg.connect(database_url) as owner:
        query = "SELECT coalesce(scheduled_at > now(), false) FROM procrastinate_jobs WHERE task_name = 'sync_store'"
        return [later for (later,) in owner.execute(query)]


def make_wait(cast: Cast, run_id: int, database_url: str) -> None:
    """Let the job wait, as after trouble with Shopify."""
    with psycopg.connect(database_url) as owner:
        owner.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'sync_store'")
    with tenant_session(cast.acme.tenant_id) as session:
        delay = timedelta(minutes=10)
        enqueue(session, Task.SYNC_STORE, cast.acme.key, delay, run_id=run_id)


def ask(cast: Cast, minutes: float = 0) -> int:
    return runs.request(cast.acme.key, "button", NOW + timedelta(minutes=minutes))


def latest(cast: Cast) -> RunView:
    return runs.recent(cast.acme.key, limit=1)[0]


def test_asking_for_a_sync_makes_a_run_and_its_job_together(cast: Cast, database_url: str) -> None:
    run_id = runs.request_sync(cast.alice.actor, cast.acme.store_id, NOW)

    assert latest(cast) == replace(RUN, run_id=run_id, store_id=cast.acme.store_id, state="queued", started_at=None)
    assert jobs(database_url) == [{**cast.acme.key.parameters, "run_id": run_id}]


def test_a_double_click_a_schedule_and_a_command_at_once_are_one_run(cast: Cast, database_url: str) -> None:
    asked = {
        runs.request(cast.acme.key, trigger, NOW)
        for trigger in ("button", "button", "schedule", "command", "connect")
    }

    assert len(asked) == 1
    assert len(jobs(database_url)) == 1


def test_the_run_of_one_store_does_not_keep_another_from_having_one(cast: Cast) -> None:
    ask(cast)

    assert runs.request(cast.globex.key, "button", NOW) != ask(cast)


def test_a_viewer_may_not_sync_and_an_analyst_may(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="ask an owner to start a sync"):
        runs.request_sync(cast.bob.actor, cast.acme.store_id, NOW)
    add_member(cast.alice.actor, cast.dana.email, Role.ANALYST, NOW)

    assert runs.request_sync(Actor(cast.dana.user_id, cast.acme.tenant_id), cast.acme.store_id, NOW)


@pytest.mark.parametrize("why", ["disconnected", "reconnect", "not there"])
def test_a_store_that_is_not_connected_cannot_be_synced(cast: Cast, why: str, database_url: str) -> None:
    tenant_id, store_id = cast.acme.tenant_id, cast.acme.store_id
    if why == "disconnected":
        stores.delete_credentials(StoreKey(tenant_id, store_id), NOW)
    elif why == "reconnect":
        stores.mark_reconnect(StoreKey(tenant_id, store_id), "x")
    else:
        store_id = cast.globex.store_id

    with pytest.raises(InvalidInput, match=r"not connected; connect it again on the Stores page, then sync\."):
        runs.request(StoreKey(tenant_id, store_id), "button", NOW)
    assert jobs(database_url) == []


def test_a_run_that_lost_its_job_gets_a_new_one_with_the_next_request(cast: Cast, database_url: str) -> None:
    """Its job gave up while the database was away, say; else the store would never sync again."""
    run_id = ask(cast)

    assert ask(cast, minutes=29) == run_id
    assert len(jobs(database_url)) == 1
    assert ask(cast, minutes=31) == run_id
    assert ask(cast, minutes=32) == run_id
    assert len(jobs(database_url)) == 2, "and one only"


def test_a_waiting_run_goes_on_at_once_when_a_person_asks_and_not_when_the_schedule_does(
    cast: Cast, database_url: str
) -> None:
    run_id = ask(cast)
    make_wait(cast, run_id, database_url)

    assert runs.request(cast.acme.key, "schedule", NOW) == run_id
    assert waits(database_url) == [True]
    assert ask(cast) == run_id
    assert waits(database_url) == [False]


def test_a_run_that_is_canceled_while_it_waits_does_not_make_the_next_one_wait(cast: Cast, database_url: str) -> None:
    make_wait(cast, ask(cast), database_url)

    assert runs.cancel(cast.alice.actor, cast.acme.store_id, NOW)
    ask(cast)

    assert waits(database_url) == [False, False]


def test_a_run_that_is_worked_on_is_left_alone(cast: Cast, database_url: str) -> None:
    run_id = ask(cast)
    with tenant_session(cast.acme.tenant_id) as session:
        assert runs.claim(session, runs.key_of(cast.acme.key, run_id), NOW + timedelta(minutes=25))

    ask(cast, minutes=40)

    assert len(jobs(database_url)) == 1


def begin(cast: Cast, run_id: int, minutes: float = 0) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        assert runs.claim(session, runs.key_of(cast.acme.key, run_id), NOW + timedelta(minutes=minutes))


def end(cast: Cast, run_id: int, error: str | None = None) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        assert run_life.finish(session, runs.key_of(cast.acme.key, run_id), NOW, error)
    runs.queue_follow_up(cast.acme.key)


def test_all_clicks_during_a_run_request_one_run_that_follows_it(cast: Cast, database_url: str) -> None:
    """The one under way may have read past the orders that somebody waits for."""
    first = ask(cast)
    begin(cast, first)

    second, third = ask(cast, minutes=1), ask(cast, minutes=2)

    assert first != second == third
    assert [(run.run_id, run.state) for run in runs.recent(cast.acme.key)] == [
        (second, "queued"),
        (first, "running"),
    ]
    assert [each["run_id"] for each in jobs(database_url)] == [first], "its job comes when the first has ended"


@pytest.mark.parametrize("error", [None, "Shopify did not answer."])
def test_a_run_that_follows_another_gets_its_job_at_that_ones_end(
    cast: Cast, database_url: str, error: str | None
) -> None:
    first = ask(cast)
    begin(cast, first)
    second = ask(cast, minutes=1)
    runs.queue_follow_up(cast.acme.key)
    assert [each["run_id"] for each in jobs(database_url)] == [first]

    end(cast, first, error)
    end_again = [each["run_id"] for each in jobs(database_url)]
    runs.queue_follow_up(cast.acme.key)

    assert end_again == [each["run_id"] for each in jobs(database_url)] == [first, second]


def test_a_run_does_not_begin_while_another_of_its_store_is_under_way(cast: Cast) -> None:
    first = ask(cast)
    begin(cast, first)
    second = ask(cast, minutes=1)

    with tenant_session(cast.acme.tenant_id) as session, pytest.raises(RunLost):
        runs.claim(session, runs.key_of(cast.acme.key, second), NOW)
    end(cast, first)
    begin(cast, second, minutes=5)
    assert latest(cast).started_at == NOW + timedelta(minutes=5), "after the click"


def test_the_schedule_joins_a_run_under_way(cast: Cast) -> None:
    first = ask(cast)
    begin(cast, first)

    assert runs.request(cast.acme.key, "schedule", NOW) == first
    assert len(runs.recent(cast.acme.key)) == 1


def test_canceling_ends_the_running_and_the_queued_run(cast: Cast) -> None:
    first = ask(cast)
    begin(cast, first)
    ask(cast, minutes=1)

    assert runs.cancel(cast.alice.actor, cast.acme.store_id, NOW)
    assert {run.state for run in runs.recent(cast.acme.key)} == {"canceled"}
    assert not runs.cancel(cast.alice.actor, cast.acme.store_id, NOW)


def test_twenty_clicks_while_a_run_ends_leave_one_run_with_one_job(cast: Cast, database_url: str) -> None:
    """The later of the two, the click or the end of the run, sees the other."""
    first = ask(cast)
    begin(cast, first)
    with ThreadPoolExecutor(10) as pool:
        clicks = [pool.submit(ask, cast, 1) for _ in range(10)]
        ended = pool.submit(end, cast, first)
        more = [pool.submit(ask, cast, 1) for _ in range(10)]
        asked = {each.result() for each in (*clicks, *more)}
        ended.result()

    (follow_up,) = asked
    assert [each["run_id"] for each in jobs(database_url)] == [first, follow_up]


def test_a_run_is_claimed_until_it_has_ended(cast: Cast) -> None:
    key = runs.key_of(cast.acme.key, ask(cast))
    with tenant_session(cast.acme.tenant_id) as session:
        for minute in (1, 2):
            claimed = runs.claim(session, key, NOW + timedelta(minutes=minute))
            assert (claimed.state, claimed.started_at) == ("running", NOW + timedelta(minutes=1))
            assert claimed.heartbeat_at == NOW + timedelta(minutes=minute)
        assert run_life.finish(session, key, NOW)

        with pytest.raises(RunLost):
            runs.claim(session, key, NOW)
        with pytest.raises(RunLost):
            run_life.finish(session, key, NOW, error="late")
        with pytest.raises(RunLost):
            run_life.note_trouble(session, key, "late", NOW)
    assert (latest(cast).state, latest(cast).error) == ("succeeded", None)


def test_of_two_who_read_the_same_page_only_one_may_note_it(cast: Cast) -> None:
    run_id = ask(cast)
    with tenant_session(cast.acme.tenant_id) as session:
        run = runs.claim(session, runs.key_of(cast.acme.key, run_id), NOW)
        session.expunge(run)
        cursors = {"products": {"after": "abc", "done": False}}

        runs.note_page(session, run, cursors, PageCounts(50, 50, 3), NOW)
        with pytest.raises(RunLost):
            runs.note_page(session, run, cursors, PageCounts(50, 50, 3), NOW)

    kept = row(cast.acme, SyncRun)
    assert (kept["records_done"], kept["cursors"]) == (50, cursors)


def test_trouble_is_shown_and_counted_until_a_page_comes_through(cast: Cast) -> None:
    run_id = ask(cast)
    with tenant_session(cast.acme.tenant_id) as session:
        run = runs.claim(session, runs.key_of(cast.acme.key, run_id), NOW)
        session.expunge(run)
        waits = [
            run_life.note_trouble(session, runs.key_of(cast.acme.key, run_id), "Waiting.", NOW) for _ in range(2)
        ]
    assert waits == [1, 2]
    assert (latest(cast).error, latest(cast).attempts) == ("Waiting.", 2)

    with tenant_session(cast.acme.tenant_id) as session:
        runs.note_page(session, run, {"orders": {}}, PageCounts(1, 1, 1), NOW)
    assert (latest(cast).error, latest(cast).attempts) == (None, 0)


def test_past_runs_are_shown_newest_first(cast: Cast) -> None:
    ids = []
    for minute in range(3):
        ids.append(ask(cast, minute))
        with tenant_session(cast.acme.tenant_id) as session:
            run_life.finish(session, runs.key_of(cast.acme.key, ids[-1]), NOW, error="broke" if minute == 1 else None)

    found = runs.recent(cast.acme.key)

    assert [(run.run_id, run.state) for run in found] == [
        (ids[2], "succeeded"),
        (ids[1], "failed"),
        (ids[0], "succeeded"),
    ]
    assert len(runs.recent(cast.acme.key, limit=2)) == 2
    assert runs.last_requested(cast.acme.key) == NOW + timedelta(minutes=2)
    assert runs.last_requested(cast.globex.key) is None


@pytest.mark.parametrize(
    ("done", "total", "state", "share"),
    [
        (0, None, "queued", None),
        (0, None, "running", None),
        (50, 0, "running", None),
        (0, 200, "running", 0.0),
        (50, 200, "running", 0.25),
        (250, 200, "running", 1.0),
        (0, 0, "succeeded", 1.0),
        (50, 200, "failed", 0.25),
    ],
)
def test_how_much_of_a_run_is_done(done: int, total: int | None, state: str, share: float | None) -> None:
    assert replace(RUN, records_done=done, records_total=total, state=state).share == share


def test_how_long_the_rest_takes_is_reckoned_from_the_pace_so_far() -> None:
    quarter = replace(RUN, records_done=50, records_total=200)
    now = NOW + timedelta(minutes=2)

    assert quarter.eta(now) == timedelta(minutes=6)
    assert replace(quarter, records_done=200).eta(now) == timedelta(0)
    assert replace(quarter, records_done=0).eta(now) is None
    assert replace(quarter, started_at=None).eta(now) is None
    assert replace(quarter, state="queued").eta(now) is None


@pytest.mark.parametrize(
    ("state", "active"), [("queued", True), ("running", True), ("succeeded", False), ("failed", False)]
)
def test_a_run_is_active_until_it_has_ended(state: str, active: bool) -> None:
    assert replace(RUN, state=state).active is active
