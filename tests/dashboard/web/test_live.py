"""Open pages get the news of their store at once, and of no other tenant's."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from starlette.requests import Request

from core import accounts, stores
from core.database import StoreKey, tenant_session
from core.database.models import Store
from dashboard.web import cookies, live
from tests.cast import Cast, Person, sign_in
from tests.end_to_end.processes import wait_until


def request(token: str, store_id: int) -> Request:
    headers = [(b"cookie", f"{cookies.session_cookie()}={token}".encode())] if token else []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "path_params": {"store_id": store_id}}
    return Request(scope)


def store_of(person: Person) -> StoreKey:
    return stores.list_stores(person.tenant_id)[0].key


def bump(store: StoreKey) -> None:
    with tenant_session(store.tenant_id) as session:
        session.execute(update(Store).where(store.owns(Store)).values(revision=Store.revision + 1))


async def status(token: str, store_id: int) -> int:
    return (await live.stream(request(token, store_id))).status_code


def test_a_stream_needs_a_session(cast: Cast) -> None:
    store = store_of(cast.alice)
    assert asyncio.run(status("", store.store_id)) == 401
    assert asyncio.run(status("no-such-token", store.store_id)) == 401
    assert asyncio.run(status(sign_in(cast.alice), store.store_id)) == 200


@pytest.mark.parametrize("number", [0, 999_999_999, 1 << 70])
def test_there_is_no_stream_of_a_store_that_does_not_exist(cast: Cast, number: int) -> None:
    assert asyncio.run(status(sign_in(cast.alice), number)) == 404


def test_the_store_of_another_tenant_has_no_stream_here(cast: Cast) -> None:
    assert asyncio.run(status(sign_in(cast.charlie), cast.acme.store_id)) == 404
    assert asyncio.run(status(sign_in(cast.alice), cast.globex.store_id)) == 404


async def after_first_event(token: str, store: StoreKey, change: object) -> list[str]:
    answer = await live.stream(request(token, store.store_id))
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


def test_a_new_revision_reaches_the_page_at_once(cast: Cast) -> None:
    store = store_of(cast.alice)
    received = asyncio.run(after_first_event(sign_in(cast.alice), store, lambda: bump(store)))
    assert received[-1] == f"data: {stores.fingerprint(stores.find(store))}\n\n"
    assert received[1] != received[-1]


def test_signing_out_elsewhere_ends_the_stream(cast: Cast) -> None:
    token, store = sign_in(cast.alice), store_of(cast.alice)
    received = asyncio.run(after_first_event(token, store, lambda: accounts.revoke(token, datetime.now(UTC))))
    assert received[-1].startswith("event: ended")


def test_the_thread_that_listens_ends_after_the_last_page_and_starts_again(cast: Cast) -> None:
    store = store_of(cast.alice)
    for _ in range(2):
        received = asyncio.run(after_first_event(sign_in(cast.alice), store, lambda: bump(store)))
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
