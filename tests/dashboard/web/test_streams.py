"""Files that are sent as they come: browsers that stop reading, go away, or ask for too many at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from core.errors import DatabaseUnavailable
from dashboard.web import refusals
from dashboard.web.streams import Download, Places

Messages = list[Any]


class File:
    """Counts the sent pieces of a file, notes its end. A `slow` file blocks its reader at the second piece."""

    def __init__(self, count: int = 3, slow: bool = False, fails_at: int | None = None) -> None:
        self.sent, self.count, self.fails_at = 0, count, fails_at
        self.closed = False
        self.moves_on = threading.Event()
        if not slow:
            self.moves_on.set()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.sent:
            assert self.moves_on.wait(10)
        if self.sent == self.fails_at:
            raise DatabaseUnavailable("The database does not answer", retry_after=3)
        if self.sent >= self.count:
            raise StopIteration
        self.sent += 1
        return b"x"

    def cancel(self) -> None:
        self.count = 0
        self.moves_on.set()

    def close(self) -> None:
        self.closed = True


def places(process: int = 9, tenant: int = 9, user: int = 9, wait_seconds: float = 0.05) -> Places:
    return Places({"process": process, "tenant": tenant, "user": user}, wait_seconds)


def send_file(
    file: File,
    where: Places,
    send: Callable[[Any], Awaitable[None]],
    receive: Callable[[], Awaitable[Any]] | None = None,
    user: int = 1,
    tenant: int = 1,
) -> Any:
    names = ("process", f"tenant {tenant}", f"user {user}")
    download = Download(file, where, names, refusals.respond, {}, "text/csv", write_seconds=0.1)
    return download({"type": "http"}, receive or stays, send)


async def stays() -> Any:
    await asyncio.sleep(60)


def reader(messages: Messages) -> Callable[[Any], Awaitable[None]]:
    async def send(message: Any) -> None:
        messages.append(message)

    return send


def test_a_file_is_sent_whole_and_its_place_and_connection_are_given_back() -> None:
    file, messages, where = File(), Messages(), places(process=1)

    async def twice() -> None:
        await send_file(file, where, reader(messages))
        await send_file(File(), where, reader(Messages()))

    asyncio.run(twice())
    assert messages[0]["status"] == 200
    assert [message.get("body") for message in messages[1:]] == [b"x", b"x", b"x", b""]
    assert file.closed


def test_a_browser_that_stops_reading_ends_its_file_and_frees_its_place() -> None:
    file, where = File(), places(process=1)

    async def unread(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    async def then_another() -> Messages:
        began = time.monotonic()
        await send_file(file, where, unread)
        assert time.monotonic() - began < 5
        messages = Messages()
        await send_file(File(), where, reader(messages))
        return messages

    assert asyncio.run(then_another())[0]["status"] == 200
    assert file.closed


def test_a_browser_that_reads_too_slowly_for_too_long_ends_its_file() -> None:
    file = File(count=10_000)

    async def slowly(_message: Any) -> None:
        await asyncio.sleep(0.01)

    download = Download(file, places(), ("process",), refusals.respond, {}, "text/csv", whole_seconds=0.1)
    asyncio.run(download({"type": "http"}, stays, slowly))
    assert file.closed
    assert 0 < file.sent < 100


def test_a_browser_that_goes_away_ends_the_statement_that_it_waits_for() -> None:
    file, messages = File(slow=True), Messages()

    async def goes() -> Any:
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    began = time.monotonic()
    asyncio.run(send_file(file, places(), reader(messages), goes))
    assert time.monotonic() - began < 5
    assert file.closed
    assert messages[-1].get("body") == b"x", "nothing is sent to who has gone"


@pytest.mark.parametrize(
    ("most", "others"),
    [
        ({"user": 2}, [{}, {}]),
        ({"tenant": 2}, [{"user": 2}, {"user": 3}]),
        ({"process": 2}, [{"user": 2, "tenant": 2}, {"user": 3, "tenant": 3}]),
    ],
    ids=["user", "tenant", "process"],
)
def test_too_many_downloads_at_once_are_refused_with_the_time_to_wait(
    most: dict[str, int], others: list[dict[str, int]]
) -> None:
    files, messages, where = [File(slow=True) for _ in others], Messages(), places(**most)

    async def one_too_many() -> None:
        busy = [
            asyncio.create_task(send_file(file, where, reader(Messages()), **who))
            for file, who in zip(files, others, strict=True)
        ]
        await asyncio.sleep(0.05)
        await send_file(File(), where, reader(messages))
        for file in files:
            file.cancel()
        await asyncio.gather(*busy)

    asyncio.run(one_too_many())
    assert messages[0]["status"] == 429
    assert (b"retry-after", b"10") in messages[0]["headers"]
    assert messages[1]["body"].startswith(b"Too many downloads are running; wait until one has finished")


def test_a_file_waits_for_a_place_that_is_freed_soon() -> None:
    first, messages, where = File(slow=True), Messages(), places(user=1, wait_seconds=10)

    async def both() -> None:
        busy = asyncio.create_task(send_file(first, where, reader(Messages())))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(send_file(File(), where, reader(messages)))
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.gather(busy, waiting)

    asyncio.run(both())
    assert messages[0]["status"] == 200


def test_a_file_that_cannot_be_begun_is_refused_and_one_that_breaks_off_is_left_without_its_end() -> None:
    refused, broken = Messages(), Messages()
    file = File(fails_at=1)
    asyncio.run(send_file(File(fails_at=0), places(), reader(refused)))
    asyncio.run(send_file(file, places(), reader(broken)))
    assert refused[0]["status"] == 503
    assert (b"retry-after", b"3") in refused[0]["headers"]
    assert broken[0]["status"] == 200
    assert broken[-1]["more_body"]
    assert file.closed
