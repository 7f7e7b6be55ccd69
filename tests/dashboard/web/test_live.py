"""Open pages get the news of their store at once, and of no other tenant's."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, event, update
from starlette.requests import Request

from core import accounts, stores
from core.accounts import Theme
from core.database import StoreKey, news, system_session, tenant_session
from core.database.models import Membership, Store
from core.errors import NotSignedIn, StoreNotFound
from core.sync import run_life, runs
from dashboard.web import cookies, live, stamps
from dashboard.web.live_access import Access, Question, Reader, answer_all
from tests.cast import Cast, Person, sign_in
from tests.end_to_end.processes import wait_until


def request(token: str, topic: int | str | None, method: str = "GET") -> Request:
    headers = [(b"cookie", f"{cookies.session_cookie()}={token}".encode())] if token else []
    named = {} if topic is None else {"topic": str(topic)}
    return Request({"type": "http", "method": method, "path": "/", "headers": headers, "path_params": named})


def store_of(person: Person) -> StoreKey:
    return stores.list_stores(person.tenant_id)[0].key


def bump(store: StoreKey) -> None:
    with tenant_session(store.tenant_id) as session:
        session.execute(update(Store).where(store.owns(Store)).values(revision=Store.revision + 1))


async def status(token: str, topic: int | str | None) -> int:
    return (await live.stream(request(token, topic))).status_code


def test_a_stream_needs_a_session(cast: Cast) -> None:
    store = store_of(cast.alice)
    assert asyncio.run(status("", store.store_id)) == 401
    assert asyncio.run(status("no-such-token", store.store_id)) == 401
    assert asyncio.run(status(sign_in(cast.alice), store.store_id)) == 200
    for topic in (None, "stores"):
        assert asyncio.run(status("", topic)) == 401
        assert asyncio.run(status(sign_in(cast.alice), topic)) == 200


@pytest.mark.parametrize("number", [0, -1, 999_999_999, 1 << 70, "9" * 5000, "x", "٣", "1 OR 1=1"])
def test_there_is_no_stream_of_a_store_that_does_not_exist(cast: Cast, number: int | str) -> None:
    assert asyncio.run(status(sign_in(cast.alice), number)) == 404


def test_the_store_of_another_tenant_has_no_stream_here(cast: Cast) -> None:
    assert asyncio.run(status(sign_in(cast.charlie), cast.acme.store_id)) == 404
    assert asyncio.run(status(sign_in(cast.alice), cast.globex.store_id)) == 404


async def after_first_event(token: str, topic: int | str | None, change: object) -> list[str]:
    answer = await live.stream(request(token, topic))
    events = answer.body_iterator.__aiter__()  # type: ignore[attr-defined]
    received = [await anext(events), await anext(events)]
    await asyncio.sleep(1)  # the listener connects with the first subscriber
    await asyncio.to_thread(change)  # type: ignore[arg-type]
    for _ in range(3):
        received.append(await asyncio.wait_for(anext(events), 10))
        if received[-1] not in received[:-1]:
            break
    await events.aclose()
    return received


def stamps_of(event: str) -> dict[str, str]:
    stamps: dict[str, str] = json.loads(event.removeprefix("data: "))
    return stamps


def test_a_new_revision_reaches_the_page_at_once(cast: Cast) -> None:
    store = store_of(cast.alice)
    received = asyncio.run(after_first_event(sign_in(cast.alice), store.store_id, lambda: bump(store)))
    before, after = stamps_of(received[1]), stamps_of(received[-1])
    assert after["store"] == stores.fingerprint(stores.find(store)) != before["store"]
    assert {name for name in after if after[name] != before[name]} == {"store"}


def test_a_new_order_is_data_of_the_tenant_and_no_change_of_its_settings(cast: Cast) -> None:
    store = store_of(cast.alice)
    received = asyncio.run(after_first_event(sign_in(cast.alice), "stores", lambda: bump(store)))
    before, after = stamps_of(received[1]), stamps_of(received[-1])
    assert {name for name in after if after[name] != before[name]} == {"data"}


def test_a_sync_that_begins_and_its_progress_reach_pages_without_a_store(cast: Cast) -> None:
    store = store_of(cast.alice)

    async def request_and_note() -> list[dict[str, str]]:
        answer = await live.stream(request(sign_in(cast.alice), "stores"))
        events = answer.body_iterator.__aiter__()  # type: ignore[attr-defined]
        await anext(events)
        received = [stamps_of(await anext(events))]
        await asyncio.sleep(1)
        run_id = await asyncio.to_thread(runs.request, store, runs.Trigger.BUTTON, datetime.now(UTC))
        while received[-1]["runs"] == received[0]["runs"]:
            received.append(stamps_of(await asyncio.wait_for(anext(events), 10)))
        await asyncio.to_thread(note_heartbeat, runs.key_of(store, run_id))
        progress = received[-1]["progress"]
        while received[-1]["progress"] == progress:
            received.append(stamps_of(await asyncio.wait_for(anext(events), 10)))
        await events.aclose()
        return received

    received = asyncio.run(request_and_note())
    changed = [
        {name for name in after if after[name] != before[name]}
        for before, after in pairwise(received)
        if after != before
    ]
    assert changed == [{"runs", "progress"}, {"progress"}]


def test_the_progress_of_a_run_wakes_the_pages_that_show_runs_and_no_report(cast: Cast) -> None:
    store = store_of(cast.alice)
    data, work = news.data_of(store.tenant_id), news.work_of(store.tenant_id)

    async def request_and_bump() -> tuple[bool, bool, bool]:
        with (
            live.LISTENER.subscribed(frozenset({data})) as report,
            live.LISTENER.subscribed(frozenset({data, work})) as runs_page,
        ):
            await asyncio.sleep(1)
            report.changed.clear()
            await asyncio.to_thread(runs.request, store, runs.Trigger.BUTTON, datetime.now(UTC))
            await asyncio.wait_for(runs_page.changed.wait(), 10)
            was_awake = report.changed.is_set()
            await asyncio.to_thread(bump, store)
            await asyncio.wait_for(report.changed.wait(), 10)
            return was_awake, runs_page.changed.is_set(), report.changed.is_set()

    assert asyncio.run(request_and_bump()) == (False, True, True)


def note_heartbeat(run: run_life.RunKey[Any]) -> None:
    with tenant_session(run.store.tenant_id) as session:
        run_life.note(session, run, datetime.now(UTC))


@pytest.mark.parametrize("of_store", [True, False])
def test_signing_out_elsewhere_ends_the_stream(cast: Cast, of_store: bool) -> None:
    token, store_id = sign_in(cast.alice), store_of(cast.alice).store_id if of_store else None
    received = asyncio.run(after_first_event(token, store_id, lambda: accounts.revoke(token, datetime.now(UTC))))
    assert received[-1].startswith("event: ended")


def test_a_theme_saved_in_another_browser_reaches_this_one(cast: Cast) -> None:
    save = partial(accounts.save_theme, cast.alice.user_id, Theme.DARK)
    received = asyncio.run(after_first_event(sign_in(cast.alice), None, save))
    assert (stamps_of(received[1])["theme"], stamps_of(received[-1])["theme"]) == ("system", "dark")


def test_a_head_request_ends_at_once(cast: Cast) -> None:
    answer = asyncio.run(live.stream(request(sign_in(cast.alice), None, "HEAD")))
    assert (answer.status_code, answer.body) == (200, b"")


def test_the_thread_that_listens_ends_after_the_last_page_and_starts_again(cast: Cast) -> None:
    store = store_of(cast.alice)
    for _ in range(2):
        received = asyncio.run(after_first_event(sign_in(cast.alice), store.store_id, lambda: bump(store)))
        assert received[1] != received[-1]
        wait_until(
            lambda: "live news" not in {thread.name for thread in threading.enumerate()}, "it ends", seconds=10
        )


def test_a_flood_of_streams_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(cast.alice)

    async def flood() -> list[int]:
        answers = []
        for _ in range(live.MOST_OF_USER + 1):
            answer = await live.stream(request(token, store.store_id))
            answers.append(answer)
            if answer.status_code == 200:
                await anext(answer.body_iterator.__aiter__())  # type: ignore[attr-defined]
        return [answer.status_code for answer in answers]

    token = sign_in(cast.alice)
    assert asyncio.run(flood())[-1] == 429


def test_the_sessions_of_many_streams_are_read_together_and_each_gets_its_own_answer(cast: Cast) -> None:
    store = str(store_of(cast.alice).store_id)
    alice, charlie = sign_in(cast.alice), sign_in(cast.charlie)
    accounts.save_theme(cast.alice.user_id, Theme.DARK)
    asked = [Question(alice, store), Question(alice, None), Question(charlie, store), Question("nobody", store)]
    statements: list[str] = []

    def count(*arguments: Any) -> None:
        statements.append(arguments[2])

    async def read() -> list[Any]:
        reader = Reader()
        return await asyncio.gather(*(reader.read(question) for question in [*asked, *asked]))

    event.listen(Engine, "before_cursor_execute", count)
    try:
        first, second, third, fourth, *again = asyncio.run(read())
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert [first, second, third, fourth] == again
    assert (first.session.user_id, first.stamps["theme"]) == (cast.alice.user_id, "dark")
    assert second.stamps == {"theme": "dark"}
    assert isinstance(third, StoreNotFound), "another tenant's store"
    assert isinstance(fourth, NotSignedIn)
    assert sum("user_sessions" in statement for statement in statements) == 1


def test_a_removed_member_and_a_changed_role_are_noticed_at_the_next_check(cast: Cast) -> None:
    store = str(store_of(cast.alice).store_id)
    question = Question(sign_in(cast.bob), store)
    now = datetime.now(UTC)
    before = answer_all([question], now)[question]
    assert isinstance(before, Access)
    with system_session() as session:
        session.execute(delete(Membership).where(Membership.user_id == cast.bob.user_id))
    assert isinstance(answer_all([question], now)[question], NotSignedIn)


@pytest.mark.parametrize(("clock", "wait"), [(90.0, 45), (100.0, 35), (134.5, 45.5), (134.9999, 45.0001)])
def test_all_streams_check_their_sessions_at_the_same_moment(clock: float, wait: float) -> None:
    assert live.seconds_to_check(clock) == pytest.approx(wait)
    assert live.seconds_to_check(clock) <= live.CHECK_SECONDS + 1


@pytest.mark.parametrize(
    ("zone", "now", "seconds"),
    [
        ("Europe/Berlin", "2026-11-27T22:59:50Z", 10),
        ("America/New_York", "2026-11-28T04:59:59Z", 1),
        ("Europe/Berlin", "2026-11-27T12:00:00Z", live.CHECK_SECONDS),
        ("Europe/Berlin", "2026-10-25T22:59:50Z", 10),  # a day of 25 hours
        ("America/Havana", "2026-03-08T04:59:50Z", 10),  # midnight does not exist: the day begins at 01:00
    ],
)
def test_a_page_rolls_over_at_midnight_in_its_stores_zone(cast: Cast, zone: str, now: str, seconds: float) -> None:
    """Without a timer in the browser, so that a laptop that slept through midnight is right as soon as it wakes."""
    store = replace(stores.find(cast.acme.key), time_zone=ZoneInfo(zone))
    instant = datetime.fromisoformat(now)
    assert live.seconds_to_midnight([store], instant) == seconds
    before, after = (
        stamps.stamp_store(store, Theme.SYSTEM, instant + timedelta(seconds=wait)) for wait in (0, seconds)
    )
    assert (before["day"] != after["day"]) == (seconds < live.CHECK_SECONDS)
